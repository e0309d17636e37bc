"""
A secret in a file: hexadecimal digits in clear, or the same sealed under a passphrase.

Sealed it is one line, `tongban-secret/1`, salt and SM4-GCM of the digits, the latter two in hexadecimal. The key is
Argon2id of passphrase and salt with the second choice of RFC 9106 (64 MiB, three passes, four lanes): a tenth of a second,
so secrets that lie together share their salt, and a process derives once.
"""

from functools import lru_cache
from secrets import token_bytes

from argon2.low_level import Type, hash_secret_raw

from tongban.kernel.crypto import sm

FORMAT = "tongban-secret/1"
SALT = 16


def write(name: str, text: str, passphrase: str | None, salt: bytes) -> bytes:
    """Return the content of the file `name` that keeps `text`, sealed if there is a passphrase."""
    if not passphrase:
        return f"{text}\n".encode("ascii")
    sealed = sm.sm4_seal(_key(passphrase, salt), text.encode("ascii"), _aad(name))
    return f"{FORMAT} {salt.hex()} {sealed.hex()}\n".encode("ascii")


def read(name: str, data: bytes, passphrase: str | None) -> str:
    """
    Return what `write` kept in the file `name`.

    Raises:
        KeyUnreadable: damaged, or the passphrase is missing or wrong.
    """
    if is_plain(data):
        try:
            return data.decode("ascii").strip()
        except UnicodeDecodeError:
            raise sm.KeyUnreadable(f"密钥文件 {name} 已损坏。") from None
    if not passphrase:
        raise sm.KeyUnreadable(f"密钥文件 {name} 设有口令，请提供口令。")
    try:
        _, salt, sealed = data.decode("ascii").split()
        key = _key(passphrase, bytes.fromhex(salt))
        return sm.sm4_open(key, bytes.fromhex(sealed), _aad(name)).decode("ascii")
    except ValueError:  # what was changed is one too
        raise sm.KeyUnreadable(f"密钥文件 {name} 无法读取：口令错误，或文件已损坏。") from None


def salt_beside(data: bytes) -> bytes:
    """Return the salt for a secret that will lie beside the one kept in `data`: the same, or a new one if that has none."""
    return token_bytes(SALT) if is_plain(data) else bytes.fromhex(data.split()[1].decode("ascii"))


def is_plain(data: bytes) -> bool:
    """Return whether a file keeps its secret in clear."""
    return not data.startswith(FORMAT.encode())


@lru_cache(maxsize=8)
def _key(passphrase: str, salt: bytes) -> bytes:
    if len(salt) != SALT:
        raise ValueError("not a salt of ours")
    return hash_secret_raw(
        passphrase.encode(), salt, time_cost=3, memory_cost=65536, parallelism=4, hash_len=16, type=Type.ID
    )


def _aad(name: str) -> bytes:
    # The name, so that one secret can never stand in for another.
    return f"{FORMAT}/{name}".encode()
