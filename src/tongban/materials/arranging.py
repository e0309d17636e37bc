"""Pages of a material put in order before it is filed: small pictures of them, turned, moved forward."""

import io
from datetime import datetime
from typing import Any, Final

import pikepdf
from PIL import Image, ImageOps

from tongban.accounts.access.actor import Actor
from tongban.kernel import db
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.materials import commands, images, queries
from tongban.materials.models import Draft, Material

SMALL: Final = (240, 240)
PICTURES: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}
QUALITY: Final = 92


class NotTurnable(InvalidInput):
    """The file has no pages that can be turned."""

    code = "not_turnable"


def thumbnail(number: str, digest: str) -> bytes:
    """
    Return a small JPEG of a picture that was handed in.

    Raises:
        as `queries.open_material`; Busy. NotFound: it is no picture.
    """
    _name, media_type, data = queries.open_material(number, digest)
    if media_type not in PICTURES:
        raise NotFound("这份文件没有缩略图。请打开文件查看。")
    with images.GATE.turn(), Image.open(io.BytesIO(data), formats=[PICTURES[media_type]]) as picture:
        picture.draft("RGB", SMALL)
        small = ImageOps.exif_transpose(picture).convert("RGB")
        small.thumbnail(SMALL)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def turn(*, number: str, digest: str, by: Actor, at: datetime, guide: commands.Guide) -> Material:
    """
    Turn a file of a draft by a quarter, clockwise; it keeps its place among the material's files.

    Raises:
        NotFound, DraftAlreadyFiled: as `commands.own_draft`. NotTurnable: neither picture nor PDF. And what `commands.check` raises.
    """
    commands.unfiled(Draft.objects.visible_to(by), number)
    old = _one(number, digest)
    name, media_type, data = queries.open_material(number, digest)
    checked = commands.check(code=old.code, name=name, data=_turned(data, media_type), guide=guide)
    with db.write():
        new = commands.keep(checked, number=number, by=by, at=at)
        commands.remove_material(number=number, digest=digest, by=by, at=at)
        new.place = old.place
        new.save(update_fields=["place"])
    return new


def move_forward(*, number: str, digest: str, by: Actor) -> None:
    """
    Put a file of a draft before the one that stands before it among the same material's; the first stays.

    Raises:
        NotFound, DraftAlreadyFiled: as `commands.own_draft`.
    """
    with db.write():
        commands.own_draft(number, by)
        this = _one(number, digest)
        beside = list(queries.materials_of(number).filter(code=this.code))
        at = [one.pk for one in beside].index(this.pk)
        if at:
            beside[at - 1], beside[at] = beside[at], beside[at - 1]
        for place, one in zip(sorted(one.place for one in beside), beside, strict=True):
            Material.objects.filter(pk=one.pk).update(place=place)


def _one(number: str, digest: str) -> Material:
    found = Material.objects.of_case(number).filter(digest=digest).first()
    if found is None:
        raise NotFound(f"办件 {number} 没有这份材料，可能已被移除。请刷新后重试。")
    return found


def _turned(data: bytes, media_type: str) -> bytes:
    buffer = io.BytesIO()
    if media_type == "application/pdf":
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                page.rotate(90, relative=True)
            pdf.save(buffer)
        return buffer.getvalue()
    if media_type not in PICTURES:
        raise NotTurnable("这种文件不能转向。请重新扫描后上传。")
    kept: dict[str, Any] = {"quality": QUALITY} if media_type == "image/jpeg" else {}
    with images.GATE.turn(), Image.open(io.BytesIO(data), formats=[PICTURES[media_type]]) as picture:
        turned = ImageOps.exif_transpose(picture).transpose(Image.Transpose.ROTATE_270)
    turned.save(buffer, PICTURES[media_type], **kept)
    return buffer.getvalue()
