"""How the line to PostgreSQL is protected: by what its URL says, for the node and for PostgreSQL's own programs alike."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tongban.assembly import settings as assembled
from tongban.commandline import postgres
from tongban.configuration import config, database_line
from tongban.configuration.config import ConfigError, NodeConfig

URL = "postgresql://tongban@db.example.cn/qy"
PROTECTED = f"{URL}?sslmode=verify-full&sslrootcert=/etc/tongban/db.pem"


def written(home: Path, url: str) -> NodeConfig:
    """Return a node with this database as it is read from its own configuration."""
    node = replace(settings.NODE, home=home, database=url)
    (home / config.CONFIG_NAME).write_text(config.render(node, keys_folder="keys"), encoding="utf-8")
    return config.load(home)


def test_is_told_to_the_driver(tmp_path: Path) -> None:
    entry = assembled.database(written(tmp_path, PROTECTED))
    told = {name: entry["OPTIONS"].get(name) for name in database_line.VARIABLES}
    assert told == {
        "sslmode": "verify-full", "sslrootcert": "/etc/tongban/db.pem", "sslcert": None, "sslkey": None
    }  # fmt: skip
    assert entry["NAME"] == "qy"


def test_is_told_to_the_programs_of_postgresql() -> None:
    told = postgres.environment_of(PROTECTED)
    assert (told["PGSSLMODE"], told["PGSSLROOTCERT"]) == ("verify-full", "/etc/tongban/db.pem")
    assert told["PGDATABASE"] == "qy"


def test_says_nothing_where_the_url_does_not(tmp_path: Path) -> None:
    assert "sslmode" not in assembled.database(written(tmp_path, URL))["OPTIONS"]


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=prefer", "sslmode=allow", "sslmode=", "sslmode=Require", "sslrootcert=/x.pem", "options=-c",
        "sslmode=require&sslmode=disable", "sslmode=require&host=elsewhere", "sslmode",
    ],
)  # fmt: skip
def test_nothing_that_falls_back_or_is_not_known_is_taken(tmp_path: Path, query: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url"):
        written(tmp_path, f"{URL}?{query}")


def test_of_sqlite_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="只用于 PostgreSQL"):
        written(tmp_path, "sqlite:///node.sqlite3?sslmode=require")
