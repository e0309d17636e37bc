"""The file that `backup` writes and `restore` reads: a tar.gz whose manifest names the SM3 of every member."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.commandline.group import Refused

FORMAT = "tongban-backup/1"
MANIFEST = "manifest.json"
CONFIG = "config.toml"
SQLITE = "database.sqlite3"
DUMP = "database.dump"


def write(target: Path, files: Iterable[tuple[str, Path]], *, node: str, at: datetime) -> dict[str, Any]:
    """
    Write a backup of `files` (name inside, path) and return its manifest.

    Raises:
        Refused: the file is there already, or there is no room for it.
    """
    digests: dict[str, str] = {}
    try:
        with target.open("xb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as tar:
            for name, path in files:
                digests[name] = _sm3(path)
                tar.add(path, arcname=name, recursive=False)
            manifest = {"format": FORMAT, "node": node, "at": at.isoformat(), "files": digests}
            text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    except FileExistsError:
        raise Refused(f"{target} 已存在，未覆盖。请换一个文件名。") from None
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"备份未完成（{error.strerror}）。请检查目录与磁盘空间。") from error
    target.chmod(0o600)
    return manifest


def extract(source: Path, folder: Path) -> dict[str, Any]:
    """
    Unpack a backup into an empty folder and return its manifest.

    Raises:
        Refused: it is not a backup, or a file in it is missing, changed or not in the manifest.
    """
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            members = tar.getmembers()
            if any(not member.isfile() for member in members):
                raise Refused(f"{source} 不是通办节点的备份，未恢复。请核对文件。")
            tar.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files: dict[str, str] = manifest["files"]
        if manifest["format"] != FORMAT:
            raise Refused(f"{source} 的备份格式本版本不认识，未恢复。请用写出它的版本恢复。")
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise Refused(f"{source} 不是通办节点的备份，或已损坏，未恢复。请换一份备份。") from None
    found = {member.name for member in members} - {MANIFEST}
    wrong = sorted(found ^ set(files)) or [name for name in files if _sm3(folder / name) != files[name]]
    if wrong:
        raise Refused(f"备份中的 {wrong[0]} 与清单不符，未恢复。请换一份备份。")
    return manifest  # type: ignore[no-any-return]


def _sm3(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new("sm3")).hexdigest()
