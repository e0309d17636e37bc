"""
What a human lets in is judged again: a release opens what followed in that chain, and the first of it that is not lawful
is parked in its turn (docs/protocol.md §12).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.actor import SYSTEM
from tongban.cases import decision, judging, papers
from tongban.cases.guards import own_parks
from tongban.cases.words import Act, Role
from tongban.kernel import calendars, fold, identity, journal
from tongban.kernel.bounds import Known, is_first
from tongban.kernel.clock import official_day
from tongban.kernel.errors import DomainError
from tongban.kernel.events import Event
from tongban.kernel.fold import State, Step


def judge_again(release: Step, at: datetime) -> list[Step]:
    """Return the park of the first event that a release let in and that is not lawful by itself, if there is one."""
    event = release.event
    known = [*journal.events_of(event.subject), event]
    parked = next((one for one in known if one.hash == event.effects["release"]["park"]), None)
    if parked is None:
        return []
    place, struck = parked.effects["withhold"], event.effects["release"]["struck"]
    chain, first = place["chain"], place["seq"] if struck is None else struck
    behind = sorted((one for one in known if one.chain == chain and one.seq > first), key=lambda one: one.seq)
    for one in behind:
        before = [other for other in known if other is not one]
        why = verdict(release.after, before, one)
        if why:
            return park(release.after, known, why, one, at, role=Role(event.role))
    return []


def verdict(state: State, known: Sequence[Event], event: Event) -> str | None:
    """Return why an event is not lawful by the state its writer saw, or nothing."""
    try:
        view = judging.view_of(state, list(known), event)
    except fold.BrokenChain:
        return "saw_other_history"
    return judging.verdict(view, Known.of(list(known)), event, papers.terms_if_held)


def park(
    state: State, known: Sequence[Event], reason: str, named: Event, at: datetime, role: Role | None = None
) -> list[Step]:
    """
    Return the step by which our own side says that an event waits for a human, and why; none where it says so already,
    or where this node has no side.

    What is withheld is named where it is of the other side's chain; a fork of our own chain, and the event that began the
    matter, are only put before a human.
    """
    own = identity.fingerprint()
    role = role or next((one for one in Role if state.roles.get(one, {}).get("node") == own), None)
    if role is None:
        return []
    withhold: dict[str, Any] | None = None
    if named.role != role and not is_first(named):
        withhold = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
    open_parks = [place for place in own_parks(state, role).values() if place[2] is None]
    if state.fact(role, "parked") and (
        withhold is None or any(place[0] == named.chain for place in open_parks)
    ):
        return []
    node = identity.me()
    if node.recovering:
        return []  # what this side had said to it comes back with the rest
    place = decision.Place(
        node=own, epoch=node.epoch, role=role, term=state.roles[role]["term"], calendar=calendars.current()
    )
    try:
        terms = papers.terms_of(state)
        step = decision.decide(
            state, Act.PARK, by=SYSTEM, at=at, day=official_day(at), place=place, terms=terms,
            given={"reason": reason, "event": named.hash, "withhold": withhold}, known=known,
        )  # fmt: skip
    except DomainError:
        return []
    return [step]
