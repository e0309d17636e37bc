"""
Whether an event within its bounds is lawful: by the state its writer saw, the papers it rests on, its place in time. Pure.

Asked when events of another node are adopted, and again by whoever verifies a dossier. Answers are codes
(docs/protocol.md §12, §18); the first that fails is the one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from tongban.accounts.access.actor import ActorKind
from tongban.kernel import limits
from tongban.kernel.crypto import canon
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import fold
from tongban.kernel.journal.bounds import Known, is_founding
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.numbers import ALPHABET
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.procedures import bindings, deciding, register
from tongban.procedures.circumstances import Circumstances, Terms
from tongban.procedures.effects.of_acts import effects_of
from tongban.procedures.effects.work import Moment
from tongban.procedures.papers_named import Papers, are_mappings, brought
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import Rule
from tongban.procedures.tables import TOLERANCE, Table

NO_CALENDAR = WorkingCalendar(())
# All of China keeps one official time, without summer time; a file alone must say so.
OFFICIAL = timezone(timedelta(hours=8))
SKEW = timedelta(minutes=TOLERANCE)

_PSEUDONYM = re.compile(rf"[{ALPHABET}]{{{limits.PSEUDONYM}}}|", re.ASCII)
_LABEL = re.compile(r"[a-z_]{1,40}|material:[0-9A-Za-z._-]{1,60}", re.ASCII)

type TermsOf = Callable[[Papers], Terms | None]


@dataclass(frozen=True, slots=True)
class Question:
    """What an event is judged by: what its writer saw, the row and papers that count, and the official day."""

    procedure: Procedure
    view: State
    event: Event
    rule: Rule
    table: Table
    terms: Terms
    terms_of: TermsOf
    day: date


def view_of(state: State, known: list[Event], event: Event) -> State:
    """
    Return the state that the writer of `event` saw: its own chain so far and what `seen` names, or those have seen.

    A park is seen as standing: what it withholds cannot keep it from being written.

    Raises:
        BrokenChain: what it says to have seen does not fit together.
    """
    seen = {chain: head[0] for chain, head in event.seen.items()} | {event.chain: event.seq - 1}
    parks = event.effects.get("withhold") is not None
    heads = {chain: head[0] for chain, head in state.heads.items()}
    if not parks and heads == {c: seq for c, seq in seen.items() if seq}:
        return state
    before = _with_what_they_saw(known, seen)
    return fold.fold(state.procedure, state.subject, before, under=event if parks else None)


def _with_what_they_saw(known: list[Event], seen: dict[str, int]) -> list[Event]:
    """Return the events up to `seen`, and what these have seen: who says to have seen less than before has seen it all the same."""
    while True:
        before = [other for other in known if other.seq <= seen.get(other.chain, 0)]
        more = {
            chain: head[0]
            for other in before
            for chain, head in other.seen.items()
            if head[0] > seen.get(chain, 0)
        }
        if not more:
            return before
        seen = seen | more


def verdict(view: State, known: Known, event: Event, terms_of: TermsOf) -> str | None:
    """Return why an event is not lawful, or nothing; `known` are the events before it."""
    wrong = disorder(known, event)
    if wrong:
        return wrong
    if event.body is None:
        return "redacted_unseen"
    procedure = register.find(event.procedure)
    if procedure is None:
        return "newer_rules"
    table = register.table(event.procedure, event.document["rules"]["digest"])
    why = _by_table(procedure, view, event, table or procedure.present, terms_of)
    # A table that is not known may say the same as ours; where it does not, a newer program has to judge.
    return "newer_rules" if why and table is None else why


def disorder(known: Known, event: Event) -> str | None:
    """Return the code of what is wrong with an event's place in time, or nothing."""
    before = known.places.get((event.chain, event.seq - 1))
    if before is not None:
        if event.document["at"] < before.document["at"]:
            return "time_backwards"
        if event.document["epoch"] < before.document["epoch"]:
            return "epoch_fell"
        if any(event.seen.get(chain, [0])[0] < head[0] for chain, head in before.seen.items()):
            return "seen_went_back"
    for chain, (seq, hash_) in event.seen.items():
        there = known.places.get((chain, seq))
        if there is None or there.hash != hash_:
            return "saw_other_history"
        if event.at < there.at - SKEW:
            return "before_what_it_saw"
    return None


def _by_table(procedure: Procedure, view: State, event: Event, table: Table, terms_of: TermsOf) -> str | None:
    rule = table.rules.get(event.kind)
    if rule is None:
        return "unknown_kind"
    if event.role not in table.roles or (rule.role is not None and event.role != rule.role):
        return "wrong_role"
    papers = _pinned(procedure, view, event)
    terms = terms_of(papers) if papers is not None else None
    if terms is None:
        return "unknown_terms"
    asked = Question(procedure, view, event, rule, table, terms, terms_of, official_day(event))
    for question in (_papers, _actor, _carried, _now, _effects):
        try:
            why = question(asked)
        except (DomainError, KeyError, TypeError, ValueError, AttributeError, IndexError):
            why = "not_allowed"
        if why:
            return why
    return None


def _pinned(procedure: Procedure, view: State, event: Event) -> Papers | None:
    """Return the papers that count for an event: its own where it brings some, else the matter's."""
    own = brought(view, event)
    found = own if own is not None else procedure.papers_of(view, procedure.founder)
    return found if are_mappings(found) else None


def official_day(event: Event) -> date:
    """Return the official day of an event."""
    return event.at.astimezone(OFFICIAL).date()


def _papers(q: Question) -> str | None:
    return "wrong_papers" if bindings.problem_of(q.procedure, q.view, q.event, q.terms_of, q.day) else None


def _actor(q: Question) -> str | None:
    """Whether somebody of that kind and place may have done it; their posts are the writer's own affair."""
    actor, rule, given = q.event.actor, q.rule, q.event.given
    people = {"staff": actor["staff"], "applicant": actor["applicant"]}
    others = [code for kind, code in people.items() if kind != actor["kind"] and code]
    if others or not all(_PSEUDONYM.fullmatch(code) for code in people.values()):
        return "wrong_actor"
    if actor["kind"] == ActorKind.SYSTEM:
        mode = deciding.mode_of(q.view, q.table, rule, given)
        fits = rule.is_of_system or mode in rule.automatic
    elif actor["kind"] == ActorKind.APPLICANT:
        themselves = actor["applicant"] and actor["applicant"] == q.view.fact(q.table.founder, "applicant")
        fits = rule.applicant and (rule.founds or bool(themselves))
    elif actor["kind"] == ActorKind.STAFF:
        bound = given["bind"] if rule.founds else q.view.roles.get(q.event.role, {})
        there = actor["org"] in (bound.get("org"), bound.get("office")) or (rule.overseers and actor["org"])
        fits = rule.permission is not None and bool(there)
    else:
        fits = False
    return None if fits else "wrong_actor"


def _carried(q: Question) -> str | None:
    """An event carries what its row names and nothing else: no place for a stray name or number."""
    rule, given = q.rule, q.event.given
    deciding.check_complete(q.view, rule, given, q.event.content)
    if given.keys() - {*rule.given, *rule.allows}:
        return "wrong_given"
    deciding.check_brings(q.view, rule, q.event.content)
    labels = [piece["label"] for piece in q.event.content]
    return None if all(_LABEL.fullmatch(label) for label in labels) else "wrong_given"


def _now(q: Question) -> str | None:
    event = q.event
    if q.rule.founds != is_founding(q.view, event):
        return "not_allowed"
    c = Circumstances(q.view, event.given, q.terms, q.day, event.role, event.term, q.table, event.actor)
    return "not_allowed" if deciding.find_fault(q.view, q.rule, c) else None


def _effects(q: Question) -> str | None:
    """Due dates are the writer's own affair: it may hold a newer calendar."""
    event = q.event
    moment = Moment(
        day=q.day, calendar=NO_CALENDAR, role=event.role, term=event.term, node=event.node, seq=event.seq,
        actor=event.actor,
    )  # fmt: skip
    expected = effects_of(q.view, q.rule, event.given, q.terms, q.table, moment)
    # As bytes: to Python, 1 and True are equal.
    right = canon.encode(_without_dues(event.effects)) == canon.encode(_without_dues(expected))
    return None if right else "other_effects"


def _without_dues(effects: Any) -> Any:
    """Drop what depends on the writer's calendar."""
    if isinstance(effects, Mapping):
        plain = {k: _without_dues(v) for k, v in effects.items() if k not in ("due", "calendar")}
        # Which dates an event sets is judged; which days they are is not.
        names = effects["due"] if isinstance(effects.get("due"), Mapping) else {}
        return plain | {f"due of {name}": True for name in names}
    if isinstance(effects, list):
        return [_without_dues(value) for value in effects]
    return effects


def is_in_future(event: Event, at: datetime) -> bool:
    """Return whether an event says it was written well after the receiver's clock."""
    return event.at > at.astimezone(UTC) + SKEW
