"""A node with its recovery key, and what is inside a backup: taken out, and put together again by somebody else."""

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Final

from tests.commandline.operators import node_in, run
from tongban.commandline import archive
from tongban.kernel.crypto import sm, streams

PASSPHRASE: Final = "a recovery passphrase"
PIECE: Final = "vault/ab/0"


def a_node(folder: Path) -> None:
    """Make a node in `folder`/home with its keys in `folder`/keys, its recovery key in `folder`/recovery.pem and a piece in its vault."""
    node_in(folder)
    piece = folder / "home" / PIECE
    piece.parent.mkdir(parents=True)
    piece.write_bytes(b"sealed")
    piece.with_name("1.part").write_bytes(b"still being written")
    done = run(
        "recovery-key", "make", "--out", folder / "recovery.pem", home=folder / "home",
        TONGBAN_RECOVERY_PASSPHRASE=PASSPHRASE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def back_up(folder: Path, name: str = "backup") -> Path:
    """Return a backup of that node."""
    done = run("backup", folder / name, home=folder / "home")
    assert done.returncode == 0, done.stderr
    return folder / name


def key_of(folder: Path) -> sm.SoftwareKey:
    return sm.SoftwareKey.load(folder / "recovery.pem", PASSPHRASE)


def inside(backup: Path, key: sm.Key) -> dict[str, bytes]:
    """Return the members of a backup."""
    with backup.open("rb") as raw:
        reader = streams.SealedReader(raw, archive.FORMAT, key)
        packed = io.BytesIO(gzip.decompress(reader.read()))
        reader.finish()
    with tarfile.open(fileobj=packed) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def manifest_of(members: dict[str, bytes]) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(members[archive.MANIFEST])
    return manifest


def put_together(
    target: Path, members: list[tuple[str, bytes]], public: bytes, *, kind: bytes = tarfile.REGTYPE
) -> Path:
    """Write what anybody can who knows the public part of the recovery key; `kind` is that of the first member."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for number, (name, data) in enumerate(members):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            if not number:
                entry.type, entry.linkname = kind, "/etc/passwd"
            tar.addfile(entry, io.BytesIO(data))
    return seal(target, packed.getvalue(), public)


def seal(target: Path, data: bytes, public: bytes) -> Path:
    with target.open("wb") as raw:
        writer = streams.SealedWriter(raw, archive.FORMAT, public)
        writer.write(data)
        writer.finish()
    return target
