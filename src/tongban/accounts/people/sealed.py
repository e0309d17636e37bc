"""
Personal data at rest: encrypted under the node's data key, found again by a keyed hash.

The data key lies in the folder of the node's keys, so that a stolen database or backup gives away nothing
(GB/T 39786-2021: confidentiality of important data in storage).
"""

import hmac
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tongban.configuration.config import ConfigError, NodeConfig
from tongban.kernel.crypto import keyring, sm

DATA_KEY_NAME = "data-key"


def data_key(config: NodeConfig) -> bytes:
    """
    Return the node's data key, 16 bytes.

    Raises:
        ConfigError: there is none. It is never made up here: a new key would lock away all old data.
        KeyUnreadable: damaged, or the passphrase is missing or wrong.
    """
    return _read(config.keys)


def seal(text: str) -> bytes:
    """Return `text` encrypted and authenticated with SM4-GCM under the node's data key."""
    return sm.sm4_seal(_derived("seal"), text.encode())


def open_(blob: bytes | memoryview) -> str:
    """Return the text that `seal` encrypted; PostgreSQL hands binary columns out as memoryviews."""
    return sm.sm4_open(_derived("seal"), bytes(blob)).decode()


def lookup(text: str) -> str:
    """Return the keyed hash (HMAC-SM3, hex) under which `text` can be found without being stored."""
    return _hashed(_derived("lookup"), text)


def trace(text: str) -> str:
    """As `lookup`, under a key of its own: by what cases are found (docs/decisions/0036-finding-by-a-keyed-index.md)."""
    return _hashed(_derived("trace"), text)


def mark(text: str) -> str:
    """As `lookup`, remembered in this process: for what every request asks, never for what is personal."""
    return _remembered(_derived("lookup"), text)


def _hashed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sm3").hexdigest()


_remembered = lru_cache(maxsize=4096)(_hashed)


def _derived(purpose: str) -> bytes:
    # One key, one purpose: encryption and look-up must not share theirs.
    return _derive(data_key(settings.NODE), purpose)


@lru_cache(maxsize=8)
def _derive(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, f"tongban-data/{purpose}".encode(), "sm3")[:16]


@lru_cache(maxsize=8)
def _read(folder: Path) -> bytes:
    try:
        return bytes.fromhex(keyring.secret(folder, DATA_KEY_NAME))
    except FileNotFoundError:
        raise ConfigError(
            f"{folder / DATA_KEY_NAME} 不存在，个人信息无法加解密。请从密钥备份中恢复该文件。"
        ) from None
