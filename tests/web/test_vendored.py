"""What others wrote and pages load: just what was published, with its licence, and small on its way."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import tongban.web

FOLDER = Path(tongban.web.__file__).parent / "static/web/vendor"
RECORDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


@pytest.mark.parametrize("record", RECORDS.values(), ids=list(RECORDS))
class TestWhatIsVendored:
    def test_is_what_was_published(self, record: dict[str, Any]) -> None:
        for name, said in record["files"].items():
            assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == said["sha256"], name

    def test_says_whence_it_comes_and_brings_its_licence(self, record: dict[str, Any]) -> None:
        assert record["version"] in record["from"]
        assert record["integrity"].startswith("sha512-")
        assert record["licence"]
        assert any(name.endswith(".LICENSE") for name in record["files"])

    def test_travels_compressed_and_unpacks_to_the_same(self, record: dict[str, Any], client: Client) -> None:
        for name in [name for name in record["files"] if name.endswith(".js")]:
            packed = (FOLDER / f"{name}.gz").read_bytes()
            assert gzip.decompress(packed) == (FOLDER / name).read_bytes()
            answer = client.get(f"/static/web/vendor/{name}", headers={"accept-encoding": "gzip"})
            assert answer.headers["Content-Encoding"] == "gzip"
            assert b"".join(answer.streaming_content) == packed  # type: ignore[attr-defined]
            assert answer.headers["Vary"] == "Accept-Encoding"


def test_nothing_lies_there_without_a_record() -> None:
    known = {name for record in RECORDS.values() for name in record["files"]}
    found = {path.name for path in FOLDER.iterdir()} - {f"{name}.json" for name in RECORDS}
    assert {name.removesuffix(".gz") for name in found} == known
