"""
The crypto port: SM2 signatures and key wrapping, SM4-GCM sealing (GB/T 32918, GB/T 32907).

Everything above this module knows a key only as `Key`, so that a certified cryptographic machine (密码机)
can take the place of `SoftwareKey`. Encodings: a public key is the 65-byte point 04‖x‖y; a signature
is DER SEQUENCE{r, s} over SM3 with the default signer id (GM/T 0009); a wrapped text is the ASN.1 of
GM/T 0009, SEQUENCE{x, y, hash, text}, as OpenSSL writes it.
"""

import ctypes
import functools
import secrets
from collections.abc import Callable
from ctypes import byref, c_char_p, c_size_t, c_void_p
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from tongban.kernel.crypto import keyfiles
from tongban.kernel.crypto.libcrypto import CryptoFailure, CryptoUnavailable, Handle, done, load

__all__ = [
    "CryptoUnavailable",
    "Key",
    "KeyUnreadable",
    "SoftwareKey",
    "Tampered",
    "is_public",
    "sm4_open",
    "sm4_seal",
    "verify",
    "wrap",
]

SIGNER_ID = b"1234567812345678"  # GM/T 0009-2012: for parties that agreed on no other
CURVE_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
PBKDF2_ROUNDS = 600_000  # as OWASP names them for SHA-256; a file says its own

_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")  # id-ecPublicKey, curve SM2
_PUBLIC_DER = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("034200")  # + point
_PRIVATE_DER = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("042730250201010420")  # + number


class Tampered(ValueError):
    """The text was changed, or sealed under another key or for another purpose."""


class KeyUnreadable(ValueError):
    """The key file cannot be used: damaged, not SM2, or the passphrase is wrong."""


class Key(Protocol):
    """A private key that can be used, wherever it is kept."""

    @property
    def public(self) -> bytes:
        """The public point, 65 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Return the DER signature over `message`."""

    def unwrap(self, ciphertext: bytes) -> bytes:
        """Return what was wrapped for this key; raise Tampered if that fails."""


class SoftwareKey:
    """An SM2 key in this process's memory. Safe to use from several threads."""

    __slots__ = ("_pkey", "public")

    public: bytes

    def __init__(self, pkey: Handle) -> None:
        """Own a parsed private key; use `generate`, `from_private` or `load`."""
        self._pkey = pkey
        self.public = _point(pkey)

    @classmethod
    def generate(cls) -> Self:
        """Return a new random key."""
        return cls.from_private((secrets.randbelow(CURVE_ORDER - 2) + 1).to_bytes(32))

    @classmethod
    def from_private(cls, number: bytes) -> Self:
        """
        Return the key of a private number, 32 bytes big-endian.

        Raises:
            ValueError: not 32 bytes, or outside 1 … n-2 (GB/T 32918.1).
        """
        if len(number) != 32 or not 1 <= int.from_bytes(number) <= CURVE_ORDER - 2:
            raise ValueError("not a private number of SM2")
        lib, der = load(), _PRIVATE_DER + number
        return cls(Handle(lib.d2i_AutoPrivateKey(None, byref(c_char_p(der)), len(der)), lib.EVP_PKEY_free))

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> Self:
        """
        Return the key kept in a PKCS#8 PEM file.

        Raises:
            KeyUnreadable: damaged, not SM2, or the passphrase is missing or wrong.
            OSError: no such file, or not ours to read.
        """
        lib, pem = load(), path.read_bytes()
        if b"ENCRYPTED PRIVATE KEY" in pem and not passphrase:
            raise KeyUnreadable(f"密钥文件 {path.name} 设有口令，请提供口令。")
        # Never a null passphrase: OpenSSL would ask for one on the terminal.
        secret = (passphrase or "").encode()
        try:
            with Handle(lib.BIO_new_mem_buf(pem, len(pem)), lib.BIO_free) as source:
                pkey = Handle(lib.PEM_read_bio_PrivateKey(source, None, None, secret), lib.EVP_PKEY_free)
            done(lib.EVP_PKEY_is_a(pkey.pointer, b"SM2"))
        except CryptoFailure:
            raise KeyUnreadable(f"密钥文件 {path.name} 无法读取：口令错误，或不是 SM2 私钥。") from None
        return cls(pkey)

    def save(self, path: Path, passphrase: str | None = None, *, replace: bool = False) -> None:
        """
        Keep the key in a PKCS#8 PEM file that only its owner can read (0600).

        The file appears whole or not at all, and is on disk when this returns. With a passphrase it is
        encrypted (PBES2: PBKDF2-SHA256, SM4-CBC).

        Raises:
            FileExistsError: a key is there already and `replace` is not set; who loses it loses the node.
        """
        keyfiles.write(path, self._pem(passphrase), replace=replace)

    def sign(self, message: bytes) -> bytes:
        """Return the DER signature over `message`."""
        lib, length = load(), c_size_t(96)
        out = ctypes.create_string_buffer(96)  # two numbers of at most 33 bytes and their headers
        with Handle(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free) as context:
            inner = c_void_p()
            done(lib.EVP_DigestSignInit(context, byref(inner), lib.EVP_sm3(), None, self._pkey.pointer))
            done(lib.EVP_PKEY_CTX_set1_id(inner, SIGNER_ID, len(SIGNER_ID)))
            done(lib.EVP_DigestSign(context, out, byref(length), message, len(message)))
        return out.raw[: length.value]

    def unwrap(self, ciphertext: bytes) -> bytes:
        """
        Return what `wrap` sealed for this key.

        Raises:
            Tampered: wrapped for another key, or changed.
        """
        lib = load()
        try:
            return _crypt(lib.EVP_PKEY_decrypt_init, lib.EVP_PKEY_decrypt, self._pkey, ciphertext)
        except CryptoFailure:
            raise Tampered("wrapped for another key, or changed") from None

    def _pem(self, passphrase: str | None) -> bytes:
        lib = load()
        secret = (passphrase or "").encode()
        if b"\0" in secret:
            raise ValueError("口令不能含有空字符。")
        with (
            Handle(lib.BIO_new(lib.BIO_s_mem()), lib.BIO_free) as sink,
            Handle(lib.EVP_PKEY2PKCS8(self._pkey.pointer), lib.PKCS8_PRIV_KEY_INFO_free) as plain,
        ):
            if secret:
                sealed = lib.PKCS8_encrypt(
                    -1, lib.EVP_sm4_cbc(), secret, len(secret), None, 0, PBKDF2_ROUNDS, plain
                )
                with Handle(sealed, lib.X509_SIG_free) as document:
                    done(lib.PEM_write_bio_PKCS8(sink, document))
            else:
                done(lib.PEM_write_bio_PKCS8_PRIV_KEY_INFO(sink, plain))
            text = c_void_p()
            size = lib.BIO_ctrl(sink, 3, 0, byref(text))  # 3 is BIO_CTRL_INFO
            return ctypes.string_at(text, size)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `message` was made by the key of `public`; nonsense is simply not."""
    lib = load()
    try:
        pkey = _public(public)
        with Handle(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free) as context:
            inner = c_void_p()
            done(lib.EVP_DigestVerifyInit(context, byref(inner), lib.EVP_sm3(), None, pkey.pointer))
            done(lib.EVP_PKEY_CTX_set1_id(inner, SIGNER_ID, len(SIGNER_ID)))
            done(lib.EVP_DigestVerify(context, signature, len(signature), message, len(message)))
    except (CryptoFailure, TypeError, ctypes.ArgumentError):
        return False
    return True


def is_public(point: bytes) -> bool:
    """Return whether `point` is a public key: 65 bytes, uncompressed, on the curve."""
    try:
        _public(point)
    except CryptoFailure:
        return False
    return True


def wrap(public: bytes, plaintext: bytes) -> bytes:
    """
    Return `plaintext` (a key, say) so that only the key of `public` can read it, as ASN.1 DER (GM/T 0009).

    Raises:
        ValueError: `public` is no point of the curve, or there is nothing to wrap.
    """
    if not plaintext:
        raise ValueError("nothing to wrap")
    lib = load()
    return _crypt(lib.EVP_PKEY_encrypt_init, lib.EVP_PKEY_encrypt, _public(public), plaintext)


def sm4_seal(key: bytes, plaintext: bytes, aad: bytes = b"") -> bytes:
    """Return nonce (12) ‖ ciphertext ‖ tag (16) by SM4-GCM; `aad` must be given again to open it."""
    nonce = secrets.token_bytes(12)
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return nonce + encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def sm4_open(key: bytes, blob: bytes, aad: bytes = b"") -> bytes:
    """
    Return what `sm4_seal` sealed under the same key and `aad`.

    Raises:
        Tampered: anything else.
    """
    if len(blob) < 28:
        raise Tampered("too short to be sealed")
    decryptor = Cipher(SM4(key), GCM(blob[:12], blob[-16:])).decryptor()
    decryptor.authenticate_additional_data(aad)
    try:
        return decryptor.update(blob[12:-16]) + decryptor.finalize()
    except InvalidTag:
        raise Tampered("changed, or sealed under another key or for another purpose") from None


@functools.lru_cache(
    maxsize=256
)  # parsing checks that the point is on the curve: as dear as a quarter of a check
def _public(point: bytes) -> Handle:
    if len(point) != 65 or point[0] != 4:
        raise CryptoFailure("not an uncompressed point")
    lib, der = load(), _PUBLIC_DER + point
    return Handle(lib.d2i_PUBKEY(None, byref(c_char_p(der)), len(der)), lib.EVP_PKEY_free)


def _point(pkey: Handle) -> bytes:
    lib = load()
    der = ctypes.create_string_buffer(256)
    size = lib.i2d_PUBKEY(pkey.pointer, byref(c_void_p(ctypes.addressof(der))))
    return der.raw[size - 65 : size]


def _crypt(init: Callable[..., int], work: Callable[..., int], pkey: Handle, data: bytes) -> bytes:
    lib, size = load(), c_size_t()
    with Handle(lib.EVP_PKEY_CTX_new(pkey.pointer, None), lib.EVP_PKEY_CTX_free) as context:
        done(init(context))
        done(work(context, None, byref(size), data, len(data)))
        out = ctypes.create_string_buffer(size.value)
        done(work(context, out, byref(size), data, len(data)))
        return out.raw[: size.value]
