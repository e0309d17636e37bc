"""Drafts: a number at once, then form and materials, then filing."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.idempotency import once, once_as_one, once_outside
from tongban.api.schemas import Body, CaseBrief, Digest, OfferingCode
from tongban.cases import commands
from tongban.cases.words import Mode
from tongban.catalogue import queries as catalogue
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import commands as materials
from tongban.materials import discarding, queries
from tongban.materials.models import Draft, Material

router = Router(tags=["drafts"], auth=SIGNED_IN)
MaterialCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


class NewDraft(Body):
    """What is to be applied for."""

    offering: OfferingCode


class FormIn(Body):
    """What was filled in so far; judged by the guide's schema when it is filed."""

    form: dict[str, Any]


class FilingIn(Body):
    """In which mode it is filed."""

    mode: Mode


class DraftOut(Schema):
    """A draft without its content."""

    number: str
    display: str
    offering: str
    made_at: datetime
    changed_at: datetime
    ends_on: date = Field(description="到这一天仍未申报也没有改动的，草稿连同材料销毁")
    filed: bool


class MaterialOut(Schema):
    """A file handed in; its name is content and not repeated here."""

    code: str
    digest: str
    size: int
    media_type: str
    added_at: datetime
    stated: bool


class DraftDetail(DraftOut):
    """A draft with what was filled in, for its owner."""

    form: dict[str, Any]
    materials: list[MaterialOut]


@router.post("", response={201: DraftOut}, summary="新建申报草稿，取得办件编号")
@once
def open_draft(request: HttpRequest, body: NewDraft) -> Status[DraftOut]:
    by = actor_of(request)
    number = commands.open_draft(offering=body.offering, by=by, at=clock.now())
    return Status(201, _shown(queries.draft(number, by)))


@router.get("", response=list[DraftOut], summary="我的草稿（最近 100 份）")
def list_drafts(request: HttpRequest) -> list[DraftOut]:
    return [_shown(draft) for draft in queries.drafts_of(actor_of(request))[:100]]


@router.get("/{number}", response=DraftDetail, summary="一份草稿")
def show_draft(request: HttpRequest, number: str) -> DraftDetail:
    draft = _own(request, number)
    return DraftDetail(
        **_shown(draft).model_dump(), form=queries.form_of(draft.number),
        materials=[shown_material(one) for one in queries.materials_of(draft.number)],
    )  # fmt: skip


@router.delete("/{number}", response={204: None}, summary="放弃草稿，销毁所填内容和材料")
@once
def discard_draft(request: HttpRequest, number: str) -> Status[None]:
    discarding.discard(number=str(numbers.parse(number)), by=actor_of(request), at=clock.now())
    return Status(204, None)


@router.put("/{number}/form", response=DraftOut, summary="保存申请表")
@once
def save_form(request: HttpRequest, number: str, body: FormIn) -> DraftOut:
    draft = _own(request, number)
    saved = materials.save_form(number=draft.number, instance=body.form, by=actor_of(request), at=clock.now())
    return _shown(saved)


@router.post("/{number}/materials", response={201: MaterialOut}, summary="上传材料")
@once_outside
def add_material(
    request: HttpRequest, number: str, code: Form[MaterialCode], file: File[UploadedFile]
) -> Status[MaterialOut]:
    draft = _own(request, number)
    added = materials.add_material(
        number=draft.number, code=code, name=file.name or "", data=file.read(), by=actor_of(request),
        at=clock.now(), guide=catalogue.current_guide(draft.offering).body,
    )  # fmt: skip
    return Status(201, shown_material(added))


@router.delete("/{number}/materials/{digest}", response={204: None}, summary="移除材料")
@once
def remove_material(request: HttpRequest, number: str, digest: Digest) -> Status[None]:
    draft = _own(request, number)
    materials.remove_material(number=draft.number, digest=digest, by=actor_of(request), at=clock.now())
    return Status(204, None)


@router.post("/{number}/file", response={201: CaseBrief}, summary="申报")
@once_as_one
def file_draft(request: HttpRequest, number: str, body: FilingIn) -> Status[CaseBrief]:
    by = actor_of(request)
    filed = commands.file(number=str(numbers.parse(number)), mode=body.mode, by=by, at=clock.now())
    return Status(201, CaseBrief.of(filed))


def shown_material(material: Material) -> MaterialOut:
    """Return a material as answers show it."""
    return MaterialOut(**{name: getattr(material, name) for name in MaterialOut.model_fields})


def _own(request: HttpRequest, number: str) -> Draft:
    return queries.draft(str(numbers.parse(number)), actor_of(request))


def _shown(draft: Draft) -> DraftOut:
    return DraftOut(
        number=draft.number, display=numbers.parse(draft.number).display(), offering=draft.offering,
        made_at=draft.made_at, changed_at=draft.changed_at, ends_on=draft.ends_on, filed=draft.filed,
    )  # fmt: skip
