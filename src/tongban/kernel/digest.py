"""SM3 (GB/T 32905-2016), and hashes that say what they are a hash of."""

import hashlib

from tongban.kernel import canon

# Copying is faster than hashlib.new, which looks the algorithm up in OpenSSL each time.
_EMPTY = hashlib.new("sm3")


def sm3(data: bytes) -> bytes:
    """Return the 32 bytes of SM3 of `data`."""
    digest = _EMPTY.copy()
    digest.update(data)
    return digest.digest()


def sm3_hex(data: bytes) -> str:
    """Return SM3 of `data` as 64 lower-case hexadecimal digits."""
    return sm3(data).hex()


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
    """Return SM3 over `tagged_bytes(tag, value)` in hexadecimal."""
    return sm3_hex(tagged_bytes(tag, value))
