"""What changes a case: filing it, and the acts of its table. What holds for every procedure is `procedures.commands`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind
from tongban.accounts.models import Applicant
from tongban.cases import filers, papers
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.words import AWAITING_ACCEPTANCE, Act, Mode, Role
from tongban.catalogue import forms
from tongban.catalogue import queries as catalogue
from tongban.kernel import identity, vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State, Step
from tongban.kernel.models import SelfNode
from tongban.kernel.time import timekeeping
from tongban.kernel.time.clock import official_day
from tongban.materials import commands as materials
from tongban.materials import filing
from tongban.materials import queries as material_queries
from tongban.materials.models import Draft
from tongban.procedures import commands, deciding, held_papers, practice, recording
from tongban.procedures.practice import Made

type CaseRef = str | Case


class FormFaulty(InvalidInput):
    """The form does not fit its schema; `faults` lists (path, sentence)."""

    code = "form_faulty"

    def __init__(self, sentence: str, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.faults = list(faults)


class MaterialsIncomplete(InvalidInput):
    """A mandatory material is missing."""

    code = "materials_incomplete"


@dataclass(frozen=True, slots=True)
class Helped:
    """What a window adds that files online for somebody (帮办): how it saw who it is, their account if they have one, and texts."""

    presence: str
    applicant: str
    form: str  # the digest of the form to which they said yes
    texts: Mapping[str, str]


def open_draft(*, offering: str, by: Actor, at: datetime) -> str:
    """
    Open a draft for an offering and return its number, issued at once and for good.

    Raises:
        NotFound: no such offering. NoAgreement: no agreement covers it.
        OfferingClosed, DraftsTooMany, DraftsTooManyToday: as `materials.open_draft`.
    """
    papers.target(offering, official_day(at))
    number = commands.new_number(at)
    materials.open_draft(number=number, offering_code=offering, by=by, at=at)
    return number


def file(*, number: str, mode: Mode, by: Actor, at: datetime, helped: Helped | None = None) -> Case:
    """
    File a draft (申报). 全程网办 goes on at once: received, checked by identity level, forwarded. `helped`: by a window (帮办).

    Raises:
        NotFound: no such draft of `by`. FormFaulty, MaterialsIncomplete: as named.
        NotPermitted, ActNotAllowed: the guide or the post does not allow it.
        MovedMeanwhile: it was filed already, or changed while it was being filed.
    """
    node = identity.require_writable()
    draft = material_queries.draft(number, by)
    goal = demand_fileable(draft=draft, mode=mode, by=by, at=at)
    given = _told(number, draft.offering, mode, by, goal, draft.applicant)
    texts: Mapping[str, str] = {}
    if helped:
        # Who stands at the window with a document is known as surely as anybody can be.
        seen = {"presence": helped.presence, "assurance": int(Applicant.Assurance.IN_PERSON)}
        given |= {**seen, "applicant": pseudonyms.of(number, helped.applicant)}
        texts = helped.texts
    with journal.one_act(number):
        filed = filing.mark_filed(number=number, by=by, at=at)
        if helped and filed.form != helped.form:
            raise journal.MovedMeanwhile(
                f"办件 {number} 的申请表刚被改动，没有提交。请申请人重新核对，再发确认码。"
            )
        form = material_queries.form_reference(number)
        content = [*([form] if form else []), *material_queries.references(number)]
        content += commands.stored(number, texts)
        steps = _filing(node, number, by, at, goal, given, content)
        return as_case(recording.record(steps, own=node.fingerprint, at=at, new=True))


def demand_fileable(*, draft: Draft, mode: Mode, by: Actor, at: datetime) -> papers.Target:
    """Return for whom a draft of `by` is, once form and materials are as the mode asks; raises as `file`."""
    number, goal = draft.number, papers.target(draft.offering, official_day(at))
    _check_form(number, goal, material_queries.form_of(number), mode, by, at)
    missing = material_queries.missing_required(number, dict(goal.guide)) if mode is Mode.FULLY_ONLINE else []
    _demand_all(number, missing)
    return goal


def submit(*, offering: str, mode: Mode, form: dict[str, Any], by: Actor, at: datetime) -> Case:
    """
    Issue a number and file a complete form under it, all at once: an errand that needs no files, or a whole
    application that another system hands over.

    Raises:
        NotFound, NoAgreement, OfferingClosed: as `open_draft`. FormUnreadable: what was sent is no form.
        FormFaulty, MaterialsIncomplete, NotPermitted, ActNotAllowed: as `file`.
    """
    node = identity.require_writable()
    materials.owner(by)
    goal = papers.target(offering, official_day(at))
    number = commands.new_number(at)
    _check_form(number, goal, form, mode, by, at)
    if mode is Mode.FULLY_ONLINE:
        _demand_all(number, material_queries.required_of(form, dict(goal.guide)))
    given = _told(number, offering, mode, by, goal)
    with journal.one_act(number):
        reference = filing.keep_filed(number=number, offering=goal.offering, form=form, by=by, at=at)
        steps = _filing(node, number, by, at, goal, given, [reference.to_dict()])
        return as_case(recording.record(steps, own=node.fingerprint, at=at, new=True))


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
    begun = State(NAME, number)
    steps = [commands.take(node, begun, Act.FILE, by, at, Role.INTAKE, given, content, terms)]
    if given["mode"] == Mode.FULLY_ONLINE:
        for act, more in (
            (Act.RECEIVE, {"papers": goal.papers}),
            (Act.PASS_ONLINE, {}),
            (Act.FORWARD, bound_to(goal, 1)),
        ):
            state = steps[-1].after
            steps.append(commands.take(node, state, act, SYSTEM, at, Role.INTAKE, more, (), terms))
    return steps


def act(
    *, case: CaseRef, act: Act, by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, version: int | None = None, files: Mapping[str, bytes] | None = None,
) -> Case:  # fmt: skip
    """Do one act of the rule table on a case; takes and raises what `procedures.commands.act` does."""
    done = commands.act(
        matter=case, act=act, by=by, at=at, given=given, texts=texts, version=version, files=files
    )
    return as_case(done)


def as_case(matter: object) -> Case:
    """Return a matter as the case it is."""
    if not isinstance(matter, Case):
        raise TypeError("no case")
    return matter


def redirect_to(*, case: CaseRef, offering: str, by: Actor, at: datetime) -> Case:
    """
    Forward a case that came back (退回转办) to the authority of another offering of the item.

    Raises:
        as `act`; NotFound, NoAgreement: the offering cannot be reached from here.
    """
    row = recording.visible_as(Case, case, by)
    state = State.from_dict(row.state)
    # Nothing was pinned at receipt for this authority: what is in force now is pinned as it is forwarded.
    goal = papers.target(offering, official_day(at))
    term = state.term_of(Role.HANDLING) + 1
    return act(case=case, act=Act.FORWARD, by=by, at=at, given=bound_to(goal, term), version=row.version)


def deem_if_due(*, case: str, at: datetime) -> Case | None:
    """Record deemed acceptance (视为受理) if the notice time has run out; return the case if it did."""
    row = Case.objects.filter(number=case).first()
    return deem(State.from_dict(row.state), at) if row else None


def deem(state: State, at: datetime) -> Case | None:
    """Record deemed acceptance of a case of this node's that waits for it, if it is due; return the case if it was."""
    if state.phase not in AWAITING_ACCEPTANCE:
        return None
    node = identity.require_writable()
    here = state.roles.get(Role.HANDLING, {}).get("node") == node.fingerprint
    arrived = f"{Role.HANDLING}/{state.term_of(Role.HANDLING)}" in state.heads
    if not here or not arrived:
        return None
    try:
        terms = held_papers.terms_of(state)
        step = commands.take(node, state, Act.DEEM_ACCEPTED, SYSTEM, at, Role.HANDLING, {}, (), terms)
    except (deciding.ActNotAllowed, deciding.MatterParked, timekeeping.ClockDisagrees):
        return None
    made = _letter_of(state, step.after, at)
    with (
        write(),
        journal.one_act(state.subject),
    ):  # a fact of its own, whatever becomes of the act before which it is written
        if made:
            made.keep()
            pieces = [one.to_dict() for one in vault.put_all(state.subject, made.files)]
            step = commands.take(
                node, state, Act.DEEM_ACCEPTED, SYSTEM, at, Role.HANDLING, dict(made.given), pieces, terms
            )
        return as_case(recording.record([step], own=node.fingerprint, at=at))


def _letter_of(state: State, after: State, at: datetime) -> Made | None:
    """Return the letter that says of deemed acceptance; the law does not wait for it where it cannot be made."""
    try:
        return practice.of(NAME).make(state, after, Act.DEEM_ACCEPTED, SYSTEM, at, {}, {})
    except DomainError:
        return None


def completed(state: State, act: str, at: datetime) -> dict[str, Any]:
    """Return what an act must carry and the system knows better than the actor."""
    if act == Act.RECEIVE:
        # The agreement and guide in force on the day of receipt are pinned for good.
        return {
            "papers": papers.target(state.fact(Role.INTAKE, "target")["offering"], official_day(at)).papers
        }
    if act == Act.FORWARD:
        goal = state.fact(Role.INTAKE, "target")
        if catalogue.offering(goal["offering"]).node != goal["node"]:
            # Another node has taken the place of the one it was received for: its papers count from here.
            return bound_to(papers.target(goal["offering"], official_day(at)), 1)
        bind = {"node": goal["node"], "org": goal["org"], "office": goal["office"]}
        return {"bind": {**bind, "term": 1, "papers": state.fact(Role.INTAKE, "papers")}}
    return {}


def bound_to(goal: papers.Target, term: int) -> dict[str, Any]:
    """Return what an act carries that binds the authority of a target."""
    return {
        "bind": {
            "papers": goal.papers, "term": term, "node": goal.node, "org": goal.org, "office": goal.centre,
        }
    }  # fmt: skip


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
