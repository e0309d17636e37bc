"""
What a human lets in is judged again: a release opens what followed in that chain, and the first of it that is not lawful
is parked in its turn (docs/protocol.md §12).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import SYSTEM
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.bounds import Known, is_first
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.journal.withholding import is_guard
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.procedures import branches, deciding, held_papers, judging
from tongban.procedures.standard_guards import open_parks
from tongban.procedures.words import Standard


class CannotPark(Exception):
    """There is no lawful way to say that an event waits for a human."""


def go_on(release: Step, at: datetime) -> list[Step]:
    """Return what a side has to put before its human next: what a release let in and is not lawful, or what it still holds back."""
    known = [*journal.events_of(release.event.subject), release.event]
    return _judge_again(release, known, at) or _still_held_back(release, known, at)


def _still_held_back(release: Step, known: Sequence[Event], at: datetime) -> list[Step]:
    """Put before a human anew what another park of this side holds back: a release closes whatever told of it."""
    role, hashes = release.event.role, {one.hash: one for one in known}
    for park_ in open_parks(release.after, role):
        parked = hashes[park_]
        named = hashes[parked.effects["withhold"]["hash"]]
        reason = str(parked.given.get("reason") or "fork")  # the body may be redacted by now
        try:
            return _say(release.after, known, reason, named, at, (role, release.event.term), None)
        except CannotPark:
            break  # it is held back all the same
    return []


def _judge_again(release: Step, known: Sequence[Event], at: datetime) -> list[Step]:
    event = release.event
    parked = next((one for one in known if one.hash == event.effects["release"]["park"]), None)
    if parked is None:
        return []
    place, struck = parked.effects["withhold"], event.effects["release"]["struck"]
    chain, first = place["chain"], place["seq"] if struck is None else struck
    # What this side parked once is decided, or still held back.
    asked = {
        one.effects["withhold"]["hash"]
        for one in known
        if one.role == event.role and one.effects.get("withhold")
    }
    unsettled = branches.unsettled(event.subject)
    behind = [one for one in known if one.chain == chain and one.seq > first and one.hash not in asked]
    for one in sorted(behind, key=lambda one: one.seq):
        before = [other for other in known if other is not one]
        why = "fork" if (chain, one.seq) in unsettled else verdict(release.after, before, one)
        if why:
            try:
                return park(release.after, known, why, one, at, role=event.role)
            except CannotPark:
                return []
    return []


def verdict(state: State, known: Sequence[Event], event: Event) -> str | None:
    """Return why an event is not lawful by the state its writer saw, or nothing."""
    try:
        view = judging.view_of(state, list(known), event)
    except fold.BrokenChain:
        return "saw_other_history"
    return objection(view, Known.of(list(known)), event)


def objection(view: State, known: Known, event: Event) -> str | None:
    """Return what this node has against an event, by the state its writer saw: that it is not lawful, or takes this node's own place."""
    if (event.effects.get("succeed") or {}).get("from") == identity.fingerprint():
        return "own_succession"  # whoever is there to read it is asked first
    return judging.verdict(
        view, known, event, lambda named: held_papers.terms_if_held(event.procedure, named)
    )


def park(
    state: State, known: Sequence[Event], reason: str, named: Event, at: datetime, role: str | None = None
) -> list[Step]:
    """
    Return the step by which our own side says that an event waits for a human, and why; none where it says so already,
    or where this node has no side. Raises CannotPark.

    What is withheld is named where it is of the other side's chain; a fork of our own chain, a park or release, and the event
    that began the matter are only put before a human.
    """
    own = identity.fingerprint()
    side = _side(state, known, named, own, role)
    if side is None:
        return []
    role = side[0]
    withhold: dict[str, Any] | None = None
    if named.role != role and not is_first(named) and not is_guard(named):
        withhold = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
    places = open_parks(state, role).values()
    # A succession counts behind whatever is held back, unless it is named itself.
    held = (named.chain, named.seq) in places or (
        not named.effects.get("succeed")
        and any(chain == named.chain and first <= named.seq for chain, first in places)
    )
    if state.fact(role, "parked") and (withhold is None or held):
        return []
    return _say(state, known, reason, named, at, side, withhold)


def _say(
    state: State, known: Sequence[Event], reason: str, named: Event, at: datetime, side: tuple[str, int],
    withhold: dict[str, Any] | None,
) -> list[Step]:  # fmt: skip
    """Return the act PARK of a side (role, term): what it withholds, or nothing where it is only put before a human."""
    (role, term), node = side, identity.me()
    if node.recovering:
        return []  # what this side had said to it comes back with the rest
    # What is withheld must not keep the park from being written: it is decided as if it stood already.
    view = state if withhold is None else fold.fold(
        state.procedure, state.subject, known, under=_provisional(role, term, withhold)
    )  # fmt: skip
    try:
        on = deciding.Occasion(
            by=SYSTEM, at=at, day=official_day(at), node=node.fingerprint, epoch=node.epoch, role=role, term=term,
            calendar=calendars.current(), terms=held_papers.terms_of(view),
        )  # fmt: skip
        given = {"reason": reason, "event": named.hash, "withhold": withhold}
        step = deciding.decide(view, Standard.PARK, on, given, known=known)
    except (DomainError, KeyError) as error:
        raise CannotPark(f"{type(error).__name__}") from error
    return [Step(state, step.event, step.after)]


def _side(
    state: State, known: Sequence[Event], named: Event, own: str, role: str | None
) -> tuple[str, int] | None:
    """Return the role and term in which this node speaks: what the event in question binds counts only where nothing else does."""
    in_question = {
        one.hash for one in known if one.chain == named.chain and one.seq >= named.seq and not is_guard(one)
    }
    before = fold.fold(state.procedure, state.subject, known, without=in_question)
    for roles in (before.roles, state.roles):
        for one in roles if role is None else (role,):
            if roles.get(one, {}).get("node") == own:
                return one, roles[one]["term"]
    return None


def _provisional(role: str, term: int, withhold: dict[str, Any]) -> Event:
    """Return as much of a park to come as the fold reads."""
    return Event(
        {"role": str(role), "term": term, "seq": 0, "hash": "", "effects": {"withhold": withhold}}, b""
    )
