"""Everything that changes an upload in parts: begun, added to, finished or given up."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.catalogue import queries as catalogue
from tongban.kernel import db, vault
from tongban.kernel.crypto import sm
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.gates import Busy
from tongban.kernel.storage import StorageFull
from tongban.materials import commands, inspection, parts, queries, quotas
from tongban.materials.models import Material, Upload

KEPT_FOR: Final = timedelta(hours=24)
AT_ONCE: Final = 10  # of one draft; the oldest gives way, it is the one nobody came back for


class UploadElsewhere(DomainError):
    """The upload stands at another byte than the sender thinks; asking again (HEAD) tells where."""

    code = "upload_elsewhere"


class UploadGone(DomainError):
    """What had come of the file is lost or spoilt."""

    code = "upload_gone"
    status = 410


class ChecksumMismatch(DomainError):
    """The bytes are not those of which the sender gave the checksum (tus: 460)."""

    code = "checksum_mismatch"
    status = 460


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come; with the material once it is one, and what may be hard to read."""

    offset: int
    material: Material | None = None
    data: bytes = b""


def begin(*, number: str, code: str, name: str, size: int, by: Actor, at: datetime) -> Upload:
    """
    Begin to upload a file of `size` bytes as material `code` of a draft of `by`.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: it is a case now.
        MaterialNotAsked: the guide knows no such material.
        FileTooLarge, FileUnreadable: more than the guide takes, or nothing at all; told before it is sent.
        MaterialsTooLarge: the case has no room for it. DraftsTooLarge: the applicant's drafts have not.
    """
    draft = queries.draft(number, by)
    asked = commands.asked_for(catalogue.current_guide(draft.offering).body, code)
    largest = asked.get("max_bytes", commands.DEFAULT_MAX_BYTES)
    inspection.demand_size(size, largest, material=asked["name"])
    token = secrets.token_hex(16)
    with db.write():
        commands.own_draft(number, by)
        commands.demand_room(number, size)
        sealed = sm.sm4_seal(vault.subject_key(number), name.encode(), token.encode())
        upload = Upload.objects.create(
            token=token, number=number, code=code, size=size, name=sealed, expires_at=at + KEPT_FOR
        )
        earlier = Upload.objects.filter(number=number).order_by("-expires_at", "-token")[AT_ONCE:]
        superfluous = [one.token for one in earlier]
        Upload.objects.filter(token__in=superfluous).delete()
        quotas.demand_room(
            draft.applicant, 0
        )  # this upload is counted already, and those that gave way no more
    for one in superfluous:
        parts.remove(one)
    return upload


def take(
    *, upload: Upload, offset: int, pieces: Iterable[bytes], sha256: bytes | None, by: Actor, at: datetime
) -> Progress:
    """
    Add what a request brings, beginning at `offset`; with its last byte the file becomes a material.

    What has come stays, also if `pieces` breaks off; with a checksum only what fits it does.

    Raises:
        UploadBusy: another request adds to it. UploadElsewhere: it does not stand at `offset`.
        ChecksumMismatch: nothing of this request was kept. FileTooLarge: more came than was announced.
        StorageFull, Busy: at the end too; what has come stays, and may be tried again.
        UploadGone, and whatever `commands.add_material` raises: at the end; then the upload is over.
    """
    key = vault.subject_key(upload.number)
    with parts.alone(upload.token):
        come = parts.extent(upload.token)
        if come != offset:
            raise UploadElsewhere(f"上传位置不符：已收到 {come} 字节。请从已收到的位置继续上传。")
        parts.drop(upload.token)
        digest = hashlib.sha256()
        for piece in pieces:
            if come + len(piece) > upload.size:
                parts.drop(upload.token)
                raise inspection.FileTooLarge(
                    "收到的内容超过了声明的文件大小，没有保存。请重新选择文件上传。"
                )
            digest.update(piece)
            parts.write(upload.token, key, come, piece, counts=sha256 is None)
            come += len(piece)
        if sha256 is not None:
            if digest.digest() != sha256:
                parts.drop(upload.token)
                raise ChecksumMismatch("这一段在传输中出错，没有保存。请从已收到的位置重新上传这一段。")
            parts.keep(upload.token)
        if come < upload.size:
            return Progress(come)
        return _finished(upload, key, by, at)


def cancel(*, upload: Upload) -> None:
    """
    Give an upload up; what had come is removed.

    Raises:
        UploadBusy: a request is adding to it just now.
    """
    with parts.alone(upload.token):
        _over(upload)


def expire_all(at: datetime) -> int:
    """Give up what nobody came back for, and what no row knows any more; return how many."""
    with db.write():
        Upload.objects.filter(expires_at__lte=at).delete()
    known = set(Upload.objects.values_list("token", flat=True))
    left = [token for token in parts.tokens() if token not in known]
    for token in left:
        parts.remove(token)
    return len(left)


def _finished(upload: Upload, key: bytes, by: Actor, at: datetime) -> Progress:
    try:
        name = sm.sm4_open(key, bytes(upload.name), upload.token.encode()).decode()
        data = parts.read(upload.token, key)
        guide = catalogue.current_guide(queries.draft(upload.number, by).offering).body
        # Before the transaction: decoding takes long, and other writers wait.
        checked = commands.check(code=upload.code, name=name, data=data, guide=guide)
        with db.write():
            if not Upload.objects.select_for_update().filter(token=upload.token).exists():
                raise NotFound("这次上传已经结束或取消。请刷新页面查看。")
            # First, so that its bytes are not counted twice against the applicant.
            Upload.objects.filter(token=upload.token).delete()
            material = commands.keep(checked, number=upload.number, by=by, at=at)
    except sm.Tampered:
        _over(upload)
        raise UploadGone("已收到的部分损坏，没有保存。请重新上传这个文件。") from None
    except (StorageFull, Busy):
        raise  # the same bytes may find room, or a turn, later
    except DomainError:
        _over(upload)
        raise
    parts.remove(upload.token)
    return Progress(upload.size, material, data)


def _over(upload: Upload) -> None:
    with db.write():
        Upload.objects.filter(token=upload.token).delete()
    parts.remove(upload.token)
