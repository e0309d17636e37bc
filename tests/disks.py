"""Disks that are full or broken: a node whose database cannot write, as it would say itself."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.world import World

# PostgreSQL says so when a table cannot grow; here a trigger says it, of every table.
_NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""


@contextmanager
def full(world: World, node: str) -> Iterator[None]:
    """
    Let a node's database find no room for another page during the block.

    SQLite goes on writing where a page has room left, as on a disk that is full: what needs a new one is refused.
    """
    with world.on(node), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        else:
            cursor.execute(_NO_ROOM)
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in cursor.fetchall():
                cursor.execute(
                    f'CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON "{table}" EXECUTE FUNCTION no_room()'
                )
    try:
        yield
    finally:
        with world.on(node), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA max_page_count = 1073741823")
            else:
                cursor.execute("DROP FUNCTION no_room() CASCADE")


@contextmanager
def unwritable(world: World, node: str) -> Iterator[None]:
    """Let a node's database be unable to write anything at all during the block."""
    with world.on(node):
        how = _no_longer_log(world, node) if connection.vendor == "sqlite" else full(world, node)
    with how:
        yield


@contextmanager
def _no_longer_log(world: World, node: str) -> Iterator[None]:
    """Let the system refuse this process any file longer than the node's log is now."""
    longest = Path(f"{world[node].config.home / 'tongban.sqlite3'}-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
