"""Everything that changes a draft or what was handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel import db, vault
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.materials import container, forms, inspection, quality, queries, quotas, scanning, storage
from tongban.materials.models import Draft, DraftQuerySet, Material
from tongban.procedures.rule import FILE

DEFAULT_MAX_BYTES: Final = 20 * 1024 * 1024
CASE_MAX_BYTES: Final = 200 * 1024 * 1024
CASE_MAX_FILES: Final = 200

Guide = Mapping[str, Any]


class OfferingClosed(DomainError):
    """The offering is paused or withdrawn: nobody can apply for it now."""

    code = "offering_closed"


class DraftExists(DomainError):
    """The number is taken."""

    code = "draft_exists"


class DraftAlreadyFiled(DomainError):
    """The draft was filed and is part of the case now."""

    code = "draft_already_filed"


class DraftChangedMeanwhile(DomainError):
    """The form was changed elsewhere, so what a page would keep by itself is not put in its place."""

    code = "draft_changed_meanwhile"


class MaterialNotAsked(InvalidInput):
    """The guide knows no such material."""

    code = "material_not_asked"


class MaterialAlreadyStated(DomainError):
    """An event names the material, so it cannot be taken back."""

    code = "material_already_stated"


class MaterialsTooLarge(DomainError):
    """The materials of one case are too many or too large together."""

    code = "materials_too_large"
    status = 413


class MaterialsHeld(DomainError):
    """Materials wait for the virus scanner (待查毒), so no event may name them yet."""

    code = "materials_held"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was inspected and scanned, as it will be kept."""

    code: str
    stored: bytes
    media_type: str
    is_held: bool
    hints: str = ""


def open_draft(*, number: str, offering_code: str, by: Actor, at: datetime) -> Draft:
    """
    Open a draft under a number that `cases` has issued; it belongs to the applicant or the window.

    Raises:
        NotPermitted: `by` is neither an applicant nor staff who may file.
        NotFound: no such offering. OfferingClosed: nobody can apply for it now.
        DraftExists: the number is taken. DraftsTooMany, DraftsTooManyToday: of applicants, as `quotas` says.
    """
    belongs = owner(by)
    demand_open(catalogue.offering(offering_code))
    with db.write():
        quotas.begin(belongs.get("applicant", ""), at)
        draft, made = Draft.objects.get_or_create(
            number=number,
            defaults={"offering": offering_code, "made_at": at, "changed_at": at, **belongs},
        )
        if not made:
            raise DraftExists(f"办件 {number} 已经存在，未新建。请刷新后重试。")
        # Now, alone: two first uploads at once would both make a key.
        vault.subject_key(number)
    return draft


def demand_open(offering: Offering) -> None:
    """Return if the offering can be applied for now; raises OfferingClosed."""
    if offering.state != Offering.State.IN_USE:
        raise OfferingClosed(
            f"事项《{offering.name}》已暂停或取消，暂不能申报。请查看办事指南或选择其他事项。"
        )


def save_form(
    *, number: str, instance: dict[str, Any], by: Actor, at: datetime, instead_of: str | None = None
) -> Draft:
    """
    Keep what was filled in so far, in place of what was kept before. It is judged when it is filed.

    Who saves without anybody's word says by `instead_of` which form (its digest) they think they replace.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: it is a case now.
        DraftChangedMeanwhile: another form is kept than `instead_of`.
        FormUnreadable: not a form at all.
        ContentDestroyed, StorageFull: as the vault says; what was kept before stays.
    """
    data = forms.encode(instance)
    with db.write():
        draft = own_draft(number, by)
        if instead_of is not None and draft.form != instead_of:
            raise DraftChangedMeanwhile(
                "没有自动保存：这份草稿在别的页面或设备上改过。请刷新页面核对；按“保存并继续”则以本页为准。"
            )
        reference = vault.put(number, "form", data)
        if draft.form:
            storage.discard(number, draft.form)
        draft.form, draft.changed_at = reference.digest, at
        draft.save(update_fields=["form", "changed_at"])
    return draft


def add_material(
    *,
    number: str,
    code: str,
    name: str,
    data: bytes,
    by: Actor,
    at: datetime,
    guide: Guide,
    for_draft: bool = True,
) -> Material:
    """
    Inspect a file and keep it as the guide's material `code`. The same file again is not kept twice.

    Whether `by` may add to a case that is filed (补正、补交) is for the caller to say, with
    `for_draft=False`.

    Raises:
        MaterialNotAsked: the guide knows no such material.
        FileRefused: the file is disguised, too large, of another type, unreadable or dangerous.
        MaterialsTooLarge: the case has no room for it. DraftsTooLarge: the applicant's drafts have not.
        NotFound, DraftAlreadyFiled: of `for_draft`, as `save_form`.
        ContentDestroyed, StorageFull: as the vault says; nothing is kept.
    """
    checked = check(code=code, name=name, data=data, guide=guide)
    return keep(checked, number=number, by=by, at=at, for_draft=for_draft)


def check(*, code: str, name: str, data: bytes, guide: Guide) -> Checked:
    """
    Inspect and scan a file, without touching the database: decoding takes long, and other writers wait.

    Raises:
        MaterialNotAsked, FileRefused: as `add_material`.
    """
    asked = asked_for(guide, code)
    found = inspection.inspect(
        data,
        name,
        asked.get("accept", inspection.TYPES),
        asked.get("max_bytes", DEFAULT_MAX_BYTES),
        material=asked["name"],
    )
    verdict = scanning.scan(data, found.media_type)
    if verdict is scanning.Verdict.INFECTED:
        raise inspection.FileDangerous(scanning.infected_sentence(asked["name"]))
    stored = container.pack(container.StoredFile(name, found.media_type, data))
    hints = "；".join(quality.hints(data, found.media_type, asked.get("max_bytes", DEFAULT_MAX_BYTES)))
    return Checked(code, stored, found.media_type, verdict is scanning.Verdict.HELD, hints)


def keep(checked: Checked, *, number: str, by: Actor, at: datetime, for_draft: bool = True) -> Material:
    """Keep a checked file; raises as `add_material`. One that the scanner could not judge is held."""
    with db.write():
        draft = own_draft(number, by) if for_draft else None
        storage.hold(number)
        twin = _same_file(number, checked.code, checked.stored)
        if twin is not None:
            return _released(twin) if twin.scan == Material.Scan.HELD and not checked.is_held else twin
        demand_room(number, len(checked.stored))
        if draft is not None:
            quotas.demand_room(draft.applicant, len(checked.stored))
        reference = vault.put(number, f"{FILE}{checked.code}", checked.stored)
        material = Material.objects.create(
            number=number,
            code=checked.code,
            digest=reference.digest,
            size=reference.size,
            media_type=checked.media_type,
            added_at=at,
            hints=checked.hints,
            place=queries.next_place(number),
            scan=Material.Scan.HELD if checked.is_held else Material.Scan.CLEAN,
        )
        if draft is not None:
            draft.changed_at = at
            draft.save(update_fields=["changed_at"])
    return material


def judge_held(*, number: str, digest: str, verdict: scanning.Verdict, at: datetime) -> bool:
    """
    Release a material that was held, or remove its content and note that it was refused.

    Returns whether it was still held.
    """
    with db.write():
        found = Material.objects.of_case(number).held().filter(digest=digest)
        material = found.select_for_update().first()
        if material is None:
            return False
        clean = verdict is scanning.Verdict.CLEAN
        material.scan = Material.Scan.CLEAN if clean else Material.Scan.REFUSED
        material.save(update_fields=["scan"])
        if not clean:
            storage.discard(number, digest)
        Draft.objects.filter(number=number, filed=False).update(changed_at=at)
    return True


def remove_material(*, number: str, digest: str, by: Actor, at: datetime, for_draft: bool = True) -> None:
    """
    Take back a material that no event names yet, and remove its content.

    Raises:
        NotFound: no such material, or of `for_draft` no such draft of `by`.
        DraftAlreadyFiled: of `for_draft`, it is a case now.
        MaterialAlreadyStated: an event names it.
    """
    with db.write():
        draft = own_draft(number, by) if for_draft else None
        storage.hold(number)
        material = Material.objects.filter(number=number, digest=digest).first()
        if material is None:
            raise NotFound(f"办件 {number} 没有这份材料，可能已被移除。请刷新后重试。")
        if material.stated:
            raise MaterialAlreadyStated(
                f"办件 {number} 的这份材料已写入记录，不能移除。如需更换，请补充提交新的材料。"
            )
        material.delete()
        storage.discard(number, digest)
        if draft is not None:
            draft.changed_at = at
            draft.save(update_fields=["changed_at"])


def owner(by: Actor) -> dict[str, str]:
    """
    Return to whom a draft that `by` opens belongs: column and value.

    Raises:
        NotPermitted: `by` is neither an applicant nor staff who may file.
    """
    if by.kind is ActorKind.APPLICANT and by.applicant:
        return {"applicant": by.applicant}
    if by.kind is ActorKind.STAFF and by.organisation and by.may(Permission.CASE_FILE):
        return {"organisation": by.organisation}
    raise NotPermitted("您不能新建申报。请由申请人本人登录申报，或由有登记权限的窗口人员办理。")


def own_draft(number: str, by: Actor) -> Draft:
    """
    Return the unfiled draft of `by`, locked until the transaction ends.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: it is a case now.
    """
    return unfiled(Draft.objects.visible_to(by).select_for_update(), number)


def unfiled(drafts: DraftQuerySet, number: str) -> Draft:
    """Return the draft of this number among `drafts`; raises as `own_draft`."""
    draft = drafts.filter(number=number).first()
    if draft is None:
        raise NotFound(f"没有找到您的申报草稿 {number}。请核对编号，或重新开始申报。")
    if draft.filed:
        raise DraftAlreadyFiled(f"办件 {number} 已经申报，不能再修改草稿。请在办件页面查看进度。")
    return draft


def asked_for(guide: Guide, code: str) -> Mapping[str, Any]:
    """
    Return what the guide says of material `code`.

    Raises:
        MaterialNotAsked: it knows no such material.
    """
    for material in guide["materials"]:
        if material["code"] == code:
            found: Mapping[str, Any] = material
            return found
    raise MaterialNotAsked("办事指南没有要求这项材料，未保存。请从材料清单中选择后上传。")


def _same_file(number: str, code: str, stored: bytes) -> Material | None:
    """Return the material that holds these very bytes: a button pressed twice, an upload tried again."""
    for material in Material.objects.of_case(number).filter(code=code, size=len(stored)):
        if vault.get(number, material.digest) == stored:
            return material
    return None


def demand_room(number: str, size: int) -> None:
    """
    Return if the case has room for one more material of `size` bytes.

    Raises:
        MaterialsTooLarge: it has not.
    """
    count, total = queries.extent(number)
    if total + size > CASE_MAX_BYTES or count >= CASE_MAX_FILES:
        raise MaterialsTooLarge(
            f"办件 {number} 的材料合计超过上限（{inspection.size_words(CASE_MAX_BYTES)}、{CASE_MAX_FILES} 份），"
            "这份没有保存。请移除多余的材料，或降低分辨率后重新上传。"
        )


def _released(material: Material) -> Material:
    material.scan = Material.Scan.CLEAN
    material.save(update_fields=["scan"])
    return material
