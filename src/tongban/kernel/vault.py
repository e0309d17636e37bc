"""
The vault: forms, reasons, opinions, files. Events carry only salted digests of what lies here.

Every subject has a key of its own, wrapped under the node's vault key; destroying it removes the content and
leaves the proof. A piece of content is the stream salt(16 bytes)‖data; its digest is SM3 of that stream.
Streams are cut into chunks, each sealed with SM4-GCM; small ones lie in the row, larger ones in files.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tongban.kernel.crypto import digest, keyring, sm
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal.writing import Insert, store
from tongban.kernel.models import Content, SubjectKey
from tongban.kernel.prepared import Prepared
from tongban.kernel.storage import StorageFull

SALT = 16
CHUNK = 256 * 1024
INLINE = 16 * 1024


class ContentDestroyed(DomainError):
    """The content of the subject was destroyed on purpose; the proof remains."""

    code = "content_destroyed"
    status = 410


class ContentMissing(DomainError):
    """The content has not arrived yet, or its file is gone."""

    code = "content_missing"
    status = 409


@dataclass(frozen=True, slots=True)
class Reference:
    """What an event says of a piece of content."""

    label: str
    digest: str
    size: int

    def to_dict(self) -> dict[str, str | int]:
        """Return the reference as events write it."""
        return {"label": self.label, "digest": self.digest, "size": self.size}


def subject_key(subject: str) -> bytes:
    """
    Return the key of a subject's content, making one at first use.

    Raises:
        ContentDestroyed: the key was destroyed.
    """
    return kept_key(subject) or _new_key(subject)


def kept_key(subject: str) -> bytes | None:
    """Return the key of a subject's content if it has one: who only reads makes none; raises as `subject_key`."""
    row = _key_of.first(subject)
    if row is None:
        return None
    if row.wrapped is None:
        raise ContentDestroyed(f"{subject} 的材料内容已依《{row.destroyed_under}》销毁，只能查验证据。")
    return _opened(row)


def _opened(row: SubjectKey) -> bytes:
    return sm.sm4_open(_vault_key(), bytes(row.wrapped or b""), row.subject.encode())


_key_of = Prepared(lambda subject: SubjectKey.objects.filter(subject=subject), str)


def _new_key(subject: str) -> bytes:
    key = secrets.token_bytes(16)
    store(
        [
            Insert(
                SubjectKey,
                ({"subject": subject, "wrapped": sm.sm4_seal(_vault_key(), key, subject.encode())},),
            )
        ]
    )
    return key


def put_first(subject: str, label: str, data: bytes) -> Reference:
    """Store the first content of a subject whose number was issued just now, so that it has no key yet; raises as `put`."""
    return _put(_new_key(subject), subject, label, data)


def put(subject: str, label: str, data: bytes) -> Reference:
    """
    Store content for a subject, with what else is being written, and return the reference for an event.

    Files are on disk, flushed, before the row exists: a crash leaves at worst an orphan file.

    Raises:
        ContentDestroyed: the subject's key was destroyed.
        StorageFull: there is no room; nothing refers to what was written.
    """
    return put_all(subject, {label: data})[0]


def put_all(subject: str, pieces: Mapping[str, bytes]) -> list[Reference]:
    """Store several pieces of content by label, as `put`; a key that the subject still lacks is made once for all."""
    key = subject_key(subject) if pieces else b""
    return [_put(key, subject, label, data) for label, data in pieces.items()]


def _put(key: bytes, subject: str, label: str, data: bytes) -> Reference:
    stream = secrets.token_bytes(SALT) + data
    name = digest.of(stream)
    row = {"subject": subject, "digest": name, "size": len(data)}
    if len(stream) <= INLINE:
        sealed = sm.sm4_seal(key, stream, _aad(subject, name, 0))
        store([Insert(Content, ({**row, "chunks": 1, "sealed": sealed},))])
        return Reference(label, name, len(data))
    pieces = [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]
    try:
        for index, piece in enumerate(pieces):
            _write_chunk(subject, name, index, sm.sm4_seal(key, piece, _aad(subject, name, index)))
    except StorageFull:
        for index in range(len(pieces)):  # the full disk needs the room
            _chunk_path(subject, name, index).unlink(missing_ok=True)
        raise
    store([Insert(Content, ({**row, "chunks": len(pieces)},))])
    return Reference(label, name, len(data))


def expect(subject: str, name: str, size: int, source: str, at: datetime) -> None:
    """Note, with what else is being written, that content named by an adopted event has still to be fetched from node `source`."""
    row = {
        "subject": subject, "digest": name, "size": size, "complete": False, "source": source, "next_at": at
    }  # fmt: skip
    store([Insert(Content, (row,), unless=("subject", "digest"))])


def chunk_count(size: int) -> int:
    """Return into how many chunks content of `size` bytes is cut."""
    return -(-(SALT + size) // CHUNK)


def read_chunk(subject: str, name: str, index: int) -> bytes:
    """
    Return one chunk of the stream, opened.

    Raises:
        NotFound: no such content or chunk.
        ContentDestroyed, ContentMissing: as named.
    """
    row = Content.objects.filter(subject=subject, digest=name).first()
    if row is None or not 0 <= index < chunk_count(row.size):
        raise NotFound(f"{subject} 没有这份材料内容。请核对摘要。")
    key = kept_key(subject)
    if key is None or not row.complete:
        raise ContentMissing(f"{subject} 的一份材料尚未收齐，请稍后再试。")
    if row.sealed is not None:
        return sm.sm4_open(key, bytes(row.sealed), _aad(subject, name, 0))
    try:
        blob = _chunk_path(subject, name, index).read_bytes()
    except FileNotFoundError:
        raise ContentMissing(f"{subject} 的一份材料文件不在库中，请从备份恢复或向对方节点重取。") from None
    return sm.sm4_open(key, blob, _aad(subject, name, index))


def has_chunk(subject: str, name: str, index: int) -> bool:
    """Return whether the file of a chunk is there, without opening it."""
    return _chunk_path(subject, name, index).is_file()


def get(subject: str, name: str) -> bytes:
    """
    Return a piece of content, checked against its digest.

    Raises:
        as `read_chunk`; sm.Tampered: what is stored is not what was put.
    """
    row = Content.objects.filter(subject=subject, digest=name).first()
    if row is None:
        raise NotFound(f"{subject} 没有这份材料内容。请核对摘要。")
    stream = b"".join(read_chunk(subject, name, index) for index in range(chunk_count(row.size)))
    return _checked(stream, name)


def small_of(named: Mapping[str, str]) -> dict[str, bytes]:
    """
    Return by subject the content that is named of it, by two statements for any number of subjects.

    What lies in files, is not here or was destroyed is left out: `get` says which.

    Raises:
        sm.Tampered: what is stored is not what was put.
    """
    keys = SubjectKey.objects.filter(subject__in=named).exclude(wrapped=None)
    opened = {row.subject: _opened(row) for row in keys}
    rows = Content.objects.filter(subject__in=opened, digest__in=set(named.values()), complete=True)
    found = {}
    for row in rows.exclude(sealed=None):
        if row.digest == named[row.subject]:
            stream = sm.sm4_open(
                opened[row.subject], bytes(row.sealed or b""), _aad(row.subject, row.digest, 0)
            )
            found[row.subject] = _checked(stream, row.digest)
    return found


def _checked(stream: bytes, name: str) -> bytes:
    if digest.of(stream) != name:
        raise sm.Tampered("content does not fit its digest")
    return stream[SALT:]


def add_chunk(content: Content, piece: bytes) -> bool:
    """
    Store the next chunk of content that is being fetched; return whether it is complete now.

    Raises:
        sm.Tampered: the whole stream does not hash to the digest; the caller lets it `begin_again`.
    """
    key, index = subject_key(content.subject), content.chunks
    blob = sm.sm4_seal(key, piece, _aad(content.subject, content.digest, index))
    if chunk_count(content.size) == 1 and len(piece) <= INLINE:
        content.sealed = blob
    else:
        _write_chunk(content.subject, content.digest, index, blob)
    content.chunks += 1
    content.complete = content.chunks == chunk_count(content.size)
    if content.complete and digest.of(b"".join(_stream(content, key))) != content.digest:
        raise sm.Tampered("fetched content does not fit its digest")
    content.save()
    return content.complete


def begin_again(content: Content) -> None:
    """Drop what was fetched of a piece of content: some of it is not what its digest says."""
    content.chunks, content.complete, content.sealed = 0, False, None
    content.save()


def destroy(subject: str, under: str, at: datetime) -> None:
    """Destroy the key of a subject's content under a legal basis, and remove its files."""
    SubjectKey.objects.update_or_create(
        subject=subject, defaults={"wrapped": None, "destroyed_at": at, "destroyed_under": under}
    )
    Content.objects.filter(subject=subject).update(sealed=None, complete=True)
    # Without the key the files are noise; they go once the loss of the key is certain.
    transaction.on_commit(lambda: _remove_files(subject))


def reopen(subject: str) -> None:
    """Forget that the content of a subject was destroyed here, so that it may come again from who still has it."""
    Content.objects.filter(subject=subject).delete()
    SubjectKey.objects.filter(subject=subject, wrapped=None).delete()


def _remove_files(subject: str) -> None:
    for path in _folder(subject).glob("*"):
        path.unlink(missing_ok=True)


def is_destroyed(subject: str) -> bool:
    """Return whether the content of a subject was destroyed on this node."""
    row = _key_of.first(subject)
    return row is not None and row.wrapped is None


def _stream(content: Content, key: bytes) -> Iterator[bytes]:
    for index in range(content.chunks):
        aad = _aad(content.subject, content.digest, index)
        blob = content.sealed if content.sealed is not None else _chunk_path(
            content.subject, content.digest, index
        ).read_bytes()  # fmt: skip
        yield sm.sm4_open(key, bytes(blob), aad)


def _vault_key() -> bytes:
    return keyring.vault_key(settings.NODE.keys)


def _aad(subject: str, name: str, index: int) -> bytes:
    return f"{subject}|{name}|{index}".encode()


def _folder(subject: str) -> Path:
    return Path(settings.VAULT_FOLDER) / subject[-9:-7] / subject


def _chunk_path(subject: str, name: str, index: int) -> Path:
    return _folder(subject) / f"{name}.{index}"


def _flush_folder(folder: Path) -> None:
    """Let the file's name survive a power cut too, and that of its folder."""
    for place in (folder, folder.parent, folder.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_chunk(subject: str, name: str, index: int, blob: bytes) -> None:
    path = _chunk_path(subject, name, index)
    part = path.with_suffix(f".{index}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageFull("节点存储写入失败，材料没有保存。请联系管理员检查磁盘空间后重试。") from error
