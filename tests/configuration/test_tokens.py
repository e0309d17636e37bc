"""A token is named whole in `config.toml`, or not at all; its PIN never stands there."""

from pathlib import Path

import pytest

from tongban.configuration import config, tokens

BEGIN = """
[node]
name = "qy"
division = "341723"
organisation = "12341723DEM0100052"
url = "http://127.0.0.1:8001"
[database]
url = "sqlite:///node.sqlite3"
[keys]
folder = "../keys"
"""


def load(home: Path, lines: str) -> config.NodeConfig:
    home.mkdir(exist_ok=True)
    (home / config.CONFIG_NAME).write_text(BEGIN + lines, encoding="utf-8")
    return config.load(home)


class TestToken:
    def test_need_not_be_there(self, tmp_path: Path) -> None:
        assert load(tmp_path / "home", "").token is None

    def test_is_named_by_module_and_label(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        found = load(home, 'token_module = "/opt/card/p11.so"\ntoken_label = "qingyang"\n')
        assert found.token == tokens.TokenConfig(
            module=Path("/opt/card/p11.so"), label="qingyang", key="tongban-qy", folder=tmp_path / "keys"
        )

    def test_may_have_its_pin_in_a_file(self, tmp_path: Path) -> None:
        found = load(
            tmp_path / "home", 'token_module = "p11.so"\ntoken_label = "青阳"\ntoken_pin_file = "/etc/pin"\n'
        )
        assert found.token is not None
        assert (found.token.module, found.token.pin_file) == (tmp_path / "home/p11.so", Path("/etc/pin"))

    def test_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        found = load(
            tmp_path / "home", 'token_module = "/p11.so"\ntoken_label = "a b"\ntoken_pin_file = "/etc/pin"\n'
        )
        text = config.render(found, keys_folder="../keys")
        (tmp_path / "home" / config.CONFIG_NAME).write_text(text, encoding="utf-8")
        assert config.load(tmp_path / "home").token == found.token

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ('token_module = "/p11.so"', "keys.token_module 和 keys.token_label 须一同写明"),
            ('token_label = "a"', "keys.token_module 和 keys.token_label 须一同写明"),
            ('token_pin_file = "/etc/pin"', "keys.token_module 和 keys.token_label 须一同写明"),
            ('token_module = ""\ntoken_label = "a"', "keys.token_module 应为一个不空的字符串"),
            ('token_module = "/p11.so"\ntoken_label = 7', "keys.token_label 应为一个不空的字符串"),
        ],
    )
    def test_is_never_half_a_one(self, tmp_path: Path, lines: str, said: str) -> None:
        with pytest.raises(config.ConfigError, match=said):
            load(tmp_path / "home", lines)
