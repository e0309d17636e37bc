"""Everything that changes a case. One function does every act; the table says what each act is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.accounts.actor import SYSTEM, Actor, ActorKind
from tongban.cases import decision, filers, papers, recording, redaction, reviewing, tables
from tongban.cases.guards import letting_in
from tongban.cases.models import Case
from tongban.cases.recording import CaseRef
from tongban.cases.words import AWAITING_ACCEPTANCE, Act, Mode, Role
from tongban.catalogue import forms
from tongban.catalogue import queries as catalogue
from tongban.kernel import bounds, calendars, identity, journal, numbers, pseudonyms, timekeeping, vault
from tongban.kernel.bounds import Known
from tongban.kernel.clock import official_day
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.fold import State, Step
from tongban.kernel.journal import MovedMeanwhile
from tongban.kernel.models import SelfNode
from tongban.materials import commands as materials
from tongban.materials import filing
from tongban.materials import queries as material_queries

# What a clerk does with the applicant in front of them. The window is a name of a place, so it goes to the vault.
WINDOW = "window"
AT_WINDOW = frozenset(
    {Act.RECEIVE, Act.CHECK_IDENTITY, Act.GIVE_NOTICE, Act.TELL, Act.HAND_OUT, Act.RETURN, Act.WITHDRAW}
)


class FormFaulty(InvalidInput):
    """The form does not fit its schema; `faults` lists (path, sentence)."""

    code = "form_faulty"

    def __init__(self, sentence: str, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.faults = list(faults)


class MaterialsIncomplete(InvalidInput):
    """A mandatory material is missing."""

    code = "materials_incomplete"


def open_draft(*, offering: str, by: Actor, at: datetime) -> str:
    """
    Open a draft for an offering and return its number, issued at once and for good.

    Raises:
        NotFound: no such offering. NoAgreement: no agreement covers it.
    """
    node = identity.require_writable()
    papers.target(offering, official_day(at))
    number = str(numbers.issue(settings.NODE.division, node.fingerprint, node.epoch, official_day(at)))
    materials.open_draft(number=number, offering_code=offering, by=by, at=at)
    return number


def file(*, number: str, mode: Mode, by: Actor, at: datetime) -> Case:
    """
    File a draft (申报). 全程网办 goes on at once: received, checked by identity level, forwarded.

    Raises:
        NotFound: no such draft of `by`. FormFaulty, MaterialsIncomplete: as named.
        NotPermitted, ActNotAllowed: the guide or the post does not allow it.
        MovedMeanwhile: it was filed already, or changed while it was being filed.
    """
    node = identity.require_writable()
    draft = material_queries.draft(number, by)
    goal = papers.target(draft.offering, official_day(at))
    _check_form(number, goal, material_queries.form_of(number), mode, by, at)
    missing = material_queries.missing_required(number, dict(goal.guide)) if mode is Mode.FULLY_ONLINE else []
    _demand_all(number, missing)
    given = _told(number, draft.offering, mode, by, goal, draft.applicant)
    with journal.one_act(number):
        filing.mark_filed(number=number, by=by, at=at)
        form = material_queries.form_reference(number)
        content = [*([form] if form else []), *material_queries.references(number)]
        steps = _filing(node, number, by, at, goal, given, content)
        return recording.record(steps, own=node.fingerprint, at=at, new=True)


def submit(*, offering: str, mode: Mode, form: dict[str, Any], by: Actor, at: datetime) -> Case:
    """
    Issue a number and file a complete form under it, all at once: an errand that needs no files, or a whole
    application that another system hands over.

    Raises:
        NotFound, NoAgreement, OfferingClosed: as `open_draft`. FormUnreadable: what was sent is no form.
        FormFaulty, MaterialsIncomplete, NotPermitted, ActNotAllowed: as `file`.
    """
    node, day = identity.require_writable(), official_day(at)
    materials.owner(by)
    goal = papers.target(offering, day)
    number = str(numbers.issue(settings.NODE.division, node.fingerprint, node.epoch, day))
    _check_form(number, goal, form, mode, by, at)
    if mode is Mode.FULLY_ONLINE:
        _demand_all(number, material_queries.required_of(form, dict(goal.guide)))
    given = _told(number, offering, mode, by, goal)
    with journal.one_act(number):
        reference = filing.keep_filed(number=number, offering=goal.offering, form=form, by=by, at=at)
        steps = _filing(node, number, by, at, goal, given, [reference.to_dict()])
        return recording.record(steps, own=node.fingerprint, at=at, new=True)


def _told(
    number: str, offering: str, mode: Mode, by: Actor, goal: papers.Target, applicant: str = ""
) -> dict[str, Any]:
    """Return what the event of filing carries."""
    organisation = by.organisation or settings.NODE.organisation
    return {
        "mode": str(mode),
        "item": goal.guide["item"]["key"] or offering,
        "bind": {"org": organisation, "office": settings.NODE.organisation, "papers": goal.papers},
        "target": {"node": goal.node, "org": goal.org, "office": goal.centre, "offering": offering},
        "applicant": pseudonyms.of(number, applicant or by.applicant),
        "assurance": by.assurance if by.kind is ActorKind.APPLICANT else 0,
    }


def _filing(
    node: SelfNode, number: str, by: Actor, at: datetime, goal: papers.Target, given: Mapping[str, Any],
    content: Sequence[Mapping[str, Any]],
) -> list[Step]:  # fmt: skip
    """Return the steps of filing: one, or for 全程网办 those until it is forwarded."""
    terms = goal.terms
    steps = [
        _step(node, State(tables.PROCEDURE, number), Act.FILE, by, at, Role.INTAKE, given, content, terms)
    ]
    if given["mode"] == Mode.FULLY_ONLINE:
        for act, more in (
            (Act.RECEIVE, {"papers": goal.papers}),
            (Act.PASS_ONLINE, {}),
            (Act.FORWARD, _bind(goal, 1)),
        ):
            steps.append(_step(node, steps[-1].after, act, SYSTEM, at, Role.INTAKE, more, (), terms))
    return steps


def act(
    *, case: CaseRef, act: Act, by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, version: int | None = None, content: Sequence[Mapping[str, Any]] = (),
) -> Case:  # fmt: skip
    """
    Do one act of the rule table on a case.

    `texts` are free texts (reasons, opinions, notices) by label; they go to the vault. `version` is the
    case's version the actor looked at; None trusts what is stored now. `content` refers to content already
    in the vault.

    Raises:
        NotFound: no such case, or not visible to `by`.
        NotPermitted, PowerLacking, ActNotAllowed, CaseParked, ClockWentBackwards: see `decision.decide`.
        MovedMeanwhile: someone else acted on the case first.
        NodeNotReady: the node is being restored and may only read.
    """
    node = identity.require_writable()
    row = recording.visible(case, by)
    if row.handling_node == node.fingerprint and row.phase in AWAITING_ACCEPTANCE:
        row = _deem(node, row, at) or row
    if version is not None and version != row.version:
        raise MovedMeanwhile(f"办件 {row.number} 已被他人处理，请刷新后再试。")
    state = State.from_dict(row.state)
    role = recording.acting_role(state, act, by, node.fingerprint, given)
    given = {**_completed(state, act, role, at), **(given or {})}
    if "staff" in given:
        given["staff"] = pseudonyms.of(row.number, given["staff"])
    with journal.one_act(row.number):
        pieces = [*content, *_texts(row.number, {**_window(act, by), **(texts or {})})]
        if act in (Act.SUPPLEMENT, Act.ANSWER):
            fresh = material_queries.references(row.number, unstated_only=True)
            filing.mark_stated(number=row.number, digests=[str(piece["digest"]) for piece in fresh])
            pieces += fresh
        terms = papers.terms_named(given["papers"]) if "papers" in given else papers.terms_of(state)
        step = _step(node, state, act, by, at, role, given, pieces, terms)
        steps = [step, *reviewing.go_on(step, at)] if given.get("release") else [step]
        done = recording.record(steps, own=node.fingerprint, at=at)
        if act in (Act.REDACT, Act.RELEASE, Act.SETTLE):  # what is let in may have redacted something
            redaction.follow(state, steps[-1].after)
        return done


def redirect_to(*, case: CaseRef, offering: str, by: Actor, at: datetime) -> Case:
    """
    Forward a case that came back (退回转办) to the authority of another offering of the item.

    Raises:
        as `act`; NotFound, NoAgreement: the offering cannot be reached from here.
    """
    row = recording.visible(case, by)
    state = State.from_dict(row.state)
    # Nothing was pinned at receipt for this authority: what is in force now is pinned as it is forwarded.
    goal = papers.target(offering, official_day(at))
    term = state.term_of(Role.HANDLING) + 1
    return act(case=case, act=Act.FORWARD, by=by, at=at, given=_bind(goal, term), version=row.version)


def deem_if_due(*, case: str, at: datetime) -> Case | None:
    """Record deemed acceptance (视为受理) if the notice time has run out; return the case if it did."""
    node = identity.require_writable()
    row = Case.objects.filter(number=case, handling_node=node.fingerprint).first()
    return _deem(node, row, at) if row else None


def _deem(node: SelfNode, row: Case, at: datetime) -> Case | None:
    state = State.from_dict(row.state)
    if not recording.has_arrived(state):
        return None
    try:
        terms = papers.terms_of(state)
        step = _step(node, state, Act.DEEM_ACCEPTED, SYSTEM, at, Role.HANDLING, {}, (), terms)
    except (decision.ActNotAllowed, decision.CaseParked, timekeeping.ClockDisagrees):
        return None
    with write():  # a fact of its own, whatever becomes of the act before which it is written
        return recording.record([step], own=node.fingerprint, at=at)


def system_act(
    *, case: str, act: Act, role: Role, at: datetime, given: Mapping[str, Any], term: int = 0
) -> Case:
    """Do an act that the system itself owes (到达、逾期督办、期限确定、挂起、销毁); raises as `act`."""
    node = identity.require_writable()
    row = Case.objects.filter(number=case).first()
    if row is None:
        raise NotFound(f"没有办件 {case}。请核对编号。")
    state = State.from_dict(row.state)
    _demand_effective(state, act, role, term)
    given = {**_completed(state, act, role, at), **given}
    step = _step(node, state, act, SYSTEM, at, role, given, (), papers.terms_of(state), term)
    with write():
        done = recording.record([step], own=node.fingerprint, at=at)
        if act is Act.CONFIRM_DESTRUCTION:
            vault.destroy(row.number, step.event.given["under"], at)
        return done


def _demand_effective(state: State, act: Act, role: Role, term: int) -> None:
    """Refuse what would have no effect while the other side holds back this chain: it would be done again without end."""
    chain = f"{role}/{term or state.term_of(role)}"
    if act is not Act.PARK and any(
        place[0] == chain and place[2] is None for place in state.withheld.values()
    ):
        raise decision.CaseParked(
            f"办件 {state.subject} 的记录被另一方挂起待核，系统暂不办理。核处后自动继续。"
        )


def _step(
    node: SelfNode, state: State, act: Act, by: Actor, at: datetime, role: Role, given: Mapping[str, Any],
    content: Sequence[Mapping[str, Any]], terms: Any, term: int = 0,
) -> Step:  # fmt: skip
    # What the system does of itself can wait; a false time in a chain holds up all that follows there.
    if by.kind is ActorKind.SYSTEM or not tables.PRESENT.rules[act].annotates:
        timekeeping.demand_right(at)
    place = decision.Place(
        node=node.fingerprint, epoch=node.epoch, role=role,
        term=term or state.roles.get(role, {}).get("term", 1), calendar=calendars.current(),
    )  # fmt: skip
    # Only what names something of the past has to look at all of it.
    known = (
        journal.events_of(state.subject)
        if given.keys() & {"release", "withhold", "events", "succeed"}
        else []
    )
    step = decision.decide(
        state, act, by=recording.within(by, state.subject), at=at, day=official_day(at), place=place, terms=terms,
        given=given, content=content, known=known,
    )  # fmt: skip
    if known and bounds.fault(state, step.event, Known.of(known)):
        # No node would take it, and all that followed in this chain would wait behind it for ever.
        raise InvalidInput(f"办件 {state.subject} 所指的记录不能这样处理，未办理。请刷新后重新选择。")
    return step


def _completed(state: State, act: Act, role: Role, at: datetime) -> dict[str, Any]:
    """Return what an act must carry and the system knows better than the actor."""
    if act is Act.RECEIVE:
        # The agreement and guide in force on the day of receipt are pinned for good.
        return {
            "papers": papers.target(state.fact(Role.INTAKE, "target")["offering"], official_day(at)).papers
        }
    if act is Act.FORWARD:
        goal = state.fact(Role.INTAKE, "target")
        if catalogue.offering(goal["offering"]).node != goal["node"]:
            # Another node has taken the place of the one it was received for: its papers count from here.
            return _bind(papers.target(goal["offering"], official_day(at)), 1)
        bind = {"node": goal["node"], "org": goal["org"], "office": goal["office"]}
        return {"bind": {**bind, "term": 1, "papers": state.fact(Role.INTAKE, "papers")}}
    if act is Act.CONFIRM_DESTRUCTION:
        return {"under": state.fact(Role.INTAKE, "destruction", "")}
    if act is Act.RELEASE:
        # What this side holds back is let in, unless whoever releases says that it is to be struck.
        return {"release": letting_in(state, role)}
    return {}


def _bind(goal: papers.Target, term: int) -> dict[str, Any]:
    return {
        "bind": {
            "papers": goal.papers, "term": term, "node": goal.node, "org": goal.org, "office": goal.centre,
        }
    }  # fmt: skip


def _texts(number: str, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    written = {label: text.encode() for label, text in texts.items() if text.strip()}
    return [reference.to_dict() for reference in vault.put_all(number, written)]


def _window(act: Act, by: Actor) -> dict[str, str]:
    """Return at which window (窗口) an act was done face to face, for whoever is on shift at one."""
    return {WINDOW: by.window} if by.window and act in AT_WINDOW else {}


def _check_form(
    number: str, goal: papers.Target, instance: dict[str, Any], mode: Mode, by: Actor, at: datetime
) -> None:
    schema = goal.guide["form"]
    faults = forms.judge(schema, instance, on=official_day(at))
    if mode is Mode.FULLY_ONLINE:
        faults = faults or filers.faults(schema, instance, by)
    if faults:
        named = [(fault.pointer, fault.message) for fault in faults]
        raise FormFaulty(f"办件 {number} 的申请表有 {len(faults)} 处需要改正：{named[0][1]}", named)


def _demand_all(number: str, missing: Sequence[str]) -> None:
    if missing:
        raise MaterialsIncomplete(f"办件 {number} 缺少：{'、'.join(missing)}。请上传后再提交。")
