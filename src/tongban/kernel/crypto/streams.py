"""
A stream of any length, sealed so that one private key opens it: what leaves the machine, such as a backup.

On disk: a line that names the format; a line of canonical JSON, the head: for which key it was sealed and a fresh SM4
key wrapped for it by SM2; then chunks, each a byte (1: the last one), four bytes of length and SM4-GCM of that
many. A chunk is authenticated together with the head, its number and whether it is the last, so none can be left out,
moved, exchanged with another stream's, or cut off at the end. Who wrote a stream it does not say: that is for what is in it.
"""

import io
import secrets
from collections.abc import Buffer
from typing import IO

from tongban.kernel.crypto import canon, digest, sm

CHUNK = 1024 * 1024
OVERHEAD = 28  # what SM4-GCM adds: nonce and tag
HEAD_LIMIT = 4096
_LAST, _MORE = b"\x01", b"\x00"


class NotAStream(ValueError):
    """The file does not begin as a stream of this format does."""


class OtherKey(ValueError):
    """The stream was sealed for another key; `args[0]` is that one's fingerprint."""


class SealedWriter(io.RawIOBase):
    """Seals what is written to it. Only `finish` makes the stream whole: without it, what was written never opens."""

    def __init__(self, target: IO[bytes], tag: str, public: bytes) -> None:
        """Begin a stream of the format `tag` for the key of `public`."""
        super().__init__()
        key = secrets.token_bytes(16)
        head = canon.encode({"recipient": digest.of(public), "wrapped": sm.wrap(public, key).hex()})
        begin = tag.encode() + b"\n" + head + b"\n"
        target.write(begin)
        self._target, self._key, self._head = target, key, digest.sm3(begin)
        self._number, self._waiting = 0, bytearray()

    def writable(self) -> bool:
        """Whether it takes bytes: always."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Take bytes; a chunk goes out as soon as it is known not to be the last."""
        taken = bytes(data)
        self._waiting += taken
        while len(self._waiting) > CHUNK:
            self._seal(self._waiting[:CHUNK], _MORE)
            del self._waiting[:CHUNK]
        return len(taken)

    def finish(self) -> None:
        """Seal what waits as the last chunk."""
        self._seal(self._waiting, _LAST)
        self._waiting = bytearray()

    def _seal(self, chunk: bytearray, last: bytes) -> None:
        sealed = sm.sm4_seal(self._key, bytes(chunk), _aad(self._head, self._number, last))
        self._target.write(last + len(sealed).to_bytes(4) + sealed)
        self._number += 1


class SealedReader(io.RawIOBase):
    """
    Opens such a stream. What `read` returns is authentic, but only `finish` tells whether it was all.

    Raises, from every method:
        Tampered: changed, cut off, put together from others, or followed by something.
    """

    def __init__(self, source: IO[bytes], tag: str, key: sm.Key) -> None:
        """
        Read the head of a stream of the format `tag`.

        Raises:
            NotAStream: the file begins otherwise. OtherKey: it is for another key. Tampered: as named.
        """
        super().__init__()
        begin = source.read(len(tag) + 1)
        if begin != tag.encode() + b"\n":
            raise NotAStream("another format")
        line = source.readline(HEAD_LIMIT)
        recipient, wrapped = _head(line)
        if recipient != digest.of(key.public):
            raise OtherKey(recipient)
        self._key = key.unwrap(wrapped)
        if len(self._key) != 16:
            raise sm.Tampered("not a key of SM4")
        self._source, self._head = source, digest.sm3(begin + line)
        self._number, self._opened, self._ended = 0, b"", False

    def readable(self) -> bool:
        """Whether it gives bytes: always."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Give up to as many bytes as `buffer` holds; none at the end."""
        while not self._opened and not self._ended:
            self._open()
        room = memoryview(buffer).cast("B")
        given = self._opened[: len(room)]
        room[: len(given)] = given
        self._opened = self._opened[len(given) :]
        return len(given)

    def finish(self) -> None:
        """Return quietly if the stream is whole: read, or passed over here, up to its last chunk and nothing after."""
        while not self._ended:
            self._open()

    def _open(self) -> None:
        prefix = self._source.read(5)
        last, size = prefix[:1], int.from_bytes(prefix[1:])
        if len(prefix) < 5 or size > CHUNK + OVERHEAD:
            raise sm.Tampered("cut off")
        sealed = self._source.read(size)
        if len(sealed) != size:
            raise sm.Tampered("cut off")
        self._opened = sm.sm4_open(self._key, sealed, _aad(self._head, self._number, last))
        self._number += 1
        self._ended = last == _LAST
        if self._ended and self._source.read(1):
            raise sm.Tampered("something follows the last chunk")


def _head(line: bytes) -> tuple[str, bytes]:
    try:
        head = canon.decode(line.removesuffix(b"\n"))
        if not line.endswith(b"\n") or not isinstance(head, dict) or head.keys() != {"recipient", "wrapped"}:
            raise sm.Tampered("no head")
        return str(head["recipient"]), bytes.fromhex(str(head["wrapped"]))
    except ValueError:
        raise sm.Tampered("no head") from None


def _aad(head: bytes, number: int, last: bytes) -> bytes:
    return head + number.to_bytes(8) + last
