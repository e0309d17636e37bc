"""What the verifier of dossiers says at the command line, and by which number."""

import json
from pathlib import Path

import pytest

from tests import stories
from tests.commandline.operators import call
from tests.held import hold_back
from tests.world import World
from tongban.cases.words import Act, Role
from tongban.kernel.crypto.keychain import fingerprint_groups
from tongban.procedures.dossier import exporting

pytestmark = pytest.mark.slow


@pytest.fixture
def number(world: World) -> str:
    number = stories.accepted(world)
    stories.do(world, "qingyang", number, Act.URGE, world["qingyang"].staff("window"))
    world.settle()
    return number


def exported(world: World, number: str, folder: Path) -> Path:
    with world.on("jiashan") as node:
        data = exporting.export(number, by=node.operator(), at=world.at)
    (folder / "exporting.json").write_bytes(data)
    return folder / "exporting.json"


def trusted(world: World, folder: Path, *ways: str) -> Path:
    """Write the roots down, each in one of the ways people write them."""
    every = [node.fingerprint for node in world.nodes.values()]
    written = {
        "whole": lambda text: text,
        "digits": lambda text: text.removeprefix("sm3:").upper(),
        "groups": lambda text: f"{fingerprint_groups(text)}  # 电话核对",
        "named groups": lambda text: f"sm3: {fingerprint_groups(text)}",
    }
    lines = [written[way](root) for way in ways for root in every]
    (folder / "roots").write_text("\n".join(["# 可信根", *lines]), encoding="utf-8")
    return folder / "roots"


@pytest.mark.prove("processes: a verifier for each way of writing")
@pytest.mark.parametrize("way", ["whole", "digits", "groups", "named groups"])
def test_a_dossier_holds_by_roots_however_they_are_written(
    world: World, number: str, tmp_path: Path, way: str
) -> None:
    result = call(
        "dossier", "verify", exported(world, number, tmp_path), "--trust", trusted(world, tmp_path, way)
    )
    assert result.exit_code == 0, result.output
    assert "查验成立" in result.stdout
    assert "有争议" not in result.output


def test_what_is_no_fingerprint_is_no_root(world: World, number: str, tmp_path: Path) -> None:
    file = exported(world, number, tmp_path)
    for line in ("sm3:abcd", "sm2:" + "ab" * 32, "ab" * 33):
        (tmp_path / "roots").write_text(line, encoding="utf-8")
        result = call("dossier", "verify", file, "--trust", tmp_path / "roots")
        assert result.exit_code == 1
        assert "不是节点指纹" in result.stderr


@pytest.mark.prove("two nodes that contest, and both verifiers as processes")
def test_what_one_side_contests_is_authentic_and_said_to_be_contested(
    world: World, number: str, tmp_path: Path
) -> None:
    hold_back(world, "jiashan", Role.HANDLING, number, Act.URGE)
    world.settle()
    file, roots = exported(world, number, tmp_path), trusted(world, tmp_path, "whole")
    result = call("dossier", "verify", file, "--trust", roots)
    assert result.exit_code == 5, result.output
    assert "有争议：" in result.stderr
    assert "不能据以认定" in result.stdout
    told = json.loads(call("dossier", "verify", file, "--trust", roots, "--json").stdout)
    assert told["code"] == 5
    assert told["contested"]
    assert told["findings"] == []
    # Without roots that does not go unsaid.
    assert call("dossier", "verify", file).exit_code == 5


def test_without_roots_it_is_no_more_than_whole(world: World, number: str, tmp_path: Path) -> None:
    result = call("dossier", "verify", exported(world, number, tmp_path))
    assert result.exit_code == 4
    for node in world.nodes.values():
        assert fingerprint_groups(node.fingerprint) in result.stdout
