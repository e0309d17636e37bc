"""The operator makes, imports, lists, replaces and revokes seals."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.commandline.operators import call
from tests.nodes import node
from tests.seals.conftest import CENTRE, HRSS, NAMES, offices
from tests.seals.test_commands import PASSPHRASE, Issued
from tongban.commandline import serving
from tongban.seals import keys
from tongban.seals.models import Seal

__all__ = ["node", "offices"]
pytestmark = pytest.mark.usefixtures("offices", "at_the_centre")


@pytest.fixture
def at_the_centre(offices: None, settings: Any) -> None:
    settings.NODE = replace(settings.NODE, organisation=CENTRE, division="341723")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return what an authority outside has handed over, in force today."""
    from datetime import timedelta

    from tests.seals.conftest import spare
    from tongban.kernel.time import clock

    now = clock.now()
    issued = Issued(spare(51), starts=now - timedelta(days=1), ends=now + timedelta(days=20))
    sealed = BestAvailableEncryption(PASSPHRASE.encode())
    data = pkcs12.serialize_key_and_certificates(None, issued.key, issued.certificate(), None, sealed)
    (tmp_path / "seal.pfx").write_bytes(data)
    return tmp_path / "seal.pfx"


def test_a_seal_from_its_making_to_its_revocation(tmp_path: Path) -> None:
    made = call("office", "seal", "make", HRSS.lower(), "official")
    assert made.exit_code == 0, made.output
    assert NAMES[HRSS] in made.output

    again = call("office", "seal", "make", HRSS, "official")
    assert (again.exit_code, "已有在用的公章" in again.output) == (1, True)

    replaced = call("office", "seal", "replace", HRSS, "official", "--reason", "更换", "--json")
    fingerprint = json.loads(replaced.output)["fingerprint"]
    revoked = call("office", "seal", "revoke", HRSS, "official", "--reason", "停用")
    assert fingerprint in revoked.output

    listed = json.loads(call("office", "seal", "list", HRSS, "--json").output)
    assert [(one["state"], one["reason"]) for one in listed] == [("revoked", "停用"), ("replaced", "更换")]

    given = call("office", "seal", "root", "--out", tmp_path / "root.pem")
    assert given.exit_code == 0
    assert (tmp_path / "root.pem").read_text(encoding="ascii") == Seal.objects.all()[0].chain


def test_a_file_is_imported_by_a_passphrase_from_a_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    words = ("office", "seal", "import", HRSS, "special", file, "--word", "行政审批专用章")

    done = call(*words, "--passphrase-file", tmp_path / "passphrase")

    assert done.exit_code == 0, done.output
    assert "行政审批专用章" in call("office", "seal", "list").output
    assert "即将到期" in call("office", "seal", "list").output


def test_without_a_passphrase_or_with_a_wrong_one_nothing_is_imported(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("office", "seal", "import", HRSS, "official", file)
    assert "没有给出印章文件口令" in call(*words).output

    monkeypatch.setenv("TONGBAN_SEAL_PASSPHRASE", "another")
    assert "口令不对" in call(*words).output
    assert not Seal.objects.exists()


def test_a_lost_key_is_named() -> None:
    call("office", "seal", "make", HRSS, "official")
    keys.destroy(Seal.objects.get().fingerprint)

    assert "缺少密钥文件" in call("office", "seal", "list").output


def test_who_starts_the_node_is_told_of_a_lost_key_and_of_what_ends_soon(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGBAN_SEAL_PASSPHRASE", PASSPHRASE)
    call("office", "seal", "import", CENTRE, "official", file)
    call("office", "seal", "make", HRSS, "official")
    keys.destroy(Seal.objects.get(organisation__uscc=HRSS).fingerprint)

    serving.ask_keys(settings.NODE)

    said = capsys.readouterr().err
    assert f"缺少印章的密钥文件：{NAMES[HRSS]}，" in said
    assert f"印章即将到期或已到期：{NAMES[CENTRE]}（" in said


def test_there_is_no_root_before_the_first_seal() -> None:
    assert "还没有自制过印章" in call("office", "seal", "root").output
    assert "没有印章" in call("office", "seal", "list").output
