"""What the code can refuse, and what can be set, is written down."""

import re
import runpy
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tongban.configuration import config

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts/error-codes"))


def test_who_sees_and_does_what_is_written_down() -> None:
    access = runpy.run_path(str(ROOT / "scripts/access"))
    page = (ROOT / "docs/access.md").read_text(encoding="utf-8")
    assert page == access["page"](), "docs/access.md is stale: make docs"


class TestErrorCodes:
    def test_are_each_used_once(self) -> None:
        used = Counter(kind.code for kind in SCRIPT["refusals"]())
        assert not [code for code, times in used.items() if times > 1]

    def test_are_explained(self) -> None:
        assert not [kind for kind in SCRIPT["refusals"]() if not vars(kind).get("__doc__")]

    def test_have_a_status_that_refuses(self) -> None:
        assert not [kind for kind in SCRIPT["refusals"]() if not 400 <= kind.status < 600]

    def test_are_documented(self) -> None:
        page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
        assert page == SCRIPT["page"](), "docs/errors.md is stale: make docs"


def keys(table: dict[str, Any], prefix: str = "") -> set[str]:
    """Return the dotted names of all settings in a TOML document."""
    found = set()
    for name, value in table.items():
        inside = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        found |= keys(inside, f"{prefix}{name}.") if isinstance(inside, dict) else {prefix + name}
    return found


class TestSettings:
    PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

    def test_of_config_toml_are_documented(self) -> None:
        home = ROOT / "tests/fixtures/node"
        rendered = config.render(config.load(home), keys_folder="keys")
        used = keys(tomllib.loads(rendered)) | keys(tomllib.loads((home / "config.toml").read_text("utf-8")))
        assert not [name for name in sorted(used) if f"`{name}`" not in self.PAGE]

    @pytest.mark.parametrize("folder", ["src", "scripts"])
    def test_of_the_environment_are_documented(self, folder: str) -> None:
        used = {
            name
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix in {"", ".py", ".sh"}
            for name in re.findall(r"\bTONGBAN_[A-Z_]+\b|\bDEMO_JSON\b", path.read_text(encoding="utf-8"))
        }
        assert not [name for name in sorted(used) if f"`{name}`" not in self.PAGE]
