"""Who of the staff signs in with two factors, as `config.toml` says."""

from dataclasses import replace
from pathlib import Path

import pytest

from tongban.configuration import config
from tongban.configuration.config import ConfigError, load

FIXTURE = Path(__file__).parents[1] / "fixtures/node"


def told(folder: Path, words: str, *, demo: bool) -> str:
    rendered = config.render(replace(load(FIXTURE), demo=demo), keys_folder="keys")
    (folder / config.CONFIG_NAME).write_text(rendered + words, encoding="utf-8")
    return load(folder).second_factor


def line(value: str) -> str:
    return f"\n[signin]\nsecond_factor = {value}\n"


def test_by_post_unless_something_else_is_said(tmp_path: Path) -> None:
    assert told(tmp_path, "", demo=False) == "by_post"
    assert told(tmp_path, "\n[signin]\n", demo=False) == "by_post"


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("value", ["by_post", "all"])
def test_by_post_or_of_everybody(tmp_path: Path, value: str, demo: bool) -> None:
    assert told(tmp_path, line(f'"{value}"'), demo=demo) == value


def test_of_nobody_on_a_demo_node_only(tmp_path: Path) -> None:
    assert told(tmp_path, line('"none"'), demo=True) == "none"
    with pytest.raises(ConfigError, match=r"signin\.second_factor"):
        told(tmp_path, line('"none"'), demo=False)


@pytest.mark.parametrize("value", ['"off"', '""', "false", "0", '"ALL"', '["all"]'])
def test_a_slip_of_the_pen_turns_nothing_off(tmp_path: Path, value: str) -> None:
    for demo in (True, False):
        with pytest.raises(ConfigError, match="by_post 或 all"):
            told(tmp_path, line(value), demo=demo)


def test_is_written_as_it_is_read(tmp_path: Path) -> None:
    for value in ("by_post", "all", "none"):
        text = config.render(replace(load(FIXTURE), second_factor=value), keys_folder="keys")
        (tmp_path / config.CONFIG_NAME).write_text(text, encoding="utf-8")
        assert load(tmp_path).second_factor == value
