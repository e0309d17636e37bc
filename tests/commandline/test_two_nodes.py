"""Two operators make their nodes known to each other, and agree, by files."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.operators import init, run

pytestmark = [pytest.mark.slow, pytest.mark.prove("processes: two nodes")]


class Desk:
    """One operator, with a node of one's own."""

    def __init__(self, folder: Path, *changes: str) -> None:
        made = init(folder, *changes, "--json")
        assert made.returncode == 0, made.stderr
        self.home, self.folder = folder / "home", folder
        self.fingerprint: str = json.loads(made.stdout)["fingerprint"]
        self.card = folder / "card"
        self.do("peer", "show", "--card", self.card)

    def do(self, *arguments: str | Path) -> str:
        done = run(*arguments, home=self.home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def agreements(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.do("agreement", "list", "--json"))
        return [row for row in rows if row["parties"][0] != row["parties"][1]]


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Desk, Desk]:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours = Desk(tmp_path / "a")
    theirs = Desk(
        tmp_path / "b", "--name", "js", "--division", "330421", "--organisation", "12330421DEM0100055"
    )
    return ours, theirs


def test_agree_by_files_and_end_it(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    ours, theirs = desks
    wrong = run("peer", "add", theirs.card, "--fingerprint", ours.fingerprint, home=ours.home)
    assert (wrong.returncode, "指纹" in wrong.stderr) == (1, True)
    ours.do("peer", "add", theirs.card, "--fingerprint", theirs.fingerprint)
    theirs.do("peer", "add", ours.card, "--fingerprint", ours.fingerprint)
    audited = run("journal", "verify", "--with-peers", home=ours.home)
    assert (audited.returncode, "1 个对方节点没有应答" in audited.stderr) == (3, True), audited
    ours.do("journal", "verify")

    proposal, signed, notice = (tmp_path / name for name in ("proposal", "signed", "notice"))
    ours.do(
        "agreement",
        "propose",
        proposal,
        "--with",
        theirs.fingerprint,
        "--power",
        "receive",
        "--limit",
        "push=1",
    )
    assert [row["state"] for row in ours.agreements()] == ["proposed"]
    theirs.do("agreement", "sign", proposal, signed)
    ours.do("agreement", "import", signed)
    assert ours.agreements() == theirs.agreements()
    assert [row["state"] for row in ours.agreements()] == ["in_force"]

    theirs.do("agreement", "end", theirs.agreements()[0]["digest"][:12], notice)
    ours.do("agreement", "import", notice)
    assert [row["state"] for row in ours.agreements()] == ["ended"]


def test_rotate_keys_under_the_same_fingerprint(desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    ours.do("key", "rotate")
    shown = json.loads(ours.do("key", "rotate", "--revoke-from", "2026-01-01T00:00:00+08:00", "--json"))

    assert shown["node"] == ours.fingerprint
    assert [record["number"] for record in shown["keys"]] == [1, 2, 3]
    assert shown["keys"][2]["revokes"][0]["number"] == 2
    ours.do("worker", "--once")
