"""One SQLite a process, the newest there is, and a warning where that is an old one."""

import importlib
import sqlite3
import subprocess
import sys

import pytest
from django.db import connection

from tongban.configuration import newest_sqlite

try:
    importlib.import_module("pysqlite3")
    BROUGHT = True
except ImportError:  # there is no wheel for this machine
    BROUGHT = False
LIBRARIES = (
    "import sys, {module}; print(*(n for n in ('_sqlite3', 'pysqlite3._sqlite3') if n in sys.modules))"
)


def test_is_what_the_wheel_brings() -> None:
    if BROUGHT:
        assert sqlite3.__name__ == "pysqlite3"
        assert sqlite3.sqlite_version_info >= newest_sqlite.FIXED


@pytest.mark.slow
@pytest.mark.parametrize("module", ["tongban.commandline.backup", "tongban.measuring.floor"])
def test_is_the_only_one_in_a_process(module: str) -> None:
    code = LIBRARIES.format(module=module)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["pysqlite3._sqlite3" if BROUGHT else "_sqlite3"]


@pytest.mark.parametrize(
    ("version", "warned"), [("3.46.1", True), ("3.51.2", True), ("3.51.3", False), ("3.60.0", False)]
)
def test_warns_of_the_defect(version: str, warned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest_sqlite, "version", lambda: version)
    assert (f"SQLite {version} 低于 3.51.3" in newest_sqlite.warning()) == warned


@pytest.mark.sqlite
@pytest.mark.django_db
def test_says_its_limits_to_django() -> None:
    assert connection.features.max_query_params >= 32766
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["shown when queries are logged"])
        assert "logged" in connection.ops.last_executed_query(cursor, "SELECT %s", ["logged"])
