"""The private keys of seals: files beside the node's other keys, under what covers them (docs/decisions/0035-seals.md)."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings

from tongban.kernel.crypto import keyfiles, keyring, secretfile, sm

type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

BITS: Final = 3072


def generate() -> rsa.RSAPrivateKey:
    """Return a new key, of the kind that every reader of PDFs can verify."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def keep(fingerprint: str, key: PrivateKey) -> None:
    """Keep the key whose certificate has this fingerprint; raises as `keyring.keep`."""
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    keyring.keep(settings.NODE.keys, name_of(fingerprint), der.hex())


def private(fingerprint: str) -> PrivateKey:
    """
    Return the key whose certificate has this fingerprint.

    Raises:
        FileNotFoundError: there is none. KeyUnreadable: damaged, or the passphrase is missing or wrong.
    """
    name = name_of(fingerprint)
    # The file is read each time, so that a key that is gone is gone at once; to parse it takes a tenth of a second.
    data = keyfiles.newest(settings.NODE.keys, name, Path.read_bytes)
    return _parsed(name, data, keyring.passphrase(settings.NODE.keys))


def is_there(fingerprint: str) -> bool:
    """Return whether the file of the key is in its place."""
    return (settings.NODE.keys / name_of(fingerprint)).is_file()


def destroy(fingerprint: str) -> None:
    """Delete the key of a seal that has ended; its certificate stays, and what it signed."""
    keyring.destroy(settings.NODE.keys, name_of(fingerprint))


def name_of(fingerprint: str) -> str:
    """Return the name of the file; `keyring.SEALS` finds it."""
    return f"seal-{fingerprint}.key"


@lru_cache(maxsize=256)
def _parsed(name: str, data: bytes, passphrase: str | None) -> PrivateKey:
    digits = secretfile.read(name, data, passphrase)
    try:
        key = serialization.load_der_private_key(bytes.fromhex(digits), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise sm.KeyUnreadable(f"密钥文件 {name} 已损坏。")
    return key
