"""A node is made whole or not at all."""

import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.commandline.operators import USCC, call, init, run, words
from tongban.configuration import newest_sqlite

pytestmark = pytest.mark.slow


class TestInit:
    @pytest.mark.prove("processes: a node is made")
    def test_makes_a_node_that_knows_itself(self, tmp_path: Path) -> None:
        made = init(tmp_path, "--json")
        assert made.returncode == 0, made.stderr

        home = tmp_path / "home"
        shown = run("peer", "show", "--json", home=home)
        assert json.loads(shown.stdout) == {"node": json.loads(made.stdout)["fingerprint"], "peers": []}
        (agreement,) = json.loads(run("agreement", "list", "--json", home=home).stdout)
        assert agreement["state"] == "in_force"
        assert json.loads(run("calendar", "show", "2026", "--json", home=home).stdout)["year"] == 2026
        with closing(sqlite3.connect(home / "node.sqlite3")) as database:
            (items,) = database.execute("select count(*) from catalogue_item").fetchone()
        assert items > 10

    def test_names_an_sqlite_with_the_defect(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # As on a machine for which there is no wheel of pysqlite3.
        (tmp_path / "pysqlite3.py").write_text("raise ImportError")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        code = "import sqlite3; print(sqlite3.sqlite_version)"
        version = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        is_old = tuple(map(int, version.split("."))) < newest_sqlite.FIXED

        made = init(tmp_path)

        assert made.returncode == 0, made.stderr
        assert (f"SQLite {version} 低于 3.51.3" in made.stderr) == is_old

    def test_keeps_keys_from_others(self, tmp_path: Path) -> None:
        init(tmp_path)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
        assert modes == {0o600}
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700

    def test_overwrites_nothing(self, tmp_path: Path) -> None:
        init(tmp_path)
        before = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}

        again = init(tmp_path)

        assert again.returncode == 1
        assert "不是空目录" in again.stderr
        assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before

    def test_leaves_nothing_behind_when_it_fails(self, tmp_path: Path) -> None:
        failed = init(tmp_path, "--division", "999999")

        assert failed.returncode == 1
        assert "不在行政区划表" in failed.stderr
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--organisation", USCC[:-1] + "0"),
            ("--url", "http://county.example.cn"),
            ("--name", "青阳"),
            ("--database", "mysql://localhost/x"),
        ],
        ids=lambda wrong: wrong[0],
    )
    def test_refuses_what_cannot_be(self, tmp_path: Path, wrong: tuple[str, str]) -> None:
        refused = call(*words(tmp_path), *wrong)
        assert refused.exit_code == 2
        assert wrong[0] in refused.stderr
        assert list(tmp_path.iterdir()) == []

    def test_keeps_keys_out_of_the_home(self, tmp_path: Path) -> None:
        refused = call(*words(tmp_path), "--keys", tmp_path / "home/keys")
        assert refused.exit_code == 2
        assert "--keys" in refused.stderr
