"""
The file that `backup` writes and `restore` reads: a tar.gz, sealed for the recovery key (`kernel.crypto.streams`).

Its last member is the manifest: the SM3 of every other one, and the key chain of the node, which signed it all. Anybody
who knows the public part of the recovery key can seal something for it; only the node signs.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tongban.commandline.group import Refused
from tongban.kernel.crypto import signed, sm, streams
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain, fingerprint_groups

FORMAT = "tongban-backup/2"
MANIFEST = "manifest.json"
CONFIG = "config.toml"
SQLITE = "database.sqlite3"
DUMP = "database.dump"
VAULT = "vault"
PIECE = 1024 * 1024

type Document = dict[str, Any]


def write(
    target: Path, files: Iterable[tuple[str, Path]], *, recipient: bytes, about: Mapping[str, Any],
    sign: Callable[[Mapping[str, Any]], Document],
) -> Document:  # fmt: skip
    """
    Write a backup of `files` (name inside, path) for the key of `recipient`; return its manifest: `about`, signed.

    Raises:
        Refused: the file is there already, or there is no room for it.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{target} 已存在，未覆盖。请换一个文件名。") from None
    except OSError as error:
        raise Refused(f"备份未完成（{error.strerror}）。请检查目录与磁盘空间。") from error
    try:
        with os.fdopen(descriptor, "wb") as raw:
            stream = streams.SealedWriter(raw, FORMAT, recipient)
            with (
                gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=3, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                digests = {name: _add(tar, name, path) for name, path in files}
                manifest = sign({"format": FORMAT, **about, "files": digests})
                text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
                tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
            stream.finish()
            raw.flush()
            os.fsync(raw.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"备份未完成（{error.strerror}）。请检查目录与磁盘空间。") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return manifest


def read(source: Path, key: sm.Key, folder: Path, *, vault: bool) -> Document:
    """
    Unpack a backup into an empty folder and return its manifest, every byte of it checked; the `vault` only if asked.

    Raises:
        Refused: it is for another key, damaged, not a backup at all, or not signed by the node it names.
    """
    damaged = f"备份 {source} 已损坏或被改动，未恢复。请换一份备份。"
    digests: dict[str, str] = {}
    text = b""
    try:
        with source.open("rb") as raw:
            stream = streams.SealedReader(raw, FORMAT, key)
            packed = gzip.GzipFile(fileobj=io.BufferedReader(stream), mode="rb")
            with tarfile.open(fileobj=packed, mode="r|") as tar:
                for member in tar:
                    content = _content(tar, member, digests)
                    if member.name == MANIFEST:
                        text = content.read()
                    else:
                        wanted = vault or not member.name.startswith(f"{VAULT}/")
                        digests[member.name] = _take(content, folder / member.name if wanted else None)
            while packed.read(PIECE):  # what follows is packed too, or refused
                pass
            stream.finish()
        return _checked(json.loads(text), digests)
    except streams.NotAStream:
        raise Refused(f"{source} 不是通办节点的备份，未恢复。请核对文件。") from None
    except streams.OtherKey as other:
        raise Refused(
            f"备份 {source} 要用另一个恢复密钥打开，未恢复。请换用指纹为 {fingerprint_groups(other.args[0])} 的恢复密钥文件。"
        ) from None
    except (gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise Refused(damaged) from None
    except OSError as error:
        raise Refused(
            f"备份 {source} 未能读出（{error.strerror}），未恢复。请检查文件与磁盘空间。"
        ) from error


def chain_of(manifest: Mapping[str, Any]) -> KeyChain:
    """Return the key chain of the node, as it was when the backup was made."""
    return KeyChain.verify(manifest["chain"])


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        digest: str = hashlib.file_digest(file, _sm3).hexdigest()
        file.seek(0)
        tar.addfile(_entry(name, os.fstat(file.fileno()).st_size), file)
    return digest


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, seen: Mapping[str, str]) -> IO[bytes]:
    """Return what is in a member; raises ValueError unless it is a file that a backup has, and only once."""
    parts = PurePosixPath(member.name).parts
    known = member.name in (MANIFEST, CONFIG, SQLITE, DUMP) or (parts[:1] == (VAULT,) and ".." not in parts)
    # Of a folder it gives nothing, and a link it refuses as a stream does not go back.
    content = tar.extractfile(member) if known and member.name not in seen else None
    if content is None:
        raise ValueError("no member of a backup")
    return content


def _take(content: IO[bytes], target: Path | None) -> str:
    """Return the SM3 of a member; keep it if there is a place for it."""
    digest = _sm3()
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") if target is not None else io.BytesIO() as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            if target is not None:
                file.write(piece)
    return str(digest.hexdigest())


def _checked(manifest: Document, digests: Mapping[str, str]) -> Document:
    try:
        if manifest["format"] != FORMAT or chain_of(manifest).root != manifest["node"]:
            raise ValueError("another format or node")
        signed.check(manifest, chain_of(manifest))
    except (BrokenKeyChain, signed.BadSignature, ValueError):
        raise Refused("备份中的清单没有节点的有效签名，未恢复。请换一份备份。") from None
    files: Mapping[str, str] = manifest["files"]
    names = sorted(files.keys() ^ digests.keys()) or [name for name in files if files[name] != digests[name]]
    if names:
        raise Refused(f"备份中的 {names[0]} 与清单不符，未恢复。请换一份备份。")
    return manifest


def _sm3() -> Any:
    return hashlib.new("sm3")
