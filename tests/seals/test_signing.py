"""Letters are sealed so that any reader can check them, and only while the seal counts."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.db import connection
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.nodes import BIRTH, Node
from tests.seals.conftest import CENTRE, HRSS, letter
from tongban.accounts.access.actor import SYSTEM
from tongban.kernel.crypto import rewrapping
from tongban.kernel.errors import DomainError
from tongban.seals import commands, keys, queries, signing
from tongban.seals.models import Seal

BOX = (300.0, 100.0, 427.5, 227.5)
LATER = BIRTH + timedelta(days=30)
pytestmark = pytest.mark.usefixtures("offices")


def make(organisation: str = HRSS) -> Seal:
    return commands.make(organisation=organisation, kind="official", by=SYSTEM, at=BIRTH).seal


def sealed(pdf: bytes = b"", *, organisation: str = HRSS, at: object = LATER) -> bytes:
    return signing.sign(
        pdf or letter(), organisation, "official", at=at, reason="决定书", page=1, box=BOX  # type: ignore[arg-type]
    )  # fmt: skip


def refused(**more: object) -> str:
    with pytest.raises(DomainError) as refusal:
        sealed(**more)  # type: ignore[arg-type]
    return refusal.value.code


def pdfsig(pdf: bytes, folder: Path) -> str:
    """Return what poppler says of the signatures, in an empty store of certificates."""
    (folder / "signed.pdf").write_bytes(pdf)
    done = subprocess.run(["pdfsig", folder / "signed.pdf"], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.slow
def test_another_reader_finds_the_signature_valid(tmp_path: Path) -> None:
    make()

    said = pdfsig(sealed(), tmp_path)

    assert "Signature is Valid" in said
    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    assert "人力资源和社会保障局" in said


@pytest.mark.slow
def test_another_reader_finds_an_altered_letter_not_valid(tmp_path: Path) -> None:
    make()
    pdf = bytearray(sealed())
    pdf[len(letter()) // 2] ^= 1

    assert "Signature is Valid" not in pdfsig(bytes(pdf), tmp_path)


def test_what_was_before_is_unchanged_and_pdf_a_stays_pdf_a() -> None:
    make()
    pdf = sealed()

    assert pdf.startswith(letter())
    with pikepdf.open(BytesIO(pdf)) as after, pikepdf.open(BytesIO(letter())) as before:
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert dict(after.docinfo) == dict(before.docinfo)
        (field,) = after.pages[1].Annots  # type: ignore[attr-defined]
        assert [float(n) for n in field.Rect] == list(BOX)
        assert int(field.F) & 0b111 == 0b100, "printed, and neither hidden nor invisible"
        assert field.AP.N.read_bytes() == b"", "draws nothing, but has an appearance"
        assert str(field.V.M) == "D:20260204010000Z", "the moment that was given"
        assert "/NeedAppearances" not in after.Root.AcroForm


def test_check_says_whose_seal_it_is() -> None:
    seal = make()

    (found,) = signing.check(sealed())

    assert found.is_good
    assert (found.organisation, found.kind, found.state) == (HRSS, "official", "in_use")
    assert found.fingerprint == seal.fingerprint
    assert found.signed_at == LATER
    assert signing.check(letter()) == ()


@pytest.mark.parametrize("place", ["the letter", "the signature", "something added"])
def test_check_finds_what_was_altered(place: str) -> None:
    make()
    pdf = bytearray(sealed())
    if place == "something added":
        pdf += _drawn_over(bytes(pdf))
    else:
        at = len(letter()) // 2 if place == "the letter" else pdf.index(b"/Contents <") + 4000
        pdf[at] = ord("0") if pdf[at] != ord("0") else ord("1")

    (found,) = signing.check(bytes(pdf))

    assert not found.intact
    assert not found.is_good


def _drawn_over(pdf: bytes) -> bytes:
    """Return an update that, appended, draws over the letter."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=b"0 0 100 100 re f")))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()[len(pdf) :]


def test_two_seals_on_one_letter_are_both_good() -> None:
    make()
    make(CENTRE)

    found = signing.check(sealed(sealed(), organisation=CENTRE))

    assert [(one.organisation, one.is_good) for one in found] == [(HRSS, True), (CENTRE, True)]


def test_a_seal_of_elsewhere_is_not_known() -> None:
    make()
    pdf = sealed()
    Seal.objects.all().delete()

    (found,) = signing.check(pdf)

    assert (found.intact, found.known, found.organisation, found.is_good) == (True, False, "", False)
    assert found.signer == "青阳县人力资源和社会保障局"


@pytest.mark.parametrize("pdf", [b"", b"no PDF", letter()[:500]])
def test_check_refuses_what_is_no_pdf(pdf: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        signing.check(pdf)

    assert refusal.value.code == "pdf_unreadable"


def test_nothing_is_sealed_without_a_seal() -> None:
    assert refused() == "no_seal_in_use"


def test_nothing_is_sealed_before_or_after_the_certificate_is_in_force() -> None:
    seal = make()

    assert refused(at=seal.valid_to + timedelta(seconds=1)) == "seal_expired"
    assert refused(at=seal.valid_from - timedelta(seconds=1)) == "seal_expired"
    assert signing.check(sealed(at=seal.valid_to))[0].is_good


def test_a_revoked_seal_seals_no_more_and_what_it_sealed_since_is_not_good() -> None:
    make()
    before, after = sealed(at=LATER - timedelta(days=1)), sealed(at=LATER)
    commands.revoke(
        organisation=HRSS,
        kind="official",
        reason="密钥可能泄露",
        since=LATER,
        by=SYSTEM,
        at=LATER + timedelta(days=1),
    )

    assert refused(at=LATER + timedelta(days=2)) == "seal_revoked"
    assert [signing.check(pdf)[0].is_good for pdf in (before, after)] == [True, False]
    assert signing.check(after)[0].state == "revoked"


def test_a_replaced_seal_stays_verifiable() -> None:
    make()
    old = sealed()
    moment = LATER + timedelta(days=1)
    commands.replace(organisation=HRSS, kind="official", reason="到期更换", by=SYSTEM, at=moment)
    new = sealed(at=moment)

    assert [(signing.check(pdf)[0].is_good, signing.check(pdf)[0].state) for pdf in (old, new)] == [
        (True, "replaced"),
        (True, "in_use"),
    ]


def test_a_replaced_seal_may_turn_out_to_have_been_stolen_before() -> None:
    old, stolen = make(), LATER - timedelta(days=1)
    before, after = sealed(at=stolen - timedelta(hours=1)), sealed(at=stolen)
    given = {"organisation": HRSS, "kind": "official", "by": SYSTEM}
    commands.replace(**given, reason="到期更换", at=LATER)  # type: ignore[arg-type]

    def revoke(**more: object) -> Seal:
        return commands.revoke(
            **given, reason="密钥曾泄露", at=LATER + timedelta(days=9), **{"fingerprint": old.fingerprint} | more  # type: ignore[arg-type]
        )  # fmt: skip

    for wrong, code in (
        ({"fingerprint": "0" * 64}, "no_seal_in_use"), ({"since": LATER + timedelta(seconds=1)}, "seal_end_wrong"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refusal:
            revoke(**wrong)
        assert refusal.value.code == code
    revoke(since=stolen)
    assert [signing.check(pdf)[0].is_good for pdf in (before, after)] == [True, False]
    assert signing.check(sealed(at=LATER))[0].is_good, "the new one goes on"


def test_a_key_that_is_gone_or_damaged_is_lost(node: Node) -> None:
    file = node.home / "keys" / keys.name_of(make().fingerprint)
    kept = file.read_bytes()
    assert signing.check(sealed())[0].is_good

    file.unlink()
    assert refused() == "seal_key_lost"
    assert [seal.organisation.uscc for seal in queries.lacking_keys()] == [HRSS]
    file.write_bytes(b"3082\n")
    assert refused() == "seal_key_lost"
    file.write_bytes(kept)
    assert signing.check(sealed())[0].is_good


def test_keys_lie_beside_the_nodes_own_under_the_same_passphrase(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make()
    rewrapping.protect(node.home / "keys", "a passphrase of some length")
    monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", "a passphrase of some length")
    second = make(CENTRE)

    for seal in (first, second):
        file = node.home / "keys" / keys.name_of(seal.fingerprint)
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_bytes().startswith(b"tongban-secret/1 ")
        assert signing.check(sealed(organisation=seal.organisation.uscc))[0].is_good
    monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", "another passphrase altogether")
    assert refused() == "seal_key_lost"


@pytest.mark.django_db(transaction=True)
def test_threads_seal_beside_one_another() -> None:
    make()

    def one(number: int) -> bool:
        try:
            return signing.check(sealed())[0].is_good
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert all(pool.map(one, range(12)))
