"""A damaged database file is found, whichever page it is."""

from pathlib import Path

import pytest
from django.db import connection

from tests import databases, stories
from tests.world import World
from tongban.procedures.audit import journal_audit

pytestmark = pytest.mark.sqlite


def damage(table_or_index: str) -> None:
    """Write nonsense over the first page of a table or index, as a failing disk does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = %s", [table_or_index])
        (page,) = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        (size,) = cursor.fetchone()
    databases.flush(connection)
    with Path(connection.settings_dict["NAME"]).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"nonsense" * (size // 8))


def test_a_whole_file_is_counted(world: World) -> None:
    with world.on("qingyang"):
        report = journal_audit.verify_journal()
    assert (report.ok, report.checked["DatabasePage"] > 100) == (True, True)


@pytest.mark.parametrize("damaged", ["sqlite_autoindex_api_idempotencykey_1", "accounts_session"])
def test_a_damaged_page_is_found(world: World, damaged: str) -> None:
    stories.filed(world)
    with world.on("qingyang"):
        damage(damaged)
        found = journal_audit.verify_journal().findings
    assert {finding.table for finding in found} == {"SQLite"}


def test_damage_to_a_row_that_is_read_nowhere_else_is_found(world: World) -> None:
    with world.on("qingyang"):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("INSERT INTO api_idempotencykey VALUES (1, 's', 'k', 'r', -1, '', '2026-01-01')")
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        found = journal_audit.verify_journal().findings
    assert ["CHECK" in finding.problem for finding in found] == [True]
