"""
Issuing a letter: made once, numbered, sealed, and content of the act that it tells of.

It is made before the transaction, with the number that is next; the transaction takes that number, or, if another act was
quicker, takes nothing, and the letter is made anew. So numbers have no gap, and nobody waits while a letter is drawn and signed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db.models import F

from tongban.accounts.access.actor import Actor
from tongban.cases import corrections, papers
from tongban.cases.models import Case
from tongban.kernel.crypto import digest as digests
from tongban.kernel.journal.fold import State
from tongban.letters import official, printing, seals, sorts
from tongban.letters.contents import Official, qr
from tongban.letters.issued import LABEL
from tongban.letters.models import Letter, Series
from tongban.letters.official import Occasion
from tongban.procedures import commands
from tongban.procedures import queries as matters
from tongban.procedures.practice import Made, Superseded

# Without those that are read for another: no I, L, O, U, 0, 1.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 10  # of a code: nobody guesses one of 28 to the tenth
PATH: Final = "/z/"


def occasion(
    state: State, after: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
) -> Occasion:  # fmt: skip
    """Return an act that is about to be done as letters see it; raises NotFound, ContentMissing where guide or form is not here."""
    row = Case.objects.get(number=state.subject)
    return Occasion(
        state, after, act, given, texts, by, at, papers.terms_of(state), corrections.latest_form(state.subject), matters.names(row)
    )  # fmt: skip


def draft_of(
    case: Case, act: str, *, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
) -> Official:  # fmt: skip
    """
    Return the letter that an act of a case would make, without its number and its seal, for whoever is about to issue it.

    Raises:
        as `procedures.commands.rehearsed` and `official.draft`.
    """
    after = commands.rehearsed(matter=case, act=act, by=by, at=at, given=given).after
    return official.draft(occasion(State.from_dict(case.state), after, act, by, at, given, texts))


def fingerprint(letter: Official) -> str:
    """Return what a page that showed a letter sends back: issued is what was shown."""
    said = {name: value for name, value in asdict(letter).items() if name != "at"}
    return digests.tagged("tongban-letter-shown/1", said)


def made_for(
    state: State, after: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
) -> Made:  # fmt: skip
    """Return the letter of an act that is about to be done, as the practice of cases asks for it; raises as `occasion` and `make`."""
    return make(occasion(state, after, act, by, at, given, texts))


def make(on: Occasion) -> Made:
    """
    Return the letter of an act: with its number, its code and the seal of its organisation.

    Raises:
        IssuerUnknown, RemedyMissing: as `official.draft`. FontsMissing, Busy: as `printing.archival`.
        SealMissing, SealExpired, SealRevoked, SealKeyLost: the seal cannot be used; nothing is decided without it.
    """
    drawn = official.draft(on)
    mark, kind = sorts.mark(on.name, str(on.guide["kind"])), str(on.guide["kind"])
    word = official.issuer_of(on.organisation, on.office).word
    last = (
        Series.objects.filter(organisation=on.organisation, mark=mark, year=on.day.year).values_list("last", flat=True).first()
    )  # fmt: skip
    serial = f"{word}{mark}〔{on.day.year}〕{(last or 0) + 1}号"
    code = code_of(on.before.subject, serial)
    finished = _finished(drawn, on, serial, code, sorts.sort(on.name, kind).seal)
    issued = Letter(
        subject=on.before.subject, kind=on.name, title=drawn.title, serial=serial, code=code,
        organisation=on.organisation, issued_on=on.day, digest=digests.of(finished),
    )  # fmt: skip
    remedies = official.remedies_of(drawn)
    return Made(
        keep=partial(_keep, issued, mark, on.day.year, last), given={"serial": serial},
        texts={"remedies": remedies} if remedies else {}, files={LABEL: finished},
    )  # fmt: skip


def code_of(number: str, serial: str) -> str:
    """Return the code by which a letter is checked: whoever holds the letter has it, nobody else can guess it."""
    value = int.from_bytes(hashlib.sha256(f"tongban-letter/1\n{number}\n{serial}".encode()).digest())
    code = ""
    while len(code) < LENGTH:
        value, place = divmod(value, len(ALPHABET))
        code += ALPHABET[place]
    return code


def _finished(drawn: Official, on: Occasion, serial: str, code: str, kind: str) -> bytes:
    """Return the file of a letter, drawn and sealed."""
    address = f"{settings.NODE.url.rstrip('/')}{PATH}"
    picture, width = seals.picture_of(on.organisation, kind, on.at)
    whole = replace(
        drawn, serial=serial, code=f"{code[:5]} {code[5:]}", check=address.split("://")[-1],
        qr=qr("", f"{address}?code={code}").svg, seal=picture, seal_mm=width,
    )  # fmt: skip
    return seals.seal(printing.archival(whole), on.organisation, kind, on.at, drawn.title)


def _keep(issued: Letter, mark: str, year: int, last: int | None) -> None:
    """Take the number that the letter bears; raises Superseded where another act was quicker."""
    series = Series.objects.filter(organisation=issued.organisation, mark=mark, year=year)
    if last is None:
        Series.objects.get_or_create(organisation=issued.organisation, mark=mark, year=year)
    if not series.filter(last=last or 0).update(last=F("last") + 1):
        raise Superseded(
            f"文号 {issued.serial} 刚被另一件文书取用，办件 {issued.subject} 未办理。请再按一次“签发”。"
        )
    issued.save(force_insert=True)
