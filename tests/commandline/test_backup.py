"""A backup holds everything but keys, live or not, and only its recovery key opens it."""

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.commandline.backups import PIECE, a_node, back_up, inside, key_of, manifest_of
from tests.commandline.operators import node_in, run
from tongban.accounts.models import FailedAttempt, Session
from tongban.api.models import IdempotencyKey
from tongban.commandline import archive, backup
from tongban.commandline.backup import _configuration
from tongban.commandline.group import Refused
from tongban.configuration import config
from tongban.kernel.crypto import sm

pytestmark = pytest.mark.slow
MOMENT = "2026-03-02 00:00:00"
SESSION, ATTEMPT, ANSWER = (
    "livesessionkey0123456789abcdefgh",
    "failedattempt0123456789",
    "idempotent-0123456789",
)
FOR_THE_MOMENT = {
    Session._meta.db_table: (
        "key, told, ends_at, owner, channel, address, browser", (SESSION, "{}", "2999-01-01 00:00:00", "", "", "", ""),
    ),
    FailedAttempt._meta.db_table: ("key, count, last_at", (ATTEMPT, 1, MOMENT)),
    IdempotencyKey._meta.db_table: (
        "scope, key, request, status, body, at", ("scope", ANSWER, "request", 200, "{}", MOMENT),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a node that somebody works on, and its backup."""
    folder = tmp_path_factory.mktemp("backup")
    a_node(folder)
    with closing(sqlite3.connect(folder / "home/node.sqlite3")) as database:
        for table, (columns, values) in FOR_THE_MOMENT.items():
            places = ", ".join("?" * len(values))
            database.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
        database.commit()
    back_up(folder)
    return folder


class TestBackup:
    @pytest.mark.prove("processes: a backup of a node")
    def test_holds_database_vault_and_configuration(self, folder: Path) -> None:
        members = inside(folder / "backup", key_of(folder))
        assert list(members) == ["database.sqlite3", "config.toml", PIECE, "manifest.json"]
        assert members[PIECE] == b"sealed"
        assert manifest_of(members)["files"].keys() == members.keys() - {"manifest.json"}

    @pytest.mark.attack("E1")
    def test_shows_nothing_to_who_lacks_the_recovery_key(self, folder: Path) -> None:
        data = (folder / "backup").read_bytes()
        assert data.startswith(b"tongban-backup/2\n")
        assert not [
            word for word in (b"SQLite format 3", b"sealed", b"341723", b"\x1f\x8b\x08") if word in data
        ]
        assert (folder / "backup").stat().st_mode & 0o777 == 0o600

    @pytest.mark.attack("E1")
    def test_holds_no_live_session_and_no_other_thing_of_the_moment(
        self, folder: Path, tmp_path: Path
    ) -> None:
        members = inside(folder / "backup", key_of(folder))
        everything = b"".join(members.values())
        for word in (SESSION, ATTEMPT, ANSWER):
            assert word.encode() in b"".join(
                path.read_bytes() for path in (folder / "home").glob("node.sqlite3*")
            )
            assert word.encode() not in everything
        (tmp_path / "database").write_bytes(members["database.sqlite3"])
        with closing(sqlite3.connect(tmp_path / "database")) as database:
            counts = {t: database.execute(f"SELECT count(*) FROM {t}").fetchone() for t in FOR_THE_MOMENT}
        assert counts == dict.fromkeys(FOR_THE_MOMENT, (0,))

    def test_leaves_the_running_node_its_sessions(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "home/node.sqlite3")) as database:
            assert database.execute("SELECT key FROM accounts_session").fetchall() == [(SESSION,)]

    def test_leaves_out_what_is_for_the_moment(self) -> None:
        assert set(backup._left_out()) == FOR_THE_MOMENT.keys()

    def test_leaves_nothing_in_the_home(self, folder: Path) -> None:
        assert not list((folder / "home").glob(".backup-*"))

    def test_overwrites_nothing(self, folder: Path) -> None:
        before = (folder / "backup").read_bytes()
        again = run("backup", folder / "backup", home=folder / "home")
        assert (again.returncode, again.stderr) == (
            1, f"{folder / 'backup'} 已存在，未覆盖。请换一个文件名。\n",
        )  # fmt: skip
        assert (folder / "backup").read_bytes() == before

    def test_asks_for_a_recovery_key_first(self, tmp_path: Path) -> None:
        node_in(tmp_path)
        refused = run("backup", tmp_path / "backup", home=tmp_path / "home")
        assert (refused.returncode, refused.stdout, refused.stderr) == (
            1, "", "本节点还没有恢复密钥，未备份。请先执行 tongban recovery-key make --out 文件，并把该文件移出本机。\n",
        )  # fmt: skip
        assert not (tmp_path / "backup").exists()

    def test_needs_a_folder_that_is_there(self, folder: Path) -> None:
        refused = run("backup", folder / "nowhere/backup", home=folder / "home")
        assert (refused.returncode, refused.stderr) == (
            1, "备份未完成（No such file or directory）。请检查目录与磁盘空间。\n",
        )  # fmt: skip

    @pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_leaves_no_half_of_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
    ) -> None:
        def fail(_: object) -> dict[str, object]:
            raise failure

        public = sm.SoftwareKey.generate().public
        with pytest.raises((Refused, KeyboardInterrupt)):
            archive.write(tmp_path / "backup", [], recipient=public, about={}, sign=fail)
        assert list(tmp_path.iterdir()) == []


class TestConfiguration:
    def test_is_archived_without_the_password_of_the_database(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        text = (Path(__file__).parents[1] / "fixtures/node/config.toml").read_text(encoding="utf-8")
        text = text.replace("sqlite:///tongban.sqlite3", "postgresql://u:hidden@h/n")
        (home / "config.toml").write_text(text, encoding="utf-8")
        archived = _configuration(config.load(home), tmp_path).read_text(encoding="utf-8")
        assert archived == text.replace(":hidden", "")
        assert tomllib.loads(archived)["database"] == {"url": "postgresql://u@h/n"}
