"""
The private keys of this node, in a folder of their own (0600) that no backup contains.

`sign-N.pem` and `wrap-N.pem` are the SM2 keys of record N of the node's key chain; `vault-key` wraps the
keys of cases; `web-secret` signs sessions. A passphrase, if set, comes from TONGBAN_KEY_PASSPHRASE. An HSM
replaces this module: callers only know `sm.Key`.
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from tongban.kernel.crypto import sm


def create(folder: Path, number: int = 1) -> tuple[sm.Key, sm.Key]:
    """Make the signing and wrapping key of record `number`; the first time, the other secrets too."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sign, wrap = sm.SoftwareKey.generate(), sm.SoftwareKey.generate()
    sign.save(folder / f"sign-{number}.pem", _passphrase())
    wrap.save(folder / f"wrap-{number}.pem", _passphrase())
    for name, size in (("vault-key", 16), ("data-key", 16), ("web-secret", 32)):
        path = folder / name
        if not path.exists():
            _write_secret(path, secrets.token_hex(size))
    return sign, wrap


@lru_cache(maxsize=64)
def sign_key(folder: Path, number: int) -> sm.Key:
    """Return the signing key of record `number`."""
    return sm.SoftwareKey.load(folder / f"sign-{number}.pem", _passphrase())


@lru_cache(maxsize=64)
def wrap_key(folder: Path, number: int) -> sm.Key:
    """Return the key that opens what peers wrapped for record `number`."""
    return sm.SoftwareKey.load(folder / f"wrap-{number}.pem", _passphrase())


@lru_cache(maxsize=8)
def vault_key(folder: Path) -> bytes:
    """Return the key under which the keys of cases are wrapped."""
    return bytes.fromhex((folder / "vault-key").read_text(encoding="ascii").strip())


def _passphrase() -> str | None:
    return os.environ.get("TONGBAN_KEY_PASSPHRASE") or None


def _write_secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
