"""
The private keys of this node, in a folder of their own (0600) that no backup contains.

`sign-N.pem` and `wrap-N.pem` are the SM2 keys of record N of the node's key chain; `vault-key` wraps the
keys of cases; `data-key` seals personal data; `web-secret` signs sessions; `seal-….key` are those of organisations' seals,
which `tongban.seals` makes and names. One passphrase may cover them all: a person's,
from TONGBAN_KEY_PASSPHRASE, or one that only a token opens (`tokenfile`). `recovery.pub` is the public part of the key for
which backups are sealed. Where SM2 keys lie in a machine of their own, this module is replaced: callers only know `sm.Key`.
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from tongban.kernel.crypto import keyfiles, secretfile, sm, tokenfile

SECRETS = {"vault-key": 16, "data-key": 16, "web-secret": 32}  # with their bytes
SEALS = "seal-*.key"  # what these files are called
RECOVERY = "recovery.pub"


def create(folder: Path, number: int = 1) -> tuple[sm.Key, sm.Key]:
    """Make the signing and wrapping key of record `number`; the first time, the other secrets too."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sign, wrap = sm.SoftwareKey.generate(), sm.SoftwareKey.generate()
    cover = passphrase(folder)
    sign.save(folder / f"sign-{number}.pem", cover)
    wrap.save(folder / f"wrap-{number}.pem", cover)
    salt = secrets.token_bytes(secretfile.SALT)
    for name, size in SECRETS.items():
        path = folder / name
        if not path.exists():
            keyfiles.write(path, secretfile.write(name, secrets.token_hex(size), cover, salt))
    return sign, wrap


@lru_cache(maxsize=64)
def sign_key(folder: Path, number: int) -> sm.Key:
    """Return the signing key of record `number`."""
    return private_key(folder, f"sign-{number}.pem")


@lru_cache(maxsize=64)
def wrap_key(folder: Path, number: int) -> sm.Key:
    """Return the key that opens what peers wrapped for record `number`."""
    return private_key(folder, f"wrap-{number}.pem")


@lru_cache(maxsize=8)
def vault_key(folder: Path) -> bytes:
    """Return the key under which the keys of cases are wrapped."""
    return bytes.fromhex(secret(folder, "vault-key"))


def secret(folder: Path, name: str) -> str:
    """
    Return one of `SECRETS`, or the key of a seal, as hexadecimal digits.

    Raises:
        KeyUnreadable: damaged, or the passphrase is missing or wrong.
        FileNotFoundError: there is none. It is never made up: a new one would lock away all that is old.
    """
    return secretfile.read(name, keyfiles.newest(folder, name, Path.read_bytes), passphrase(folder))


def keep(folder: Path, name: str, digits: str) -> None:
    """
    Keep one more secret, under what covers the others.

    Raises:
        FileExistsError: there is one of this name. KeyUnreadable: the passphrase is not that of the others.
        TokenNotOpened: a token guards the keys and was not opened.
    """
    secret(folder, "vault-key")  # what is given as the passphrase opens the others
    beside = keyfiles.newest(folder, "vault-key", Path.read_bytes)
    keyfiles.write(
        folder / name, secretfile.write(name, digits, passphrase(folder), secretfile.salt_beside(beside))
    )


def destroy(folder: Path, name: str) -> None:
    """Delete a secret that nothing will need again; none is none."""
    for place in (folder / keyfiles.REWRAPPED, folder):
        (place / name).unlink(missing_ok=True)
    keyfiles.sync_folder(folder)


def private_key(folder: Path, name: str) -> sm.SoftwareKey:
    """Return the SM2 key of a file; raises as `SoftwareKey.load`."""
    return keyfiles.newest(folder, name, lambda path: sm.SoftwareKey.load(path, passphrase(folder)))


def kept(folder: Path) -> list[str]:
    """Return the names of the secrets in the folder, the keys of seals among them."""
    own = [name for name in SECRETS if (folder / name).exists()]
    return own + sorted(path.name for path in folder.glob(SEALS))


def in_clear(folder: Path) -> list[str]:
    """Return the names of the secrets that no passphrase covers."""
    return [
        name for name in kept(folder) if secretfile.is_plain(keyfiles.newest(folder, name, Path.read_bytes))
    ]


def recovery_key(folder: Path) -> bytes | None:
    """
    Return the public point of the key for which backups are sealed, if there is one.

    Raises:
        KeyUnreadable: what is kept is no public key.
    """
    try:
        point = bytes.fromhex((folder / RECOVERY).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        point = b""
    if not sm.is_public(point):
        raise sm.KeyUnreadable(f"{RECOVERY} 不是恢复密钥的公开部分。")
    return point


def keep_recovery_key(folder: Path, public: bytes) -> None:
    """
    Let backups be sealed for the key of `public` from now on, and let it open what a token guards.

    Raises:
        TokenNotOpened: a token guards the keys and was not opened.
    """
    keyfiles.write(folder / RECOVERY, f"{public.hex()}\n".encode("ascii"), replace=True)
    if tokenfile.is_in_force(folder):
        tokenfile.leave_copy(folder, public)


def passphrase(folder: Path) -> str | None:
    """
    Return the passphrase that covers the node's keys, if there is one.

    Raises:
        TokenNotOpened: it is what a token guards, and this process has not opened it.
    """
    if tokenfile.is_in_force(folder):
        return tokenfile.guarded(folder)
    return os.environ.get("TONGBAN_KEY_PASSPHRASE") or None
