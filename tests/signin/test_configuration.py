"""Identity providers as `config.toml` names them."""

from pathlib import Path

import pytest

from tongban.configuration import config

NODE = (Path(__file__).parents[1] / "fixtures/node/config.toml").read_text(encoding="utf-8")
PROVIDER = {
    "key": '"province"', "name": '"省政务服务网"', "issuer": '"https://id.example.gov.cn/"', "client_id": '"node"',
    "secret_file": '"../keys/province"', "levels": '[["loa1", 1], ["loa2", 2]]',
}  # fmt: skip


def load(folder: Path, *tables: dict[str, str]) -> config.NodeConfig:
    text = NODE
    for table in tables:
        text += "\n[[identity_provider]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
    (folder / config.CONFIG_NAME).write_text(text, encoding="utf-8")
    return config.load(folder)


def test_a_node_without_any_has_none(tmp_path: Path) -> None:
    assert load(tmp_path).identity_providers == ()


def test_reads_what_is_written(tmp_path: Path) -> None:
    (one,) = load(tmp_path / ".", PROVIDER).identity_providers
    assert one.issuer == "https://id.example.gov.cn"
    assert one.secret_file == (tmp_path.parent / "keys/province").resolve()
    assert (one.assurance_of("loa2"), one.assurance_of("loa9")) == (2, 0)
    assert one.asked_for() == ["loa2"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": '"http://id.example.gov.cn"'}, "https://"),
        ({"levels": '[["loa2", 2], ["loa1", 1]]'}, "由弱到强"),
        ({"levels": '[["loa4", 4]]'}, "等级"),
        ({"level_unstated": "3"}, "level_unstated"),
        ({"lowest": "0"}, "lowest"),
        ({"key": '"Province One"'}, "key"),
        ({"types": '{ "111" = "citizen" }'}, "types"),
        ({"scope": '"profile"'}, "openid"),
        ({"secret": '"in the open"'}, "不认识的设置 secret"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_names_the_setting_that_is_wrong(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(config.ConfigError, match=said):
        load(tmp_path, {**PROVIDER, **change})


@pytest.mark.parametrize("name", ["key", "name", "issuer", "client_id", "secret_file"])
def test_names_the_setting_that_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(config.ConfigError, match=f"缺少 {name}"):
        load(tmp_path, {key: value for key, value in PROVIDER.items() if key != name})


def test_refuses_two_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="不能重复"):
        load(tmp_path, PROVIDER, PROVIDER)
