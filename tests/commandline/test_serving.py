"""As whom a node runs, and who may read what it writes."""

import os
import stat
from pathlib import Path

import pytest

from tests.commandline.operators import node_in, run
from tongban.commandline import serving
from tongban.commandline.group import Refused
from tongban.configuration import config

ROOT = Path(__file__).parents[2]


def node(*, demo: bool) -> config.NodeConfig:
    return config.NodeConfig(
        home=Path("/srv"), name="qy", division="341723", organisation="", url="", database="", keys=Path("/srv/keys"),
        demo=demo,
    )  # fmt: skip


@pytest.mark.attack("F")
class TestRoot:
    @pytest.fixture(autouse=True)
    def as_root(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TONGBAN_CONFINED", raising=False)
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    def test_runs_no_node(self) -> None:
        with pytest.raises(Refused) as refused:
            serving.refuse_root(node(demo=False))
        assert str(refused.value) == (
            "节点 qy 不应以 root 身份运行，未启动。请为它建立一个专用的系统用户；"
            "在容器中且 root 已受限的，请设置 TONGBAN_CONFINED=1。"
        )

    def test_runs_a_demo(self) -> None:
        serving.refuse_root(node(demo=True))

    def test_of_a_container_runs_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGBAN_CONFINED", "1")
        serving.refuse_root(node(demo=False))

    def test_anybody_else_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        serving.refuse_root(node(demo=False))

    @pytest.mark.slow
    @pytest.mark.skipif(os.getuid() != 0, reason="nobody but root can be refused as root")
    @pytest.mark.parametrize("words", [("serve",), ("worker",), ("worker", "--once")])
    def test_is_refused_at_the_command_line(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        node_in(tmp_path)
        refused = run(*words, home=tmp_path / "home", TONGBAN_CONFINED="")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "不应以 root 身份运行" in refused.stderr


@pytest.mark.attack("F")
@pytest.mark.slow
class TestModes:
    @pytest.mark.prove("processes: a node's files")
    def test_let_nobody_else_in(self, tmp_path: Path) -> None:
        # As the shells of most machines have it.
        before = os.umask(0o022)
        try:
            node_in(tmp_path)
            assert run("worker", "--once", home=tmp_path / "home").returncode == 0
            offices = ROOT / "docs/examples/offices.json"
            run("office", "load", offices, home=tmp_path / "home")
            card = run("peer", "show", "--card", tmp_path / "card.json", home=tmp_path / "home")
            assert card.returncode == 0, card.stderr
        finally:
            os.umask(before)
        found = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()} == {0o600}
        assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_dir()} == {0o700}
