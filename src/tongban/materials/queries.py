"""
What is read of drafts and materials.

`drafts_of` starts from `visible_to`. The others take a number of which the caller has already shown
that the actor may see it: a draft of theirs, or a case found through `Case.visible_to`.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum

from tongban.accounts.access.actor import Actor
from tongban.catalogue import guides
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.models import Content
from tongban.materials import container, forms, inspection, parts, scanning
from tongban.materials.models import Draft, DraftQuerySet, Material, MaterialQuerySet, Upload
from tongban.procedures.rule import FILE

Reference = dict[str, str | int]


class MaterialHeld(DomainError):
    """The file waits for the virus scanner (待查毒), or was found infected: nobody may open it."""

    code = "material_held"


def drafts_of(actor: Actor) -> DraftQuerySet:
    """Return the actor's drafts that are not filed yet, last changed first."""
    return Draft.objects.visible_to(actor).unfiled().order_by("-changed_at", "number")


def draft(number: str, actor: Actor) -> Draft:
    """
    Return one draft of the actor's, filed or not.

    Raises:
        NotFound: they have none of that number.
    """
    found = Draft.objects.visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFound(f"没有找到您的申报草稿 {number}。请核对编号。")
    return found


def form_of(number: str) -> dict[str, Any]:
    """Return what was filled in for a draft or a case filed here; empty if nothing was."""
    digest = Draft.objects.filter(number=number).values_list("form", flat=True).first()
    return form_at(number, digest) if digest else {}


def forms_of(numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return by number what was filled in, where it can be read now: by three statements but for forms that lie in files."""
    named = dict(Draft.objects.filter(number__in=numbers).exclude(form="").values_list("number", "form"))
    small, found = vault.small_of(named), {}
    for number, name in named.items():
        with suppress(DomainError):  # destroyed, not here, or no form
            found[number] = forms.decode(small[number]) if number in small else form_at(number, name)
    return found


def form_at(number: str, digest: str) -> dict[str, Any]:
    """
    Return the form that an event names, wherever the case was filed.

    Raises:
        NotFound, ContentMissing, ContentDestroyed: as the vault says. FormUnreadable: it is no form.
    """
    return forms.decode(vault.get(number, digest))


def form_reference(number: str) -> Reference | None:
    """Return the reference to the draft's form for an event's content, if there is a form."""
    digest = Draft.objects.filter(number=number).values_list("form", flat=True).first()
    content = Content.objects.filter(subject=number, digest=digest).first() if digest else None
    return vault.Reference("form", content.digest, content.size).to_dict() if content else None


def materials_of(number: str) -> MaterialQuerySet:
    """Return what was handed in for a case on this node, in the order of handing in, or in which it was put."""
    return Material.objects.of_case(number).order_by("place", "added_at", "pk")


def next_place(number: str) -> int:
    """Return the place after everything that was handed in for a case."""
    last = Material.objects.filter(number=number).aggregate(last=Max("place"))["last"]
    return 0 if last is None else last + 1


def held_of(number: str) -> MaterialQuerySet:
    """Return what of a case waits for the virus scanner."""
    return Material.objects.of_case(number).held()


def refused_of(number: str) -> MaterialQuerySet:
    """Return what of a case was found infected after it had been held, in the order of handing in."""
    return Material.objects.refused_of(number).order_by("added_at", "pk")


def upload(token: str, number: str, actor: Actor, at: datetime) -> Upload:
    """
    Return an upload to a draft of the actor's.

    Raises:
        NotFound: they have none of that name, or it is over.
    """
    draft(number, actor)
    found = Upload.objects.visible_to(actor).filter(token=token, number=number, expires_at__gt=at).first()
    if found is None:
        raise NotFound("这次上传已经结束、取消或过期。请重新选择文件上传。")
    return found


def extent_of(upload: Upload) -> int:
    """Return how many bytes of an upload have come."""
    return parts.extent(upload.token)


def references(number: str, *, unstated_only: bool = False) -> list[Reference]:
    """Return references to the materials for an event's content, in the order of handing in."""
    found = materials_of(number)
    return [
        vault.Reference(f"{FILE}{material.code}", material.digest, material.size).to_dict()
        for material in (found.unstated() if unstated_only else found)
    ]


def open_material(number: str, digest: str) -> tuple[str, str, bytes]:
    """
    Return name, media type and bytes of a file, handed in here or received from a peer.

    Raises:
        NotFound, ContentMissing, ContentDestroyed: as the vault says.
        MaterialHeld: it waits for the virus scanner. FileDangerous, ScannerAway: a peer's file, as it says.
        MaterialMalformed: not a material, or not of the type it claims: peers may lie, and the
            type decides what a browser does with it.
    """
    if Material.objects.filter(number=number, digest=digest).exclude(scan=Material.Scan.CLEAN).exists():
        raise MaterialHeld(f"办件 {number} 的这份材料尚未通过查毒，不能打开。请几分钟后再试，或重新上传。")
    file = container.unpack(vault.get(number, digest))
    if inspection.type_of(file.data) != file.media_type:
        raise container.MaterialMalformed(
            f"办件 {number} 的一份材料内容与所称类型不符，为安全起见不予打开。请联系提交地核对。"
        )
    if not Material.objects.filter(number=number, digest=digest).exists():
        # From a peer, and nobody here has scanned it yet.
        scanning.demand_clean(file.data, file.media_type, material="对方县送来的材料")
    return file.name, file.media_type, file.data


def name_of(number: str, digest: str) -> tuple[str, str]:
    """
    Return the name and the claimed media type of a file; its content stays closed, so nothing of it is checked.

    Raises:
        NotFound, ContentMissing, ContentDestroyed: as the vault says. MaterialMalformed: not a material.
    """
    head = vault.read_chunk(number, digest, 0)[vault.SALT :][: container.MAX_HEADER + 1]
    file = container.unpack(head)
    return file.name, file.media_type


def missing_required(number: str, guide: dict[str, Any]) -> list[str]:
    """Return the names of materials that this filled-in form calls for, that are not 免交, and not there."""
    held = set(Material.objects.of_case(number).values_list("code", flat=True))
    return required_of(form_of(number), guide, held)


def required_of(
    form: dict[str, Any], guide: dict[str, Any], held: AbstractSet[str] = frozenset()
) -> list[str]:
    """Return the names of materials that a form calls for, that are not 免交, not that form itself, and not among `held`."""
    return [
        material["name"]
        for material in guides.materials_for(guide, form)
        if material["required"]
        and not material["shared"]
        and not material.get("filled_form")
        and material["code"] not in held
    ]


def extent(number: str) -> tuple[int, int]:
    """Return how many materials a case has, and their bytes together."""
    sums = Material.objects.of_case(number).aggregate(count=Count("pk"), size=Sum("size"))
    return sums["count"], sums["size"] or 0
