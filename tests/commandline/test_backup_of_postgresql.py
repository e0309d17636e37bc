"""A node on PostgreSQL is backed up without live sessions and passwords, and restored into an empty database."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tests.commandline.backups import PASSPHRASE, inside, key_of
from tests.commandline.operators import init, run
from tongban.commandline import postgres
from tongban.commandline.group import Refused
from tongban.configuration import config

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
SESSION = "livesessionkey0123456789abcdefgh"


@pytest.fixture
def databases() -> Iterator[tuple[str, str]]:
    """Return the URLs of two empty databases."""
    server = os.environ["TONGBAN_TEST_POSTGRES"]
    names = [f"tongban_backup_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    with psycopg.connect(server, autocommit=True) as admin:
        for name in names:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        one, other = (urlunsplit(urlsplit(server)._replace(path=f"/{name}")) for name in names)
        yield one, other
        for name in names:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as database:
        return database.execute(query.encode()).fetchall()


@pytest.mark.prove("processes: a backup of a node and its return")
@pytest.mark.attack("E1")
def test_comes_back_without_what_was_for_the_moment(
    databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", PASSPHRASE)
    one, other = databases
    (tmp_path / "password").write_text(urlsplit(one).password or "none is asked for here")
    keyword = ("--password-file", str(tmp_path / "password"))
    made = init(tmp_path, "--database", config.without_password(one), *keyword)
    assert made.returncode == 0, made.stderr
    rows(
        one,
        f"INSERT INTO accounts_session (key, told, ends_at, owner, channel, address, browser)"
        f" VALUES ('{SESSION}', '{{}}', '2999-01-01Z', '', '', '', '') RETURNING key",
    )
    home, key = tmp_path / "home", tmp_path / "recovery.pem"
    assert run("recovery-key", "make", "--out", key, home=home).returncode == 0
    backup = tmp_path / "backup"
    done = run("backup", backup, home=home)
    assert done.returncode == 0, done.stderr

    members = inside(backup, key_of(tmp_path))
    assert list(members) == ["database.dump", "config.toml", "manifest.json"]
    checked = run("restore", backup, "--key", key, "--check", "--keys", tmp_path / "keys", "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["database"] == "PostgreSQL"

    words = ("restore", backup, "--key", key, "--home", tmp_path / "new", "--keys", tmp_path / "keys")
    restored = run(*words, "--database", config.without_password(other), *keyword)
    assert restored.returncode == 0, restored.stderr
    assert rows(other, "SELECT count(*) FROM accounts_session") == [(0,)]
    assert rows(one, "SELECT key FROM accounts_session") == [(SESSION,)]
    assert rows(other, "SELECT epoch, recovering FROM kernel_selfnode") == [(2, True)]
    new = config.load(tmp_path / "new")
    assert (new.database, new.password_file) == (config.without_password(other), tmp_path / "password")


def test_a_dump_cut_off_is_found_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "database.dump").write_bytes(b"PGDMP\x01\x0f\x00")
    with pytest.raises(Refused, match="pg_restore 未能完成"):
        postgres.examine(tmp_path / "database.dump")
