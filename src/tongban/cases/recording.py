"""From steps to the journal: which row, which peers; and which case and role an actor means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind, Channel
from tongban.cases import projection, tables
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.kernel import journal, pseudonyms, writing
from tongban.kernel.errors import NotFound
from tongban.kernel.fold import State, Step
from tongban.kernel.prepared import Prepared

type CaseRef = str | Case


def visible(case: CaseRef, by: Actor) -> Case:
    """
    Return the case as stored now, if `by` may see it.

    Raises:
        NotFound: there is none, or none for `by`; the two are not told apart.
    """
    number = case if isinstance(case, str) else case.number
    row = _seen_by(by, number)
    if row is None:
        raise NotFound(f"没有办件 {number}，或您无权查看。请核对编号。")
    return row


# The two that come again and again; who supervises a division is asked for by the ORM as it comes.
_of_place = Prepared(
    lambda organisation, number: Case.objects.visible_to(
        Actor(ActorKind.STAFF, Channel.DESK, organisation=organisation)
    ).filter(number=number),
    str, str,
)  # fmt: skip
_of_applicant = Prepared(
    lambda applicant, number: Case.objects.visible_to(
        Actor(ActorKind.APPLICANT, Channel.WEB, applicant=applicant)
    ).filter(number=number),
    str, str,
)  # fmt: skip


def _seen_by(by: Actor, number: str) -> Case | None:
    if by.kind is ActorKind.STAFF and by.organisation and not by.supervises:
        return _of_place.first(by.organisation, number)
    if by.kind is ActorKind.APPLICANT and by.applicant:
        return _of_applicant.first(by.applicant, number)
    return Case.objects.visible_to(by).filter(number=number).first()


def within(by: Actor, subject: str) -> Actor:
    """Return the actor under the pseudonyms they have in one matter."""
    return replace(by, staff=pseudonyms.of(subject, by.staff), applicant=pseudonyms.of(subject, by.applicant))


def role_of(duty: str) -> Role:
    """Return whose side a duty, by its name, is of."""
    return Role(duty.partition("/")[0])


def by_role(names: Iterable[str]) -> list[list[str]]:
    """Return duties, by name, apart for each role: one act is about one side."""
    apart: dict[str, list[str]] = {}
    for name in names:
        apart.setdefault(name.partition("/")[0], []).append(name)
    return list(apart.values())


def acting_role(state: State, act: Act, by: Actor, node: str, given: Mapping[str, Any] | None = None) -> Role:
    """Return the role in which `by` acts: the rule's, or for either role that of the duties named, or the one that is here."""
    rule = tables.PRESENT.rules[act]
    if rule.role is not None:
        return rule.role
    named = _duties_named(given or {})
    if named and named[0].partition("/")[0] in set(Role):
        return role_of(named[0])
    here = [role for role in Role if state.roles.get(role, {}).get("node") == node]
    own = [role for role in here if by.organisation in _places(state, role)]
    waiting = [role for role in own if act in (Act.RELEASE, Act.SETTLE) and state.fact(role, "parked")]
    if len(waiting) == 1:
        return waiting[0]
    # One organisation may fill both roles; the pen says in which it is meant.
    if state.pen in own:
        return Role(state.pen)
    if own or here:
        return (own or here)[0]
    raise NotFound(f"本节点不是办件 {state.subject} 的收件地或办理地。请核对编号。")


def _places(state: State, role: Role) -> tuple[str, str]:
    return state.roles[role]["org"], state.roles[role]["office"]


def _duties_named(given: Mapping[str, Any]) -> list[str]:
    names = given.get("duties") or [given.get("duty") or given.get("about") or ""]
    return [name for name in names if isinstance(name, str) and "/" in name]


def has_arrived(state: State) -> bool:
    """Return whether the handling role has said that the case reached it."""
    return f"{Role.HANDLING}/{state.term_of(Role.HANDLING)}" in state.heads


def deliveries_to(state: State, node: str) -> dict[str, list[str]]:
    """Return the open deliveries addressed to `node`, by chain."""
    found: dict[str, list[str]] = {}
    for name, duty in state.duties.items():
        if duty["to"] and duty["to_node"] == node:
            found.setdefault(duty["to"], []).append(name)
    return found


def record(steps: Sequence[Step], *, own: str, at: datetime, new: bool = False) -> Case:
    """
    Store steps by the one writer and return the case.

    Raises:
        MovedMeanwhile: the row is no longer at the version the first step began from.
    """
    before, after = steps[0].before, steps[-1].after
    key, values = {"number": after.subject}, projection.row_of(after)
    row: writing.Change
    if new:
        row = writing.Insert(Case, ({**key, **values},))
    else:
        was = projection.row_of(before)
        changed = {name: value for name, value in values.items() if value != was[name]}
        row = writing.Update(Case, {**key, "version": before.version}, changed, must=True)
    peers = frozenset(
        # Not of the states between: who is bound there by what is parked at once gets nothing.
        binding["node"]
        for state in (before, after)
        for binding in state.roles.values()
        if binding["node"] != own
    )
    outcome = journal.Outcome(subject=after.subject, steps=tuple(steps), rows=(row,), peers=peers)
    journal.append(outcome, own_node=own, at=at)
    return Case(number=after.subject, **values)
