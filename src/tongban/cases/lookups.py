"""
Looking up by number: what somebody must have besides, and where it is found.

A number stands on papers, in queues and in addresses, so it proves nothing. Whoever asks also says the last four digits of a
telephone that the application gives, or the code that its owner was given (答复码).
"""

import hmac
import unicodedata
from typing import Final

from tongban.cases import answer_code, queries
from tongban.cases.models import Case
from tongban.cases.told_of import given
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.journal import writer as journal
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter

LAST: Final = 4  # digits of a telephone
_MOBILE: Final = "cn-mobile"


def look_up(typed: str, proof: str) -> Matter:
    """
    Return a case, or a matter that its applicant needs no account for, to whoever knows its number and has what proves more.

    The caller shows no more than phase, item, places and days.

    Raises:
        numbers.BadNumber: no number. NotFound: no such matter is held here, or `proof` is not that of it; which, nobody is told.
    """
    number = numbers.parse(typed)
    case = Case.objects.filter(number=str(number)).first()
    found = case or matters.opened_by_anybody(typed)
    # Both are asked of every number, of one that nobody has by another case: else the time would tell which exist.
    by_code = answer_code.fits(str(number), proof)
    by_telephone = ends_a_telephone(proof, case or Case.objects.order_by("-pk").first())
    if found is None or not (by_code or (by_telephone and case is not None)):
        raise NotFound(
            "没有查到：编号与所填的手机号后四位或答复码对不上，或这里没有这个办件。"
            "请核对后重试；申请时没有留手机号的，填答复码，或带身份证到收件地窗口查。"
        )
    return found


def ends_a_telephone(typed: str, case: Case | None) -> bool:
    """Return whether `typed` are the last four digits of a telephone that the form of a case gives, as far as it is here."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    fits = False
    for telephone in telephones(case) if case else ():
        fits |= hmac.compare_digest(telephone[-LAST:].encode(), digits.encode())
    return fits and len(digits) == LAST


def telephones(case: Case) -> list[str]:
    """Return the telephones that the form of a case gives; none where it is not here, not yet or no more. The caller asks who may know."""
    return form_gives(case, _MOBILE)


def form_gives(case: Case, written: str) -> list[str]:
    """Return what the form of a case gives in fields of a format, as `telephones`."""
    guide = queries.guide_of(case)
    pieces = [piece for event in journal.events_of(case.number) for piece in event.content]
    digest = next((str(piece["digest"]) for piece in reversed(pieces) if piece["label"] == "form"), "")
    if guide is None or not digest:
        return []
    try:
        return [one for _, one in given(guide["form"], materials.form_at(case.number, digest), written)]
    except DomainError:
        return []  # not here yet, or destroyed: the code is left
