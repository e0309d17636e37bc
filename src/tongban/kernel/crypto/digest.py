"""
SM3 (GB/T 32905-2016), and digests that say what they are a digest of and by which algorithm.

A digest is written `sm3:` and 64 hexadecimal digits, so that another algorithm can stand beside it one day and
is never taken for this one (docs/protocol.md §2).
"""

import hashlib
import re

from tongban.kernel.crypto import canon

NAME = "sm3"
LENGTH = 68  # characters of a digest as it is written

_WRITTEN = re.compile(r"sm3:[0-9a-f]{64}", re.ASCII)
# Copying is faster than hashlib.new, which looks the algorithm up in OpenSSL each time.
_EMPTY = hashlib.new(NAME)


class UnknownSuite(ValueError):
    """A digest, key or signature of an algorithm that this program does not know."""


def sm3(data: bytes) -> bytes:
    """Return the 32 bytes of SM3 of `data`."""
    digest = _EMPTY.copy()
    digest.update(data)
    return digest.digest()


def of(data: bytes) -> str:
    """Return the digest of `data` as it is written."""
    return write(sm3(data))


def write(raw: bytes) -> str:
    """Return 32 bytes of SM3 as they are written."""
    return f"{NAME}:{raw.hex()}"


def raw(text: object) -> bytes:
    """
    Return the 32 bytes of a written digest.

    Raises:
        UnknownSuite: it names another algorithm. ValueError: it is no digest.
    """
    if isinstance(text, str) and _WRITTEN.fullmatch(text):
        return bytes.fromhex(text[4:])
    if isinstance(text, str) and ":" in text[:20] and not text.startswith(f"{NAME}:"):
        raise UnknownSuite("digest of an unknown algorithm")
    raise ValueError("not a digest")


def is_digest(text: object) -> bool:
    """Return whether `text` is a digest by an algorithm of ours."""
    return isinstance(text, str) and _WRITTEN.fullmatch(text) is not None


def tagged_bytes(tag: str, value: object) -> bytes:
    """
    Return what is hashed or signed for a document: `tag` in UTF-8, a zero byte, canonical `value`.

    The tag is the document's format string, so that a signature on one kind of document can never be
    shown as a signature on another.

    Raises:
        CanonError: `value` has no canonical form.
    """
    if not tag or "\0" in tag:
        raise canon.CanonError("a tag is text without a zero byte")
    return tag.encode() + b"\0" + canon.encode(value)


def tagged(tag: str, value: object) -> str:
    """Return the digest over `tagged_bytes(tag, value)`."""
    return of(tagged_bytes(tag, value))
