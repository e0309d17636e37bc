"""
Disks that run full while a node uses them, and have room again.

Best is a file system of the node's own in memory, filled to the last byte: possible where this process may mount, for
itself alone, so that nothing is left behind. Otherwise the system is asked to refuse the node's processes longer files.
PostgreSQL writes elsewhere; there a trigger says what the server says of a full disk.
"""

import os
import resource
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.nodes import Node

SIZE = 256 * 1024 * 1024
NO_ROOM = """
CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""


def may_mount() -> bool:
    """Give this process a view of mounts of its own, if the system lets it; to be called before there are threads."""
    user, group = os.getuid(), os.getgid()
    try:
        os.unshare(os.CLONE_NEWNS | (os.CLONE_NEWUSER if user else 0))
        if user:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


class OfItsOwn:
    """A file system in memory for a node's home, as its disk."""

    called = "tmpfs filled to the last byte"

    def __init__(self, node: "Node") -> None:
        self._home = node.built.home
        kept = self._home.with_name(f"{self._home.name}.built")
        self._home.rename(kept)
        self._home.mkdir(mode=0o700)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", self._home], check=True
        )
        shutil.copytree(kept, self._home, dirs_exist_ok=True, symlinks=True)

    def fill(self) -> None:
        with (self._home / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            room = os.statvfs(self._home)
            with suppress(OSError):
                os.posix_fallocate(ballast.fileno(), 0, room.f_bavail * room.f_frsize)
            os.lseek(ballast.fileno(), 0, os.SEEK_END)
            while True:
                ballast.write(bytes(4096))

    def free(self) -> None:
        (self._home / "ballast").unlink(missing_ok=True)


class ShortFiles:
    """A limit on the length of what a node's processes write (RLIMIT_FSIZE), at what the log of the database has reached."""

    called = "RLIMIT_FSIZE at the length of the database's log"

    def __init__(self, node: "Node") -> None:
        self._node = node

    def fill(self) -> None:
        self._limit(Path(f"{self._node.database}-wal").stat().st_size)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, length: int) -> None:
        for process in self._node.processes():
            with suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (length, resource.RLIM_INFINITY))


class NoRoomInTables:
    """A database in PostgreSQL whose tables find no room."""

    called = "PostgreSQL answering 53100 to every row"

    def __init__(self, node: "Node") -> None:
        self._node = node

    def fill(self) -> None:
        self._node.change(NO_ROOM)
        for (table,) in self._node.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            self._node.change(
                f'CREATE OR REPLACE TRIGGER no_room BEFORE INSERT OR UPDATE ON "{table}" EXECUTE FUNCTION no_room()'
            )

    def free(self) -> None:
        for (table,) in self._node.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            self._node.change(f'DROP TRIGGER IF EXISTS no_room ON "{table}"')


type Disk = OfItsOwn | ShortFiles | NoRoomInTables
