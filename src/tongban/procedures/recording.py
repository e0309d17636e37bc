"""From steps to the journal: which rows, which peers; and which matter and role an actor means."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import pseudonyms, writing
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.models import Duty
from tongban.kernel.prepared import Prepared
from tongban.procedures import practice, projection, register
from tongban.procedures.models import Gathering, Matter, Party, is_of_post
from tongban.procedures.words import Standard

type MatterRef = str | Matter


def visible(matter: MatterRef, by: Actor) -> Matter:
    """Return the matter as stored now, if `by` may see it; raises as `visible_as`."""
    return visible_as(Matter, matter, by)


def of_place(matter: MatterRef, by: Actor) -> Matter:
    """Return a matter of the actor's organisation, whatever their post has to do with it; raises as `visible_as`."""
    number = matter if isinstance(matter, str) else matter.number
    found = _of_place(Matter).first(by.organisation, number) if by.kind is ActorKind.STAFF else None
    return found or visible(number, by)


def visible_as[M: Matter](model: type[M], matter: MatterRef, by: Actor) -> M:
    """
    Return a matter as a row of the model by which its procedure is found, as stored now.

    Raises:
        NotFound: there is none, or none for `by`; the two are not told apart.
    """
    number = matter if isinstance(matter, str) else matter.number
    row = _seen_by(model, by, number)
    if row is None:
        raise NotFound(f"没有编号为 {number} 的事项，或您无权查看。请核对编号。")
    return row


# The two that come again and again; who supervises a division is asked for by the ORM as it comes.
@lru_cache(maxsize=64)
def _of_place[M: Matter](model: type[M]) -> Prepared[M]:
    rows: Any = model.objects
    return Prepared(lambda organisation, number: rows.of_place(organisation).filter(number=number), str, str)


@lru_cache(maxsize=64)
def _of_applicant[M: Matter](model: type[M]) -> Prepared[M]:
    rows: Any = model.objects
    return Prepared(
        lambda applicant, number: rows.visible_to(
            Actor(ActorKind.APPLICANT, Channel.WEB, applicant=applicant)
        ).filter(number=number),
        str, str,
    )  # fmt: skip


def _seen_by[M: Matter](model: type[M], by: Actor, number: str) -> M | None:
    if by.kind is ActorKind.STAFF and by.organisation and not by.supervises:
        found = _of_place(model).first(by.organisation, number)
        return found if found is not None and is_of_post(found, by) else None
    if by.kind is ActorKind.APPLICANT and by.applicant:
        return _of_applicant(model).first(by.applicant, number)
    return model.objects.visible_to(by).filter(number=number).first()  # type: ignore[return-value]


def within(by: Actor, subject: str) -> Actor:
    """Return the actor under the pseudonyms they have in one matter."""
    return replace(by, staff=pseudonyms.of(subject, by.staff), applicant=pseudonyms.of(subject, by.applicant))


def role_of(duty: str) -> str:
    """Return whose side a duty, by its name, is of."""
    return duty.partition("/")[0]


def by_role(names: Iterable[str]) -> list[list[str]]:
    """Return duties, by name, apart for each role: one act is about one side."""
    apart: dict[str, list[str]] = {}
    for name in names:
        apart.setdefault(name.partition("/")[0], []).append(name)
    return list(apart.values())


def acting_role(state: State, act: str, by: Actor, node: str, given: Mapping[str, Any] | None = None) -> str:
    """Return the role in which `by` acts: the rule's, or for any role that of the duties named, or the one that is here."""
    table = register.of(state.procedure).present
    rule = table.rules[act]
    if rule.role is not None:
        return str(rule.role)
    named = _duties_named(given or {})
    if named and role_of(named[0]) in table.roles:
        return role_of(named[0])
    here = [str(role) for role in table.roles if state.roles.get(role, {}).get("node") == node]
    own = [role for role in here if by.organisation in _places(state, role)]
    own = own or (here if rule.overseers and by.supervises else [])
    parked = act in (Standard.RELEASE, Standard.SETTLE)
    waiting = [role for role in own if parked and state.fact(role, "parked")]
    if len(waiting) == 1:
        return waiting[0]
    # One organisation may fill several roles; the one that owes what the act ends is meant, or whose file is still to be disposed of.
    if rule.closes:
        own = [role for role in own if _owes(state, role, rule.closes)] or own
    elif act == Standard.APPRAISE:
        own = [role for role in own if not state.fact(role, "appraised")] or own
    # Else the pen says it.
    if state.pen in own:
        return state.pen
    if own or here:
        return (own or here)[0]
    raise NotFound(f"本节点不是{register.called(state)} 的承办方。请核对编号。")


def _owes(state: State, role: str, kinds: Collection[str]) -> bool:
    return any(duty["kind"] in kinds and role_of(name) == role for name, duty in state.duties.items())


def _places(state: State, role: str) -> tuple[str, str]:
    return state.roles[role]["org"], state.roles[role]["office"]


def _duties_named(given: Mapping[str, Any]) -> list[str]:
    names = given.get("duties") or [given.get("duty") or given.get("about") or ""]
    return [name for name in names if isinstance(name, str) and "/" in name]


def deliveries_to(state: State, node: str) -> dict[str, list[str]]:
    """Return the open deliveries addressed to `node`, by chain."""
    found: dict[str, list[str]] = {}
    for name, duty in state.duties.items():
        if duty["to"] and duty["to_node"] == node:
            found.setdefault(duty["to"], []).append(name)
    return found


def record(
    steps: Sequence[Step], *, own: str, at: datetime, new: bool = False,
    signed: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
) -> Matter:  # fmt: skip
    """
    Store steps by the one writer and return the matter, as a row of its procedure's model.

    `signed` names the heads that other nodes have signed for meanwhile, by node.

    Raises:
        MovedMeanwhile: the row is no longer at the version the first step began from.
    """
    before, after = steps[0].before, steps[-1].after
    how = practice.of(after.procedure)
    matter, columns = projection.matter_of(after), how.columns(after)
    rows = _new(after, how, matter, columns) if new else _changed(before, after, how, matter, columns)
    was = "" if new else before.phase
    peers = frozenset(
        # Not of the states between: who is bound there by what is parked at once gets nothing.
        binding["node"]
        for state in (before, after)
        for binding in state.roles.values()
        if binding["node"] != own
    )
    outcome = journal.Outcome(
        subject=after.subject,
        steps=tuple(steps),
        rows=(*rows, *_to_gather(matter, was)),
        peers=peers,
        signed=signed or {},
    )
    journal.append(outcome, own_node=own, at=at)
    return row_of(after, how.model, matter, columns)


def _to_gather(matter: Mapping[str, Any], was: str) -> Iterator[writing.Change]:
    """Note what has to look at its children: the parent of a child that went on, and a parent that did."""
    if matter["phase"] == was:
        return
    procedure, number = register.find(matter["procedure"]), matter["state"]["subject"]
    parents = {matter["about"]} if matter["about"] and register.is_gathered(matter["procedure"]) else set()
    parents |= {number} if procedure and procedure.gathers else set()
    for parent in sorted(parents):
        yield writing.Upsert(
            Gathering, {"parent": parent, "changes": 1, "tried": False}, unique=("parent",), bump="changes"
        )


def row_of(
    state: State, model: type[Matter], matter: Mapping[str, Any], columns: Mapping[str, Any]
) -> Matter:
    """Return the row that is stored of a state, without asking for it."""
    parent = {} if model is Matter else {"matter_id": state.subject}
    return model(number=state.subject, **parent, **matter, **columns)


def _new(
    after: State, how: practice.Practice, matter: Mapping[str, Any], columns: Mapping[str, Any]
) -> Iterator[writing.Change]:
    yield writing.Insert(Matter, ({"number": after.subject, **matter},))
    if how.model is not Matter:
        yield writing.Insert(how.model, ({"matter_id": after.subject, **columns},))
    parties = projection.parties_of(after, matter)
    yield writing.Insert(
        Party, tuple({"matter_id": after.subject, "role": role, **one} for role, one in parties.items())
    )


def _changed(
    before: State, after: State, how: practice.Practice, matter: Mapping[str, Any], columns: Mapping[str, Any]
) -> Iterator[writing.Change]:
    # Every act changes the state; of the rest only what is other than before.
    was = projection.matter_of(before)
    changed = {name: value for name, value in matter.items() if value != was[name]}
    key = {"number": after.subject, "version": before.version}
    yield writing.Update(Matter, key, changed, must=True)
    if how.model is not Matter:
        had = how.columns(before)
        own = {name: value for name, value in columns.items() if value != had[name]}
        if own:
            yield writing.Update(how.model, {"matter_id": after.subject}, own)
    if after.roles != before.roles or not changed.keys().isdisjoint(projection.LISTED):
        bound = projection.parties_of(before, was)
        for role, one in projection.parties_of(after, matter).items():
            if bound.get(role) != one:
                values = {"matter_id": after.subject, "role": role, **one}
                yield writing.Upsert(Party, values, unique=("matter_id", "role"))


def project_anew(state: State, states: Sequence[tuple[Any, State]]) -> None:
    """Write the rows and duties of a matter again as its events have it now, whatever stood there."""
    how, number, matter = practice.of(state.procedure), state.subject, projection.matter_of(state)
    Matter.objects.filter(number=number).update(**matter)
    if how.model is not Matter:
        columns = how.columns(state)
        if not how.model._base_manager.filter(pk=number).update(**columns):
            # It came while the procedure was unknown here.
            writing.store([writing.Insert(how.model, ({"matter_id": number, **columns},))])
    Party.objects.filter(matter=number).delete()
    for role, one in projection.parties_of(state, matter).items():
        Party.objects.create(matter_id=number, role=role, **one)
    Duty.objects.filter(subject=number).delete()
    for name, values in journal.duties_of(states).items():
        Duty.objects.create(procedure=state.procedure, subject=number, **{**values, "name": name})
    writing.store([*_to_gather(matter, "")])
