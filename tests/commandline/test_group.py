"""What holds for every command."""

from pathlib import Path

import pytest

from tests.commandline import operators
from tests.commandline.operators import call, run


@pytest.mark.parametrize("words", operators.commands(), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    result = call(*words, "--help")
    assert result.exit_code == 0
    assert "--help" in result.output


@pytest.mark.parametrize("name", ["report"])
def test_what_is_not_there_yet_says_so(name: str) -> None:
    result = call(name, "anything", "--json")
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)


def test_wrong_usage_is_exit_code_2() -> None:
    assert call("calendar", "show", "MMXXVI").exit_code == 2
    assert call("conquer").exit_code == 2


@pytest.mark.slow
def test_help_needs_neither_node_nor_django(tmp_path: Path) -> None:
    result = run("peer", "add", "--help", home=tmp_path / "nowhere")
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_without_a_node_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    result = run("peer", "show", home=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "tongban init" in result.stderr
    assert result.stderr.count("\n") == 1
