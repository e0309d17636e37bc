"""Everything that changes a matter. One function does every act; the table says what each act is."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind
from tongban.accounts.people import colleagues
from tongban.kernel import identity, vault, writing_direction
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import bounds, numbers, pseudonyms
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import MalformedEvent
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.journal.writer import MovedMeanwhile
from tongban.kernel.models import SelfNode
from tongban.kernel.time import calendars, timekeeping
from tongban.kernel.time.clock import official_day
from tongban.procedures import (
    consulting,
    deciding,
    disposal,
    held_papers,
    notes,
    practice,
    recording,
    redaction,
    register,
    reviewing,
    tracing,
)
from tongban.procedures.about import Named, named
from tongban.procedures.circumstances import Terms
from tongban.procedures.models import Matter, Unjudged
from tongban.procedures.recording import MatterRef
from tongban.procedures.standard_guards import letting_in
from tongban.procedures.words import Standard


class ProcedureNotHere(DomainError):
    """The matter is of a procedure that this node does not know, or knows only since a moment ago: it is held and passed on."""

    code = "procedure_not_here"
    status = 409


# Only what names something of the past has to look at all of it.
# What cannot be undone is done by people: a stolen key has no second person beside it.
IN_PERSON = frozenset({Standard.APPRAISE, Standard.APPROVE_DESTRUCTION, Standard.REDACT})
_PEOPLE = frozenset({"staff", "colleague"})  # codes by which an act names this node's people
TRIES = 5  # at a number that others take at the same moment
_NAMES_THE_PAST = frozenset({"release", "withhold", "events", "succeed"})


def new_number(at: datetime) -> str:
    """Return the number of a matter that begins on this node, issued at once and for good; raises NodeNotReady."""
    node = identity.require_writable()
    return str(numbers.issue(settings.NODE.division, node.fingerprint, node.epoch, official_day(at)))


def begin(
    *, procedure: str, act: str, by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, content: Sequence[Mapping[str, Any]] = (), number: str = "",
    papers: Sequence[Mapping[str, Any]] = (), about: Sequence[Named] = (),
) -> Matter:  # fmt: skip
    """
    Begin a matter by its founding act, for the organisation of `by`; whoever has none begins it with this node's own.

    `number` is one that `new_number` gave, if content is stored under it already; `papers` those it rests on; `about` the
    matters it is about, for a procedure whose founding row asks for them.

    Raises:
        as `act`. ProcedureNotHere: this node does not know the procedure.
        NotFound: a matter it is to be about is not here, or not visible to `by`.
    """
    node = identity.require_writable()
    if register.find(procedure) is None:
        raise ProcedureNotHere(f"本节点尚未开通“{procedure}”这一程序，未办理。请先升级本节点。")
    number = number or new_number(at)
    own = settings.NODE.organisation
    bind = {"org": by.organisation or own, "office": own, "papers": list(papers)}
    role, rule = register.of(procedure).founder, register.of(procedure).present.rules[act]
    matters = {"matters": named(about, by)} if about or "matters" in rule.given else {}
    carried = {"bind": bind, **matters, **(given or {})}
    terms = held_papers.terms_named(procedure, papers)
    with journal.one_act(number):
        pieces = [*content, *stored(number, texts or {})]
        first = take(node, State(procedure, number), act, by, at, role, carried, pieces, terms)
        return recording.record([first], own=node.fingerprint, at=at, new=True)


def act(
    *, matter: MatterRef, act: str, by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, version: int | None = None, files: Mapping[str, bytes] | None = None,
) -> Matter:  # fmt: skip
    """
    Do one act of the rule table on a matter.

    `texts` are free texts (reasons, opinions, notices) and `files` are files (`materials.attaching.ready`), by label; both go to
    the vault. `version` is the matter's version the actor looked at; None trusts what is stored now.

    Raises:
        NotFound: no such matter, or not visible to `by`. ProcedureNotHere: of a procedure that this node only passes on.
        NotPermitted, PowerLacking, ActNotAllowed, MatterParked, ClockWentBackwards: see `deciding.decide`.
        MovedMeanwhile: someone else acted on the matter first.
        NodeNotReady: the node is being restored and may only read.
    """
    node = identity.require_writable()
    # Personal data are struck from a record at any time, also by who has nothing else to do with it before its end.
    row = recording.of_place(matter, by) if act == Standard.REDACT else recording.visible(matter, by)
    demand_known(row)
    if by.machine and act in IN_PERSON:
        raise NotPermitted(
            f"接口密钥不能对{register.named(row.procedure, row.number)} 执行这一步。请由有权岗位的人员本人办理。"
        )
    how = practice.of(row.procedure)
    row = how.before(State.from_dict(row.state), at) or row
    _demand_unmoved(row, version)
    state = State.from_dict(row.state)
    demand_act(state, act)
    role = recording.acting_role(state, act, by, node.fingerprint, given)
    carried = {**completed(state, act, role, at), **(given or {})}
    given, texts = how.filled(state, act, by, at, carried, texts or {})
    if "staff" in register.of(state.procedure).present.rules[act].given:
        given["staff"] = by.staff  # what is said of a person, that person says of themselves
    if given.get("colleague"):
        colleagues.demand(given["colleague"], by, permission=register.of(state.procedure).reads)
    for name in given.keys() & _PEOPLE:
        given[name] = pseudonyms.of(row.number, given[name])
    texts = {**how.texts(act, by), **texts}
    for _attempt in range(TRIES - 1):
        with suppress(practice.Superseded):
            return _done(node, row, act, by, at, role, given, texts, files or {})
    return _done(node, row, act, by, at, role, given, texts, files or {})


def rehearsed(
    *, matter: MatterRef, act: str, by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, version: int | None = None,
) -> Step:  # fmt: skip
    """
    Return the step that an act would be, and record nothing: what it would lead to, for whoever looks before they do it.

    Raises:
        as `act`, but for texts that are missing.
    """
    node = identity.require_writable()
    row = recording.visible(matter, by)
    demand_known(row)
    _demand_unmoved(row, version)
    state = State.from_dict(row.state)
    demand_act(state, act)
    role = recording.acting_role(state, act, by, node.fingerprint, given)
    carried = {**completed(state, act, role, at), **(given or {})}
    carried, _texts = practice.of(row.procedure).filled(state, act, by, at, carried, texts or {})
    return _as_if(node, state, act, by, at, role, carried)


def _demand_unmoved(row: Matter, version: int | None) -> None:
    """Demand that a matter still stands where somebody looked at it; raises MovedMeanwhile."""
    if version is not None and version != row.version:
        raise MovedMeanwhile(f"{register.named(row.procedure, row.number)} 已被他人处理，请刷新后再试。")


def _as_if(
    node: SelfNode, state: State, act: str, by: Actor, at: datetime, role: str, given: Mapping[str, Any]
) -> Step:
    """Return the step that an act would be with all it has to carry."""
    rule = register.of(state.procedure).present.rules[act]
    carried = {**practice.of(state.procedure).makes(act), **given}
    pieces = [{"label": label, "digest": f"sm3:{n:064}", "size": 0} for n, label in enumerate(rule.content)]
    return take(node, state, act, by, at, role, carried, pieces, _terms(state, carried))


def _done(
    node: SelfNode, row: Matter, act: str, by: Actor, at: datetime, role: str, given: dict[str, Any],
    texts: Mapping[str, str], files: Mapping[str, bytes],
) -> Matter:  # fmt: skip
    """Do an act that is asked for rightly; raises as `act`, and Superseded where what was made for it counts no longer."""
    how, state = practice.of(row.procedure), State.from_dict(row.state)
    made, consequence = None, how.consequence(act)
    if how.makes(act):
        # Before the transaction: making takes long, and other writers wait.
        made = how.make(state, _as_if(node, state, act, by, at, role, given).after, act, by, at, given, texts)
        given, texts, files = {**given, **made.given}, {**texts, **made.texts}, {**files, **made.files}
    with write() if consequence or made else nullcontext(), journal.one_act(row.number):
        if made:
            made.keep()
        pieces = [*stored(row.number, texts), *how.content(row.number, act)]
        pieces += [one.to_dict() for one in vault.put_all(row.number, files)]
        terms = _terms(state, given)
        step = take(node, state, act, by, at, role, given, pieces, terms)
        steps = [step, *reviewing.go_on(step, at)] if given.get("release") else [step]
        done = recording.record(steps, own=node.fingerprint, at=at)
        if act in (Standard.REDACT, Standard.RELEASE, Standard.SETTLE):
            redaction.follow(state, steps[-1].after)  # what is let in may have redacted something
        if consequence:
            consequence(steps[-1].after, by, at)
        return done


def demand_known(matter: Matter) -> None:
    """Ask whether this node speaks the procedure of a matter and has judged all it holds of it; raises ProcedureNotHere."""
    if register.find(matter.procedure) is None:
        raise ProcedureNotHere(f"{matter.number} 属于本节点尚未开通的程序，只能查看和转送。请先升级本节点。")
    # Where it was projected by its procedure it has a day, so that hardly any act asks.
    if matter.opened_on is None and Unjudged.objects.filter(number=matter.number).exists():
        raise ProcedureNotHere(f"{matter.number} 所属程序刚开通，已收记录正在核对。请稍后重试。")


def demand_act(state: State, act: str) -> None:
    """Ask whether the procedure of a matter has an act; raises InvalidInput."""
    if act not in register.of(state.procedure).present.rules:
        raise InvalidInput(f"{register.called(state)} 没有“{act}”这种操作，未办理。请刷新后重新选择。")


def system_act(
    *, matter: str, act: str, role: str, at: datetime, given: Mapping[str, Any], term: int = 0
) -> Matter:
    """Do an act that the system itself owes (到达、逾期督办、期限确定、挂起、销毁); raises as `act`."""
    node = identity.require_writable()
    row = Matter.objects.filter(number=matter).first()
    if row is None:
        raise NotFound(f"没有编号为 {matter} 的事项。请核对编号。")
    demand_known(row)
    state = State.from_dict(row.state)
    _demand_effective(state, act, role, term)
    given = {**completed(state, act, role, at), **given}
    step = take(node, state, act, SYSTEM, at, role, given, (), held_papers.terms_of(state), term)
    with write():
        done = recording.record([step], own=node.fingerprint, at=at)
        if act in disposal.ENDS_KEEPING and not disposal.is_needed(step.after, node.fingerprint):
            tracing.forget(row.number)
            notes.forget(row.number)
            consulting.forget(row.number)
            vault.destroy(row.number, disposal.ENDS_KEEPING[Standard(act)](step.event.given), at)
        return done


def _terms(state: State, given: Mapping[str, Any]) -> Terms:
    """Papers that an act brings count for it already."""
    if "papers" in given:
        return held_papers.terms_named(state.procedure, given["papers"])
    return held_papers.terms_of(state)


def _demand_effective(state: State, act: str, role: str, term: int) -> None:
    """Refuse what would have no effect while the other side holds back this chain: it would be done again without end."""
    chain = f"{role}/{term or state.term_of(role)}"
    if act != Standard.PARK and any(
        place[0] == chain and place[2] is None for place in state.withheld.values()
    ):
        raise deciding.MatterParked(
            f"{register.called(state)} 的记录被另一方暂停待核实，系统暂不办理。核处后自动继续。"
        )


def take(
    node: SelfNode, state: State, act: str, by: Actor, at: datetime, role: str, given: Mapping[str, Any],
    content: Sequence[Mapping[str, Any]], terms: Terms, term: int = 0,
) -> Step:  # fmt: skip
    """Return the step that an act is, decided and within bounds; raises as `act`."""
    # What the system does of itself can wait; a false time in a chain holds up all that follows there.
    if by.kind is ActorKind.SYSTEM or not register.of(state.procedure).present.rules[act].annotates:
        timekeeping.demand_right(at)
    known = journal.events_of(state.subject) if given.keys() & _NAMES_THE_PAST else []
    on = occasion(node, state, by, at, role, terms, term)
    try:
        step = deciding.decide(state, act, on, given, content, known)
    except MalformedEvent as error:
        raise InvalidInput(
            f"{register.called(state)} 所填内容过长，或含有不能记录的字符，未办理。请精简后重试。"
        ) from error
    if known and bounds.fault(state, step.event, Known.of(known)):
        # No node would take it, and all that followed in this chain would wait behind it for ever.
        raise InvalidInput(f"{register.called(state)} 所指的记录不能这样处理，未办理。请刷新后重新选择。")
    return step


def occasion(
    node: SelfNode, state: State, by: Actor, at: datetime, role: str, terms: Terms, term: int = 0
) -> deciding.Occasion:
    """Return the occasion on which somebody acts here, under the pseudonyms they have in the matter."""
    return deciding.Occasion(
        by=recording.within(by, state.subject), at=at, day=official_day(at), node=node.fingerprint,
        epoch=node.epoch, role=role, term=term or state.roles.get(role, {}).get("term", 1),
        calendar=calendars.current(), terms=terms,
    )  # fmt: skip


def completed(state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
    """Return what an act must carry and the system knows better than the actor."""
    if act == Standard.CONFIRM_DESTRUCTION:
        return {"ground": state.fact(role, "appraised", "")}
    if act == Standard.RELEASE:
        # What this side holds back is let in, unless whoever releases says that it is to be struck.
        return {"release": letting_in(state, role)}
    return practice.of(state.procedure).completed(state, act, role, at)


def stored(number: str, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Put texts that say anything into the vault and return how an event names them; raises InvalidInput."""
    if any(writing_direction.turns(text) for text in texts.values()):
        raise InvalidInput(f"所填文字{writing_direction.SENTENCE}。未作任何更改。")
    written = {label: text.encode() for label, text in texts.items() if text.strip()}
    return [reference.to_dict() for reference in vault.put_all(number, written)]
