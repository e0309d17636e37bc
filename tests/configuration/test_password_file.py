"""Where the password of the database stands: in a file of its own, or in its URL."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tongban.assembly import settings as assembled
from tongban.configuration import config
from tongban.configuration.config import ConfigError, NodeConfig

URL = "postgresql://tongban@db.example.cn:5433/qy"


@pytest.fixture
def node(tmp_path: Path) -> NodeConfig:
    (tmp_path / "secret").write_text("p@ss:word\n", encoding="utf-8")
    return replace(settings.NODE, home=tmp_path, database=URL, password_file=tmp_path / "secret")


def written(node: NodeConfig) -> NodeConfig:
    """Return the node as it is read from its own configuration."""
    (node.home / config.CONFIG_NAME).write_text(config.render(node, keys_folder="keys"), encoding="utf-8")
    return config.load(node.home)


def test_password_comes_from_its_file(node: NodeConfig) -> None:
    read = written(node)
    assert (read.password_file, read.database_password()) == (node.home / "secret", "p@ss:word")
    assert assembled.database(read)["PASSWORD"] == "p@ss:word"


def test_path_may_be_relative_to_the_home(node: NodeConfig) -> None:
    assert written(replace(node, password_file=Path("secret"))).database_password() == "p@ss:word"


def test_password_comes_from_the_url(node: NodeConfig) -> None:
    read = written(replace(node, password_file=None, database="postgresql://u:p%40ss@h/n"))
    assert (read.password_file, read.database_password()) == (None, "p@ss")
    assert assembled.database(read)["PASSWORD"] == "p@ss"


def test_there_may_be_none(node: NodeConfig) -> None:
    assert written(replace(node, password_file=None)).database_password() == ""


def test_file_must_be_readable(node: NodeConfig) -> None:
    (node.home / "secret").unlink()
    with pytest.raises(ConfigError, match=r"读不出 database\.password_file 所指的 .*secret。"):
        written(node).database_password()


@pytest.mark.parametrize("url", ["postgresql://u:p@h/n", "sqlite:///node.sqlite3"])
def test_file_does_not_go_with_a_password_in_the_url_or_sqlite(node: NodeConfig, url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.password_file 只用于 PostgreSQL"):
        written(replace(node, database=url))


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("postgresql://u:p%3Aq@h:5433/n?x=1", "postgresql://u@h:5433/n?x=1"),
        (URL, URL),
        ("sqlite:///node.sqlite3", "sqlite:///node.sqlite3"),
    ],
)
def test_password_is_taken_out_of_a_url(url: str, left: str) -> None:
    assert config.without_password(url) == left
