"""
Finding a case (查找) by whom it is for, by part of its number or by its item: within what somebody may see, and written down.

What is typed is never kept and stands in no address: the record of access says who looked, when, by what kind of thing and why.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db.models import OuterRef, QuerySet

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.identifiers import BadIdentifier, upgrade_15
from tongban.cases import told_of
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.told_of import Kind
from tongban.catalogue import queries as catalogue
from tongban.kernel import accesses
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import numbers
from tongban.procedures.models import RowByRow
from tongban.procedures.newest import Newest, Place
from tongban.procedures.tracing import Trace, token

MOST: Final = 60  # characters that are looked at
WORDS: Final = 6
COUNTED: Final = 1000  # traces of a word, to tell which is the rarest
_PERSONAL = frozenset(Kind) - {Kind.NUMBER}


class Why(StrEnum):
    """Why somebody looks for a case (事由)."""

    WORK = "work"
    ASKED = "asked"
    HOTLINE = "hotline"
    SUPERVISION = "supervision"


WHYS: Final[Mapping[Why, str]] = MappingProxyType({
    Why.WORK: "办理业务", Why.ASKED: "申请人到场或来电查询", Why.HOTLINE: "答复12345等转办", Why.SUPERVISION: "督查核查",
})  # fmt: skip
BY: Final[Mapping[str, str]] = MappingProxyType({"person": "按人", "number": "按编号", "item": "按事项"})
BY_PERSON: Final = "find-person-"
_ENDS: Final = (4, 8, 9)  # characters of a number that are found by themselves: `told_of.ends_of`
# How the record of access calls each way of looking, by the word that it keeps.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {f"find-{by}-{why}": f"查找办件：{BY[by]}，事由“{WHYS[why]}”" for by in BY for why in Why}
)


class NothingToFind(InvalidInput):
    """What was typed is too little, too much, or of no kind by which cases are found."""

    code = "nothing_to_find"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was understood: for each word the tokens of which a case has one; the offerings that items are of."""

    words: tuple[frozenset[str], ...]
    offerings: frozenset[str] | None  # None: no item was named
    by: str  # a word of BY


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cases, newest first; where the next begins."""

    rows: list[Case]
    following: Place | None
    by: str
    words: int


def may_find(actor: Actor) -> bool:
    """Return whether somebody's post has to do with cases, so that they may look for them."""
    return actor.may(Permission.CASE_CONTENT) or actor.may(Permission.CASE_SUPERVISE)


def find(
    text: str, *, by: Actor, at: datetime, why: str, after: Place | None = None, limit: int = 30
) -> Found:
    """
    Return the cases that `by` may see and that fit every word of `text`, newest first, once the look-up is written down.

    Raises:
        NotPermitted: the post has nothing to do with cases. NothingToFind: as named; nothing is written down then.
        InvalidInput: no such reason. NotRecorded, StorageFull: it cannot be written down, so nothing is shown.
    """
    if not may_find(by):
        raise NotPermitted("没有查找：您的岗位不办理、也不督办办件。请由经办或督办岗位查找。")
    if why not in set(Why):
        raise InvalidInput("没有查找：请选择查找的事由。")
    wanted = understood(text)
    accesses.write_now(noting.row(by, at=at, doing=f"find-{wanted.by}-{why}"))
    found = Case.objects.all()
    if wanted.offerings is not None:
        found = found.filter(
            offering__in=wanted.offerings
        )  # by no index: begun with it, all cases of an item would be read
    ranked = sorted(wanted.words, key=_held_by)
    for tokens in ranked[1:]:
        found = found.filter(RowByRow(Trace.objects.filter(matter=OuterRef("pk"), token__in=tokens)))
    ways: tuple[QuerySet[Trace], ...] = (
        tuple(Trace.objects.filter(token=one) for one in sorted(ranked[0])) if ranked else ()
    )
    rows, following = Newest(found, by, NAME, traced=ways or None).page(after, limit)
    return Found(rows, following, wanted.by, len(wanted.words) + (wanted.offerings is not None))


def understood(text: str) -> Wanted:
    """
    Return what is looked for: names, numbers, telephones, parts of case numbers, items, in any order.

    Raises:
        NothingToFind: as named.
    """
    typed = unicodedata.normalize("NFKC", text).split()
    if not typed or len(text) > MOST or len(typed) > WORDS:
        raise NothingToFind(
            f"没有查找：请填写姓名、证件号后六位、手机号、编号的一段或事项，最多 {WORDS} 个词、{MOST} 个字。"
        )
    words, offerings, personal = list[frozenset[str]](), None, False
    for word in typed:
        codes = _offerings(word)
        if codes:
            offerings = codes if offerings is None else offerings & codes
            continue
        for kinds in _values(word):
            personal |= any(kind in _PERSONAL for kind, _ in kinds)
            words.append(frozenset(token(str(kind), value) for kind, value in kinds))
    by = "person" if personal else "number" if words else "item"
    return Wanted(tuple(dict.fromkeys(words)), offerings, by)


def _offerings(word: str) -> frozenset[str] | None:
    """Return the offerings whose name or everyday name holds a word; None where it is a number, or no item's."""
    if len(word) < told_of.SHORTEST or any(one.isdigit() for one in word):
        return None
    return frozenset(catalogue.search(word).values_list("code", flat=True)) or None


def _values(word: str) -> list[set[tuple[Kind, str]]]:
    """Return what a word may be, for each part of it that a case has to have."""
    plain = told_of.tidy(word)
    if re.search(r"\d", plain) and plain.isascii():
        return [_numbers(word, plain)]
    if plain.isascii() and len(plain) in _ENDS:
        # Five in a hundred numbers end in letters only, and read like a foreign name.
        return [{(Kind.RUN if len(plain) <= told_of.LONGEST else Kind.NAME, plain), (Kind.NUMBER, plain)}]
    if len(plain) < told_of.SHORTEST:
        raise NothingToFind("没有查找：姓名请至少填写两个字，也可以再加证件号后六位或手机号。")
    if len(plain) <= told_of.LONGEST:
        return [{(Kind.RUN, plain)}]
    # Longer than what is found by itself: every run of it has to be there.
    step = told_of.LONGEST
    starts = [*range(0, len(plain) - step, step), len(plain) - step]
    return [{(Kind.RUN, plain[at : at + step])} for at in starts]


def _numbers(word: str, plain: str) -> set[tuple[Kind, str]]:
    try:
        return {(Kind.NUMBER, one.random + one.check) for one in [numbers.parse(word)]}
    except numbers.BadNumber:
        pass
    found: set[tuple[Kind, str]] = set()
    if re.fullmatch(r"1\d{10}", plain):
        found.add((Kind.MOBILE, plain))
    if re.fullmatch(r"\d{17}[\dX]", plain):
        found.add((Kind.ID, plain))
    if re.fullmatch(r"[0-9A-Z]{18}", plain):
        found.add((Kind.USCC, plain))
    if re.fullmatch(r"\d{15}", plain):
        found |= _old(plain)
    if re.fullmatch(r"\d{5}[\dX]", plain):
        found.add((Kind.ID_END, plain))
    if re.fullmatch(r"\d{4}", plain):
        found.add((Kind.MOBILE_END, plain))
    found |= {(Kind.NUMBER, one) for one in _of_a_number(word, plain)}
    if not found:
        raise NothingToFind(
            "没有查找：这段数字不是证件号（全部或后六位）、手机号（全部或后四位）、统一社会信用代码，也不是编号的一段"
            "（8 位的一组，或最后几组）。请核对位数。"
        )
    return found


def _old(plain: str) -> set[tuple[Kind, str]]:
    try:
        return {(Kind.ID, upgrade_15(plain))}
    except BadIdentifier:
        return set()


def _of_a_number(word: str, plain: str) -> set[str]:
    """Return by which parts a case number is found of which somebody typed the last groups, or the one that tells."""
    read = plain.translate(str.maketrans("OIL", "011"))
    if len(read) in _ENDS:
        return {read}
    groups = [told_of.tidy(one).translate(str.maketrans("OIL", "011")) for one in re.split(r"[-—–…]+", word)]
    # The last of eight characters is what is drawn at random; the one before it is the day.
    eights = [one for one in groups if len(one) == 8]
    return {eights[-1]} if eights and len(groups) > 1 else set()


def _held_by(tokens: frozenset[str]) -> int:
    """Return how many cases have one of these, counted so far and no further."""
    return sum(Trace.objects.filter(token=one)[:COUNTED].count() for one in tokens)
