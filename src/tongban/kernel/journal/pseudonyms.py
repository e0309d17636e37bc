"""
Who somebody is within one matter: a pseudonym of their own in each, which only this node can read back.

The 16 bytes of SM4 over the node's own code of a person, under a key made from a secret of the node and the
matter's number (docs/protocol.md §3). Two matters of one person cannot be told to belong together by anybody else,
and no table is needed to know one's own people.
"""

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from tongban.kernel.crypto import keyring
from tongban.kernel.journal.numbers import ALPHABET

BLOCK = 16
LENGTH = 26  # 16 bytes in base 32


def of(subject: str, person: str) -> str:
    """
    Return the pseudonym of a person (the node's code, at most 16 ASCII characters) within a matter; nobody has none.

    Raises:
        ValueError: the code is too long.
    """
    if not person:
        return ""
    block = person.encode("ascii").ljust(BLOCK, b"\0")
    if len(block) != BLOCK:
        raise ValueError("a person's code has at most 16 characters")
    cipher = _cipher(subject).encryptor()
    number = int.from_bytes(cipher.update(block) + cipher.finalize())
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def person(subject: str, pseudonym: str) -> str:
    """Return the node's own code of whom a pseudonym of this node stands for; nothing if it is none of ours."""
    if len(pseudonym) != LENGTH or set(pseudonym) - set(ALPHABET):
        return ""
    number = 0
    for character in pseudonym:
        number = number << 5 | ALPHABET.index(character)
    if number >> 8 * BLOCK:
        return ""
    cipher = _cipher(subject).decryptor()
    code = (cipher.update(number.to_bytes(BLOCK)) + cipher.finalize()).rstrip(b"\0")
    # A stranger's pseudonym opens to noise; a code of ours is plain text.
    return code.decode("ascii") if code.isascii() and code.decode("ascii").isalnum() else ""


def _cipher(subject: str) -> Cipher[modes.ECB]:
    return Cipher(algorithms.SM4(_key(keyring.vault_key(settings.NODE.keys), subject)), modes.ECB())  # noqa: S305


@lru_cache(maxsize=4096)
def _key(secret: bytes, subject: str) -> bytes:
    return hmac.digest(secret, b"tongban-pseudonym/2|" + subject.encode(), "sm3")[:BLOCK]
