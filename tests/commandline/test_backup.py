"""A backup holds everything but the keys; a node restored from it knows that it was."""

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.commandline.operators import init, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a node and its backup."""
    folder = tmp_path_factory.mktemp("backup")
    assert init(folder).returncode == 0
    piece = folder / "home/vault/ab/0"
    piece.parent.mkdir(parents=True)
    piece.write_bytes(b"sealed")
    piece.with_name("1.part").write_bytes(b"still being written")
    done = run("backup", folder / "node.tgz", home=folder / "home")
    assert done.returncode == 0, done.stderr
    return folder


class TestBackup:
    def test_holds_database_vault_and_configuration(self, folder: Path) -> None:
        with tarfile.open(folder / "node.tgz") as tar:
            assert set(tar.getnames()) == {"database.sqlite3", "config.toml", "vault/ab/0", "manifest.json"}

    def test_overwrites_nothing(self, folder: Path) -> None:
        before = (folder / "node.tgz").read_bytes()
        again = run("backup", folder / "node.tgz", home=folder / "home")
        assert (again.returncode, (folder / "node.tgz").read_bytes()) == (1, before)


class TestRestore:
    def test_starts_a_new_epoch_read_only(self, folder: Path, tmp_path: Path) -> None:
        done = run(
            "restore", folder / "node.tgz", "--home", tmp_path / "new", "--keys", folder / "keys", "--json"
        )
        assert done.returncode == 0, done.stderr

        facts = json.loads(done.stdout)
        assert (facts["epoch"], facts["recovering"]) == (2, True)
        shown = json.loads(run("peer", "show", "--json", home=tmp_path / "new").stdout)
        assert shown["node"] == facts["node"]
        assert (tmp_path / "new/vault/ab/0").read_bytes() == b"sealed"
        with closing(sqlite3.connect(tmp_path / "new/node.sqlite3")) as database:
            (at,) = database.execute("select restored_at from kernel_selfnode").fetchone()
        assert at

    def test_forgets_the_transactions_of_the_old_server_and_no_event_that_was_not_heard(
        self, tmp_path: Path
    ) -> None:
        assert init(tmp_path).returncode == 0
        with closing(sqlite3.connect(next((tmp_path / "home").glob("*.sqlite3")))) as database:
            (first,) = database.execute("select min(id) from kernel_event").fetchone()
            database.execute("update kernel_event set xact = 100 + id")
            mark = "insert into procedures_mark (follower, xact, event) values ('somebody', ?, ?)"
            database.execute(mark, (100 + first, first))
            database.commit()
        assert run("backup", tmp_path / "node.tgz", home=tmp_path / "home").returncode == 0
        done = run("restore", tmp_path / "node.tgz", "--home", tmp_path / "new", "--keys", tmp_path / "keys")
        assert done.returncode == 0, done.stderr
        with closing(sqlite3.connect(tmp_path / "new/node.sqlite3")) as database:
            assert database.execute("select distinct xact from kernel_event").fetchall() == [(0,)]
            assert database.execute("select xact, event from procedures_mark").fetchall() == [(0, first)]

    def test_asks_for_the_node_s_own_keys(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "keys").mkdir()
        refused = run("restore", folder / "node.tgz", "--home", tmp_path / "new", "--keys", tmp_path / "keys")
        assert refused.returncode == 1
        assert "密钥目录" in refused.stderr
        assert not (tmp_path / "new").exists()

    def test_finds_a_changed_file(self, folder: Path, tmp_path: Path) -> None:
        inside = tmp_path / "inside"
        with tarfile.open(folder / "node.tgz") as tar:
            tar.extractall(inside, filter="data")
        (inside / "vault/ab/0").write_bytes(b"SEALED")
        with tarfile.open(tmp_path / "changed.tgz", "w:gz") as tar:
            for path in sorted(inside.rglob("*")):
                if path.is_file():
                    tar.add(path, arcname=str(path.relative_to(inside)))

        refused = run(
            "restore", tmp_path / "changed.tgz", "--home", tmp_path / "new", "--keys", folder / "keys"
        )

        assert refused.returncode == 1
        assert "vault/ab/0" in refused.stderr
        assert not (tmp_path / "new").exists()

    def test_refuses_another_file(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"no backup")
        refused = run("restore", tmp_path / "x", "--home", tmp_path / "new", "--keys", folder / "keys")
        assert refused.returncode == 1
        assert "不是通办节点的备份" in refused.stderr
