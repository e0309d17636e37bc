"""Matters of every procedure: lists, one matter with its story and deadlines, what it says, and its acts by the procedure's own table."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator

from tongban.accounts.access.actor import ActorKind
from tongban.api import paging
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.files import CONTENT, content_of
from tongban.api.idempotency import once_as_one
from tongban.api.schemas import Body, Bytes, Digest, Line, Text, Word, no_long_number
from tongban.cases.procedure import NAME as CASE
from tongban.kernel.accesses import Kind
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.time import clock
from tongban.materials import attaching
from tongban.procedures import commands, practice, queries, register
from tongban.procedures.models import Matter
from tongban.procedures.newest import Newest
from tongban.procedures.rule import FILE
from tongban.supervision import looks, records
from tongban.supervision.models import Look

NAMED = frozenset({"duties", "duty", "colleague"})  # codes that name what is there, and choose nothing

router = Router(tags=["matters"], auth=SIGNED_IN)


class MatterBrief(Schema):
    """A matter as lists show it, and what a write answers."""

    number: str
    procedure: str
    title: str
    version: int
    phase: str
    phase_name: str
    live: bool
    label: str
    about: str
    opened_on: date | None
    parked: str

    @classmethod
    def of(cls, matter: Matter) -> "MatterBrief":
        """Return a matter as this shows it."""
        return cls(**{name: getattr(matter, name) for name in cls.model_fields})


class MatterPage(Schema):
    """A page of matters, last opened first."""

    matters: list[MatterBrief]
    next: str | None


class MatterDetail(Schema):
    """A matter with its state, who is bound to it and what runs."""

    matter: MatterBrief
    organisations: dict[str, str]
    deadlines: list[dict[str, Any]]
    state: dict[str, Any]


class StoryEntry(Schema):
    """One line of what happened."""

    at: datetime
    title: str
    act: str
    role: str
    organisation: str
    name: str
    staff: str
    phase: str
    how: str


class LookLine(Schema):
    """One look: when, by which post, what. Applicants are told neither who it was nor from where."""

    at: datetime
    organisation: str
    post: str
    kind: str
    action: str
    result: str
    who: str
    address: str

    @classmethod
    def of(cls, row: Look, named: bool) -> "LookLine":
        """Return a look as its reader may know it."""
        is_staff = named and row.kind in (Kind.STAFF, Kind.MACHINE)
        return cls(
            at=row.at, organisation=row.organisation, post=row.post, kind=row.kind, action=row.doing, result=row.result,
            who=row.who if named else "", address=records.address(row) if is_staff else "",
        )  # fmt: skip


class LookPage(Schema):
    """Looks at a matter, the last one first."""

    looks: list[LookLine]
    next: str | None


class ContentPiece(Schema):
    """One piece of content that an event names."""

    label: str
    digest: str
    size: int
    at: datetime
    act: str
    here: bool


Filled = Annotated[Line, AfterValidator(no_long_number)]
FileLabel = Annotated[str, Field(pattern=r"^material:[a-z][a-z0-9_]{0,29}$")]


class OpenIn(Body):
    """What opens a matter: the procedure, and what its opening asks for by name."""

    procedure: Word
    values: Annotated[dict[Word, Text], Field(max_length=30)]


class FileIn(Body):
    """A file that comes with an act; the refusals of what is in it are those of any file handed in."""

    name: Line
    data: Annotated[Bytes, Field(max_length=attaching.LARGEST)]


class ActIn(Body):
    """What an act carries: the version looked at, its codes, texts and files by the names of the procedure's table."""

    version: Annotated[int, Field(ge=1, le=2**31)]
    codes: Annotated[dict[Word, Filled], Field(max_length=20)] = {}
    texts: Annotated[dict[Word, Text], Field(max_length=20)] = {}
    files: Annotated[dict[FileLabel, FileIn], Field(max_length=3)] = {}


@router.get("", response=MatterPage, summary="事项列表（各种程序）")
def list_matters(
    request: HttpRequest, procedure: Word | None = None, live: bool | None = None, about: Line | None = None,
    after: paging.Cursor = None, limit: paging.Limit = 50,
) -> MatterPage:  # fmt: skip
    found = Matter.objects.defer("state")
    if live is not None:
        found = found.filter(live=live)
    seen = Newest(found, actor_of(request), procedure or "", about or "", live=bool(live))
    rows, last = paging.newest_first(seen, after, limit)
    return MatterPage(matters=[MatterBrief.of(row) for row in rows], next=last)


@router.post("", response={201: MatterBrief}, summary="新建一个事项")
@once_as_one
def open_matter(request: HttpRequest, body: OpenIn) -> Status[MatterBrief]:
    if body.procedure == CASE or register.find(body.procedure) is None:
        raise InvalidInput(f"不能这样新建“{body.procedure}”，未办理。办件请从申报开始；其他请核对程序名。")
    begun = practice.of(body.procedure).open(body.values, actor_of(request), clock.now())
    return Status(201, MatterBrief.of(begun))


@router.get("/{number}", response=MatterDetail, summary="一个事项")
def show_matter(request: HttpRequest, number: str) -> MatterDetail:
    by = actor_of(request)
    found = queries.matter(number, by)
    return MatterDetail(
        matter=MatterBrief.of(found), organisations=queries.names(found), state=queries.state_for(found, by),
        deadlines=[
            {
                "name": one.name, "title": one.title, "holder": one.holder, "since": one.since, "due_on": one.due_on,
                "basis": one.basis, "explanation": one.explanation,
            }
            for one in queries.deadlines(found)
        ],
    )  # fmt: skip


@router.get("/{number}/timeline", response=list[StoryEntry], summary="一个事项的经过")
def tell_matter(request: HttpRequest, number: str) -> list[StoryEntry]:
    actor = actor_of(request)
    return [StoryEntry.from_orm(one) for one in queries.timeline(queries.matter(number, actor), actor)]


@router.get("/{number}/receipt", response=dict[str, Any], summary="本节点签名的事项记录首部")
def sign_for_matter(request: HttpRequest, number: str) -> dict[str, Any]:
    return queries.receipt(queries.matter(number, actor_of(request)), clock.now())


@router.get("/{number}/looks", response=LookPage, summary="谁看过这个事项（申请人只见机构和岗位）")
def list_looks(
    request: HttpRequest, number: str, day: date | None = None, after: paging.Cursor = None, limit: paging.Limit = 50,
) -> LookPage:  # fmt: skip
    actor = actor_of(request)
    found = looks.of_matter(number, actor)
    if day is not None:
        found = looks.on_day(found, day)
    key = paging.decode(after, int)
    if key:
        found = found.filter(pk__lt=key[0])
    rows, more = paging.cut(found.order_by("-pk")[: limit + 1], limit)
    named = actor.kind is not ActorKind.APPLICANT
    return LookPage(
        looks=[LookLine.of(row, named) for row in rows], next=paging.encode(rows[-1].pk) if more else None
    )


@router.get("/{number}/contents", response=list[ContentPiece], summary="事项的文字与文件")
def list_matter_contents(request: HttpRequest, number: str) -> list[ContentPiece]:
    actor = actor_of(request)
    return [ContentPiece.from_orm(one) for one in queries.contents(queries.matter(number, actor), actor)]


@router.get(
    "/{number}/contents/{digest}",
    response={200: None},
    openapi_extra=CONTENT,
    summary="取一份内容（留下查看记录）",
)
def show_matter_content(request: HttpRequest, number: str, digest: Digest) -> HttpResponse:
    return content_of(queries.matter(number, actor_of(request)), digest, request)


@router.post("/{number}/acts/{act}", response=MatterBrief, summary="办理一步（按该程序的规则表）")
@once_as_one
def do_to_matter(request: HttpRequest, number: str, act: Word, body: ActIn) -> MatterBrief:
    by = actor_of(request)
    found = queries.matter(number, by)
    procedure = register.find(found.procedure)
    rule = procedure.present.rules.get(act) if procedure else None
    # Cases have acts of their own at /cases, each with its schema.
    if procedure is None or rule is None or rule.founds or found.procedure == CASE:
        raise NotFound(f"{found.title} {found.number} 没有“{act}”这种操作，未办理。请查阅该程序的规则表。")
    _demand_known(body.codes, {name for name in rule.given if name in procedure.choices or name in NAMED})
    _demand_known(body.files, {label for label in rule.content if label.startswith(FILE)})
    _demand_known(body.texts, {*rule.content, *(("remark",) if rule.applicant or rule.brings else ())})
    for name, code in body.codes.items():
        offered = procedure.choices.get(name)
        if offered and code not in offered:
            raise InvalidInput(f"{name} 须是 {'、'.join(offered)} 之一，未办理。请改正后重试。")
    given: dict[str, Any] = {**body.codes}
    if "duties" in given:
        given["duties"] = [given["duties"]]
    files = {
        label: attaching.ready(file.name, file.data, material=found.title_of_label(label))
        for label, file in body.files.items()
    }
    done = commands.act(
        matter=found, act=act, by=by, at=clock.now(), given=given, texts=body.texts, version=body.version, files=files
    )  # fmt: skip
    return MatterBrief.of(done)


def _demand_known(named: dict[str, Any], known: set[str]) -> None:
    strangers = sorted(named.keys() - known)
    if strangers:
        raise InvalidInput(f"含有这一步不需要的 {'、'.join(strangers)}，未办理。请去掉后重试。")
