"""
Which letter may be printed, from which act on, and by whom, asked by every desk and every page: the slips of the window, which are
drawn when they are printed, and the letters of the authority, which are files since they were issued.

A letter that was due once stays due: whoever lost theirs gets it again in every later state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.cases import checklist, queries
from tongban.cases.checklist import Checked
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.words import ADVERSE, Act, Mode
from tongban.catalogue.kinds import Kind
from tongban.kernel import vault
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.models import Content
from tongban.kernel.time import calendars
from tongban.letters import issued, printing, remedies, sources, window
from tongban.letters.contents import Slip
from tongban.letters.models import Issuer
from tongban.letters.sorts import SORTS
from tongban.letters.sources import LetterNotDue, Occasion
from tongban.procedures import queries as matters
from tongban.procedures import viewing
from tongban.procedures.rule import FILE

_NOT_REVIEWED: Final = frozenset({Kind.NOTARY, Kind.SERVICE})


class Reader(StrEnum):
    """For whom a letter is printed."""

    APPLICANT = "applicant"
    WINDOW = "window"
    AUTHORITY = "authority"
    VISITOR = "visitor"  # only what was issued: a slip is drawn from the form


_R = Reader
ALL: Final = frozenset({_R.APPLICANT, _R.WINDOW, _R.AUTHORITY})


@dataclass(frozen=True, slots=True)
class LetterRule:
    """
    One letter: what it is called, after which acts it is due, who may print it, and what it says.

    `attested`: only where that act carries what a window attested. `modes`: in which modes of handling.
    """

    title: str
    after: frozenset[Act]
    readers: frozenset[Reader]
    compose: Callable[[Occasion], Slip]
    attested: bool = False
    modes: frozenset[Mode] = frozenset(Mode)


LETTERS: Final[Mapping[str, LetterRule]] = {
    "receipt": LetterRule(
        "收件凭证", frozenset({Act.RECEIVE}), frozenset({_R.APPLICANT, _R.WINDOW}), window.receipt, attested=True
    ),
    "notice": LetterRule("一次性告知书", frozenset({Act.GIVE_NOTICE}), ALL, window.notice),
    "return": LetterRule(
        "退回申请材料通知书", frozenset({Act.RETURN}), frozenset({_R.APPLICANT, _R.WINDOW}), window.returned
    ),
    "handover": LetterRule(
        "材料交接清单", frozenset({Act.FORWARD}), frozenset({_R.WINDOW, _R.AUTHORITY}), window.handover,
        modes=frozenset(Mode) - {Mode.FULLY_ONLINE},
    ),
    "delivery": LetterRule(
        "送达回证", frozenset({Act.REFUSE, Act.DECIDE}), frozenset({_R.WINDOW, _R.AUTHORITY}), window.delivery
    ),
}  # fmt: skip


def issuers() -> list[dict[str, Any]]:
    """Return what is entered of the organisations that issue letters here, without their phrases."""
    names = ("organisation", "authority", "word", "review", "court", "review_url", "contact")
    return list(Issuer.objects.order_by("organisation").values(*names))


def remedies_end(case: Case) -> tuple[date, date] | None:
    """
    Return the last days for review and for court against a decision that weighs against the applicant, once it is served.

    None where there is no such decision, where it is not served yet, or where neither way is open (公证、公共服务).
    """
    confirmed = sources.last(case, Act.CONFIRM_DELIVERY) if case.outcome in ADVERSE else None
    if confirmed is None:
        return None
    guide = queries.guide_of(case)
    if guide is None or guide["kind"] in _NOT_REVIEWED:
        return None
    # Staff say on which day it was served; who confirms it for themselves has it then.
    served = confirmed.given.get("served_on") or case.facts["delivered_on"]
    return remedies.ends(date.fromisoformat(served), calendars.current().is_working)


def due(case: Case, *, by: Actor) -> dict[str, str]:
    """
    Return the letters of a case that `by` may print now, title by kind, those of the latest act first.

    By what the events name: nothing is opened. What has not arrived yet, or was destroyed, is not due.
    """
    if vault.is_destroyed(case.number):
        return {}
    reader, story = _reader(case, by), journal.events_of(case.number)
    here = set(Content.objects.filter(subject=case.number, complete=True).values_list("digest", flat=True))
    found = [
        (one.place, one.kind, one.title) for one in issued.of_case(case) if reader and one.digest in here
    ]
    found += [
        (place, kind, rule.title)
        for kind, rule in LETTERS.items()
        if reader & rule.readers and (place := _place(case, story, rule)) is not None
        and {piece["digest"] for piece in story[place].content if not piece["label"].startswith(FILE)} <= here
    ]  # fmt: skip
    return {kind: title for _, kind, title in sorted(found, key=lambda one: one[0], reverse=True)}


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter as a file, under its title."""

    title: str
    pdf: bytes


def printed(kind: str, case: Case, *, by: Actor, at: datetime) -> Printed:
    """
    Return a letter of a case for `by` to print: as it was issued, or, what a window hands out, drawn now. That it was read is written down.

    Raises:
        as `compose` and `printing.pdf`. ContentMissing, ContentDestroyed: it is not here.
    """
    one = next((one for one in issued.of_case(case) if one.kind == kind), None)
    if one is None:
        letter = compose(kind, case, by=by, at=at)
        return Printed(letter.head.title, printing.pdf(letter))
    if not _reader(case, by):
        raise NotPermitted(f"{one.title}不由您打印。请从办件页面选择列出的文书。")
    return Printed(one.title, viewing.read(case, one.digest, by=by, at=at)[2])


def compose(kind: str, case: Case, *, by: Actor, at: datetime) -> Slip:
    """
    Return what a slip of the window says, for `by` to print; that the form was read for it is written down.

    Raises:
        NotFound: no such letter. NotPermitted: it is not theirs, or they may not read the case's content.
        LetterNotDue: what it tells of has not happened. ContentMissing, ContentDestroyed: it is not here.
    """
    rule = LETTERS.get(kind)
    if rule is None:
        if kind in SORTS:
            raise LetterNotDue(f"办件 {case.number} 现在没有{SORTS[kind].title}：办理机关还没有签发。")
        raise NotFound("没有这种文书。请从办件页面选择要打印的文书。")
    matters.contents(case, by)  # asks for the right to read
    if not _reader(case, by) & rule.readers:
        raise NotPermitted(f"{rule.title}不由您打印。请从办件页面选择列出的文书。")
    story = journal.events_of(case.number)
    place = _place(case, story, rule)
    if place is None:
        raise LetterNotDue(f"办件 {case.number} 现在没有{rule.title}可以打印：{_missing(rule)}")
    return rule.compose(Occasion(case, story[place], by, at))


def lacking_still(case: Case, by: Actor) -> list[str]:
    """Return the codes of the checks that were answered "lacking" and not yet in order since."""
    lacking: dict[str, bool] = {}
    for checked in _attested(case, by):
        lacking |= {code: answer is checklist.Answer.LACKING for code, answer in checked.answers.items()}
    return [code for code, still in lacking.items() if still]


def remarks_of(case: Case, by: Actor) -> Mapping[str, str]:
    """Return why a material was found lacking, by check."""
    found: dict[str, str] = {}
    for checked in _attested(case, by):
        found |= checked.remarks or {}
    return found


def _place(case: Case, story: Sequence[Event], rule: LetterRule) -> int | None:
    """Return where in the story the latest act stands that a letter tells of; nothing before it is done."""
    if case.mode not in rule.modes:
        return None
    for place in range(len(story) - 1, -1, -1):
        attested = not rule.attested or any(one["label"] == checklist.LABEL for one in story[place].content)
        if story[place].kind in rule.after and attested:
            return place
    return None


def _reader(case: Case, by: Actor) -> frozenset[Reader]:
    if by.kind is ActorKind.APPLICANT:
        return frozenset({Reader.APPLICANT})
    if by.kind is ActorKind.VISITOR:
        return frozenset({Reader.VISITOR}) if by.matter == case.number else frozenset()
    places = {
        Reader.WINDOW: (case.intake_org, case.intake_centre), Reader.AUTHORITY: (case.handling_org, case.handling_centre),
    }  # fmt: skip
    return frozenset(reader for reader, own in places.items() if by.organisation and by.organisation in own)


def _missing(rule: LetterRule) -> str:
    acts = "、".join(sorted(RULES[act].title for act in rule.after))
    return "没有窗口收件记录。" if rule.attested else f"还没有“{acts}”。"


def _attested(case: Case, by: Actor) -> list[Checked]:
    return [
        checklist.read(matters.open_content(case, piece.digest, by)[2].decode())
        for piece in matters.contents(case, by)
        if piece.label == checklist.LABEL and piece.here
    ]
