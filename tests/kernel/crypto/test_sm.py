import ctypes
import shutil
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import vectors
from tongban.kernel.crypto import libcrypto, sm

VECTORS = vectors.load("sm")
SIGNED = VECTORS["sm2_signature"]
PUBLIC = bytes.fromhex(SIGNED["public"])
MESSAGE = SIGNED["message"].encode()
SIGNATURE = bytes.fromhex(SIGNED["der"])
KEY = sm.SoftwareKey.from_private(bytes.fromhex(SIGNED["private"]))
OTHER = sm.SoftwareKey.generate()


def der(r: int, s: int) -> bytes:
    """Write SEQUENCE{r, s}, to make signatures that no honest signer makes."""
    body = b""
    for number in (r, s):
        text = number.to_bytes(number.bit_length() // 8 + 1)
        body += bytes([2, len(text)]) + text
    return bytes([0x30, len(body)]) + body


class TestSignatures:
    def test_derives_the_public_key_of_the_standard(self) -> None:
        assert KEY.public == PUBLIC

    def test_accepts_the_signature_of_the_standard(self) -> None:
        assert sm.verify(PUBLIC, MESSAGE, SIGNATURE)

    def test_accepts_its_own(self) -> None:
        assert sm.verify(OTHER.public, b"", OTHER.sign(b""))
        assert sm.verify(OTHER.public, MESSAGE * 1000, OTHER.sign(MESSAGE * 1000))

    def test_refuses_another_message_or_key(self) -> None:
        assert not sm.verify(PUBLIC, b"message digesT", SIGNATURE)
        assert not sm.verify(OTHER.public, MESSAGE, SIGNATURE)

    @given(st.integers(0, len(SIGNATURE) * 8 - 1))
    def test_refuses_a_signature_with_one_bit_turned(self, bit: int) -> None:
        changed = bytearray(SIGNATURE)
        changed[bit // 8] ^= 1 << bit % 8
        assert not sm.verify(PUBLIC, MESSAGE, bytes(changed))

    def test_refuses_numbers_out_of_range(self) -> None:
        r, s, n = (int(SIGNED[name], 16) for name in ("r", "s", "order"))
        assert der(r, s) == SIGNATURE
        for bad in ((0, s), (r, 0), (r, n), (n, s), (r + n, s), (r, s + n)):
            assert not sm.verify(PUBLIC, MESSAGE, der(*bad))

    @given(st.binary(max_size=80), st.binary(max_size=80))
    def test_nonsense_is_simply_not_a_signature(self, public: bytes, signature: bytes) -> None:
        assert not sm.verify(public, MESSAGE, signature)
        assert not sm.verify(PUBLIC, MESSAGE, signature)

    @pytest.mark.parametrize(
        "public", [b"\4" * 65, b"\4" + b"\0" * 64, PUBLIC[:-1], PUBLIC + b"\0", None, 65, "x"]
    )
    def test_what_is_no_point_verifies_nothing(self, public: bytes) -> None:
        assert not sm.verify(public, MESSAGE, SIGNATURE)

    def test_trailing_bytes_are_no_part_of_a_signature(self) -> None:
        assert not sm.verify(PUBLIC, MESSAGE, SIGNATURE + b"\0")

    def test_threads_sign_with_one_key(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            signatures = list(pool.map(lambda i: OTHER.sign(bytes([i])), range(60)))
            assert all(pool.map(lambda i: sm.verify(OTHER.public, bytes([i]), signatures[i]), range(60)))

    @pytest.mark.parametrize("number", [0, sm.CURVE_ORDER - 1, sm.CURVE_ORDER])
    def test_refuses_private_numbers_out_of_range(self, number: int) -> None:
        with pytest.raises(ValueError, match="private number"):
            sm.SoftwareKey.from_private(number.to_bytes(32))


class TestWrapping:
    def test_unwraps_the_ciphertext_of_the_standard(self) -> None:
        v = VECTORS["sm2_encryption"]
        fields = [(2, v["x"]), (2, v["y"]), (4, v["hash"]), (4, v["text"])]
        body = b"".join(bytes([tag, len(text) // 2]) + bytes.fromhex(text) for tag, text in fields if text)
        # y begins with a set bit, so as an INTEGER it needs a zero byte before it
        body = body.replace(b"\x02\x20" + bytes.fromhex(v["y"]), b"\x02\x21\0" + bytes.fromhex(v["y"]))
        assert KEY.unwrap(b"\x30\x81" + bytes([len(body)]) + body) == v["message"].encode()

    @pytest.mark.slow
    @given(st.binary(min_size=1, max_size=200))
    def test_only_the_owner_reads_it(self, text: bytes) -> None:
        wrapped = sm.wrap(KEY.public, text)
        assert KEY.unwrap(wrapped) == text
        with pytest.raises(sm.Tampered):
            OTHER.unwrap(wrapped)

    @given(st.binary(max_size=200))
    def test_nonsense_is_tampered(self, text: bytes) -> None:
        with pytest.raises(sm.Tampered):
            KEY.unwrap(text)

    def test_refuses_to_wrap_for_nobody_or_nothing(self) -> None:
        with pytest.raises(ValueError):
            sm.wrap(b"\4" * 65, b"text")
        with pytest.raises(ValueError):
            sm.wrap(KEY.public, b"")


class TestSealing:
    def test_opens_what_rfc_8998_sealed(self) -> None:
        v = {name: bytes.fromhex(text) for name, text in VECTORS["sm4_gcm"].items() if name != "source"}
        assert sm.sm4_open(v["key"], v["iv"] + v["ciphertext"] + v["tag"], v["aad"]) == v["plaintext"]

    @given(st.binary(), st.binary())
    def test_opens_what_it_sealed(self, text: bytes, aad: bytes) -> None:
        blob = sm.sm4_seal(b"k" * 16, text, aad)
        assert len(blob) == len(text) + 28
        assert sm.sm4_open(b"k" * 16, blob, aad) == text

    def test_never_seals_twice_alike(self) -> None:
        assert sm.sm4_seal(b"k" * 16, b"text") != sm.sm4_seal(b"k" * 16, b"text")

    @pytest.mark.parametrize(
        "change",
        [
            lambda key, blob, aad: (b"K" * 16, blob, aad),
            lambda key, blob, aad: (key, blob, b"another purpose"),
            lambda key, blob, aad: (key, blob[:-1], aad),
            lambda key, blob, aad: (key, blob[:20], aad),
            lambda key, blob, aad: (key, bytes([blob[0] ^ 1]) + blob[1:], aad),
        ],
    )
    def test_what_was_changed_stays_shut(self, change: Callable[..., tuple[bytes, bytes, bytes]]) -> None:
        with pytest.raises(sm.Tampered):
            sm.sm4_open(*change(b"k" * 16, sm.sm4_seal(b"k" * 16, b"text", b"purpose"), b"purpose"))


class TestKeyFiles:
    def test_comes_back_from_a_file_only_its_owner_reads(self, tmp_path: Path) -> None:
        KEY.save(tmp_path / "key.pem")
        assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
        assert sm.SoftwareKey.load(tmp_path / "key.pem").public == PUBLIC
        assert [path.name for path in tmp_path.iterdir()] == ["key.pem"]

    @pytest.mark.slow
    def test_a_passphrase_is_needed_again(self, tmp_path: Path) -> None:
        path = tmp_path / "key.pem"
        KEY.save(path, "九华山下")
        assert sm.SoftwareKey.load(path, "九华山下").public == PUBLIC
        for wrong in (None, "", "九华山"):
            with pytest.raises(sm.KeyUnreadable):
                sm.SoftwareKey.load(path, wrong)

    def test_a_key_is_not_overwritten_by_accident(self, tmp_path: Path) -> None:
        path = tmp_path / "key.pem"
        KEY.save(path)
        with pytest.raises(FileExistsError):
            OTHER.save(path)
        assert sm.SoftwareKey.load(path).public == PUBLIC
        OTHER.save(path, replace=True)
        assert sm.SoftwareKey.load(path).public == OTHER.public
        assert len(list(tmp_path.iterdir())) == 1

    @pytest.mark.parametrize(
        "text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_refuses_what_is_no_key(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "key.pem").write_text(text)
        with pytest.raises(sm.KeyUnreadable, match=r"key\.pem"):
            sm.SoftwareKey.load(tmp_path / "key.pem")

    def test_refuses_a_key_of_another_curve(self, tmp_path: Path) -> None:
        from cryptography.hazmat.primitives import serialization as s
        from cryptography.hazmat.primitives.asymmetric import ec

        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
        )
        (tmp_path / "key.pem").write_bytes(pem)
        with pytest.raises(sm.KeyUnreadable):
            sm.SoftwareKey.load(tmp_path / "key.pem")

    @pytest.mark.slow
    def test_the_openssl_program_reads_it_and_accepts_our_signature(self, tmp_path: Path) -> None:
        openssl = shutil.which("openssl")
        assert openssl, "the openssl program comes with the library we sign with"
        KEY.save(tmp_path / "key.pem")
        (tmp_path / "message").write_bytes(MESSAGE)
        (tmp_path / "signature").write_bytes(KEY.sign(MESSAGE))
        arguments = "pkeyutl -verify -inkey key.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678"
        done = subprocess.run(
            [openssl, *arguments.split(), "-in", "message", "-sigfile", "signature"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Verified Successfully" in done.stdout


class TestWithoutOpenSsl:
    def test_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def absent(name: str) -> ctypes.CDLL:
            raise OSError(name)

        monkeypatch.setattr(ctypes, "CDLL", absent)
        with pytest.raises(sm.CryptoUnavailable, match="OpenSSL 3"):
            libcrypto.load.__wrapped__()
