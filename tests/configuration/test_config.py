"""What `config.toml` says of proxies, memory and whom to tell of a weakness."""

from pathlib import Path

import pytest

from tongban.configuration import config, proxy

NODE = (Path(__file__).parents[1] / "fixtures/node/config.toml").read_text(encoding="utf-8")


def load(folder: Path, more: str) -> config.NodeConfig:
    (folder / config.CONFIG_NAME).write_text(f"{NODE}\n{more}\n", encoding="utf-8")
    return config.load(folder)


def test_a_node_that_says_nothing_trusts_nobody(tmp_path: Path) -> None:
    found = load(tmp_path, "")
    assert (found.proxies, found.memory_mb, found.security_contact) == ((), 2048, "")


def test_reads_what_is_written(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        '[proxy]\ntrusted = ["127.0.0.1", "10.0.0.0/8"]\n[server]\nmemory_mb = 900\n'
        '[security]\ncontact = "mailto:a@example.cn"',
    )
    assert found.proxies == proxy.read(["127.0.0.1", "10.0.0.0/8"])
    assert (found.memory_mb, found.security_contact) == (900, "mailto:a@example.cn")


@pytest.mark.parametrize(("more", "said"), [
    ('[proxy]\ntrusted = ["x"]', "proxy.trusted"),
    ('[proxy]\ntrusted = "127.0.0.1"', "proxy.trusted"),
    ("[server]\nmemory_mb = 63", "memory_mb"),
    ('[server]\nmemory_mb = "2G"', "memory_mb"),
    ('[security]\ncontact = "a@example.cn"', "security.contact"),
    ('[security]\ncontact = "mailto:a@example.cn\\nExpires: never"', "security.contact"),
])  # fmt: skip
def test_names_the_setting_that_is_wrong(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(config.ConfigError, match=said):
        load(tmp_path, more)
