"""Cases: lists, one case with its state, timeline and receipt, and its content."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile

from tongban.accounts.access.actor import ActorKind, Permission
from tongban.api import paging
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.drafts import MaterialCode, MaterialOut, shown_material
from tongban.api.files import CONTENT, content_of
from tongban.api.idempotency import once, once_as_one, once_outside
from tongban.api.schemas import Body, CaseBrief, Digest, OfferingCode
from tongban.cases import answer_code, commands, queries, supplements
from tongban.cases.models import Case
from tongban.cases.procedure import NAME as CASE
from tongban.cases.words import TERMINAL, Mode, Phase
from tongban.kernel import identity
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.procedures.newest import Newest

router = Router(tags=["cases"], auth=SIGNED_IN)


class CasePage(Schema):
    """A page of cases."""

    cases: list[CaseBrief]
    next: str | None


class SubmissionIn(Body):
    """A whole application whose materials are all shared, or handed in later: what, how, and the form."""

    offering: OfferingCode
    mode: Mode
    form: dict[str, Any]


class ExplainedOut(Schema):
    """A clock or open duty, its due date, and each day that made it."""

    name: str
    title: str
    holder: str
    since: date
    due_on: date | None
    basis: str
    explanation: list[str]


class CaseDetail(CaseBrief):
    """A case with its folded state."""

    display: str
    item_name: str
    applicant: str
    answer_code: str | None  # for the applicant, and for who tells them at the window
    intake: str
    handling: str
    organisations: dict[str, str]
    deadlines: list[ExplainedOut]
    state: dict[str, Any]


class EntryOut(Schema):
    """One line of the timeline."""

    at: datetime
    title: str
    act: str
    role: str
    organisation: str
    name: str
    staff: str
    phase: str
    how: str


class PieceOut(Schema):
    """A piece of content that an event names; `here`: it has arrived on this node."""

    label: str
    digest: str
    size: int
    at: datetime
    act: str
    here: bool


class ReceiptOut(Schema):
    """The node's signed statement of what it holds; keep it, and its history cannot be rewritten unseen."""

    number: str
    display: str
    phase_name: str
    statement: dict[str, Any]


@router.get("", response=CasePage, summary="办件列表")
def list_cases(
    request: HttpRequest,
    phase: Phase | None = None,
    in_progress: bool = False,
    after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> CasePage:
    found = Case.objects.defer("state")
    if phase:
        found = found.filter(phase=str(phase))
    if in_progress:
        found = found.in_progress()
    live = in_progress or (phase is not None and phase not in TERMINAL)
    seen = Newest(found, actor_of(request), CASE, live=live)
    rows, last = paging.newest_first(seen, after, limit)
    return CasePage(cases=[CaseBrief.of(row) for row in rows], next=last)


@router.post("", response={201: CaseBrief}, summary="一次申报：取号、交表、申报一并完成")
@once_as_one
def submit_case(request: HttpRequest, body: SubmissionIn) -> Status[CaseBrief]:
    filed = commands.submit(
        offering=body.offering, mode=body.mode, form=body.form, by=actor_of(request), at=clock.now()
    )
    return Status(201, CaseBrief.of(filed))


@router.get("/{number}", response=CaseDetail, summary="一个办件")
def show_case(request: HttpRequest, number: str) -> CaseDetail:
    case, by = queries.case(number, actor_of(request)), actor_of(request)
    known, theirs = matters.names(case), case.intake_node == identity.fingerprint()
    theirs = theirs and (by.kind is ActorKind.APPLICANT or by.may(Permission.CASE_ANSWER))
    return CaseDetail(
        answer_code=answer_code.of(case.number) if theirs else None,
        **CaseBrief.of(case).model_dump(), display=numbers.parse(case.number).display(),
        item_name=queries.item_name(case), applicant=case.applicant,
        intake=known.get(case.intake_org, ""), handling=known.get(case.handling_org, ""), organisations=known,
        deadlines=[ExplainedOut.from_orm(one) for one in matters.deadlines(case)], state=matters.state_for(case, by),
    )  # fmt: skip


@router.get("/{number}/timeline", response=list[EntryOut], summary="办理经过")
def show_timeline(request: HttpRequest, number: str) -> list[EntryOut]:
    actor = actor_of(request)
    return [EntryOut.from_orm(one) for one in matters.timeline(queries.case(number, actor), actor)]


@router.get("/{number}/receipt", response=ReceiptOut, summary="回执：本节点签名的办件记录首部")
def show_receipt(request: HttpRequest, number: str) -> ReceiptOut:
    case = queries.case(number, actor_of(request))
    return ReceiptOut(
        number=case.number, display=numbers.parse(case.number).display(), phase_name=case.phase_name,
        statement=matters.receipt(case, clock.now()),
    )  # fmt: skip


@router.get("/{number}/materials", response=list[PieceOut], summary="办件的表单、材料与文书")
def list_contents(request: HttpRequest, number: str) -> list[PieceOut]:
    actor = actor_of(request)
    return [PieceOut.from_orm(one) for one in matters.contents(queries.case(number, actor), actor)]


@router.get(
    "/{number}/materials/{digest}",
    response={200: None},
    openapi_extra=CONTENT,
    summary="取一份材料内容（留下查看记录）",
)
def show_content(request: HttpRequest, number: str, digest: Digest) -> HttpResponse:
    return content_of(queries.case(number, actor_of(request)), digest, request)


@router.post("/{number}/materials", response={201: MaterialOut}, summary="补充材料（窗口告知或补正之后）")
@once_outside
def add_supplement(
    request: HttpRequest, number: str, code: Form[MaterialCode], file: File[UploadedFile]
) -> Status[MaterialOut]:
    by = actor_of(request)
    added = supplements.add(
        case=queries.case(number, by),
        code=code,
        name=file.name or "",
        data=file.read(),
        by=by,
        at=clock.now(),
    )
    return Status(201, shown_material(added))


@router.delete("/{number}/materials/{digest}", response={204: None}, summary="移除尚未写入记录的补充材料")
@once
def remove_supplement(request: HttpRequest, number: str, digest: Digest) -> Status[None]:
    by = actor_of(request)
    supplements.remove(case=queries.case(number, by), digest=digest, by=by, at=clock.now())
    return Status(204, None)
