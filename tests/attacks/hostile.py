"""What is typed where something else was meant: values, forms and headers that broke something somewhere, on the way as bytes."""

import json
import random
from collections.abc import Sequence
from urllib.parse import quote_from_bytes

# In every request somewhere: it must be found in no log, and in no page as the mark-up that it is.
NUMBER = "341723199003070016"
MARKUP = "'\"><s0x>"
SPLIT = "X-Split"

VALUES: tuple[bytes, ...] = (
    b"", NUMBER.encode(), f"{NUMBER}{MARKUP}".encode(), f"{NUMBER}\r\n{SPLIT}: 1".encode(),
    b"\xed\xa0\x80", b"\xff\xfe", b"\x00", b"a\x00b", "²".encode(), "٣".encode(), "１".encode(), "\u202egnp".encode(),
    "e\u0301".encode() * 500, "\ufdd0\uffff\U0010ffff".encode(), b"1e9", b"-1", b"0", b"1", b"2",
    str(2**31).encode(), str(2**63).encode(), str(2**64 + 1).encode(), b"9" * 5000, b"a" * 100_000, "长".encode() * 100_000,
    b"NaN", b"Infinity", b"null", b"[]", b"{}", b'{"a":[' * 500, b"0001-01-01", b"9999-12-31", b"2026-02-30", b"10000-01-01",
    b"../../../etc/passwd", b"//evil.example", b"javascript:alert(1)", b"{{7*7}}${7*7}", b"' OR 1=1 --", b"%s%n%(x)s",
    b"sm3:" + b"0" * 64, b"sm3:" + b"g" * 64, b"WyJcdWQ4MDAiLCJhIiwxXQ", b"window", b"zh-hans", b"save", b"add",
)  # fmt: skip
# In a path a slash or nothing would be another address.
SEGMENTS = tuple(value[:2000] for value in VALUES if value and b"/" not in value)
TYPES = (
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=ü", "text/plain", "",
    "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=nonsense",
    "application/json", "multipart/mixed; boundary=b",
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {}, {}, {}, {"HX-Request": "true", "HX-Request-Type": "partial"},
    {"HX-Request": "true", "HX-Current-URL": f"http://[{NUMBER}"}, {"Accept-Language": f"{NUMBER}-x;q=9," * 50},
    {"Upload-Length": "9" * 40, "Upload-Metadata": "code \xff", "Tus-Resumable": "1.0.0"},
    {"Upload-Length": "10", "Upload-Metadata": "code cGhvdG8=,filename 7aCA", "Tus-Resumable": "1.0.0"},
    {"Upload-Offset": "²", "Tus-Resumable": "1.0.0", "Upload-Checksum": f"sha256 {NUMBER}"},
    {"If-None-Match": NUMBER, "If-Modified-Since": "nonsense", "Range": "bytes=9-1"},
)  # fmt: skip


def segment(rng: random.Random) -> str:
    """Return a part of a path."""
    return quote_from_bytes(rng.choice(SEGMENTS), safe="")


def query(rng: random.Random, names: Sequence[str]) -> str:
    """Return a query string with some of these names, some of them twice or as if of a list."""
    return "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in _fields(rng, names))


def body(rng: random.Random, names: Sequence[str]) -> tuple[str, bytes]:
    """Return the type and bytes of a form with some of these names, now and then of one that is none."""
    way = rng.randrange(10)
    if way < 5:
        return "application/x-www-form-urlencoded", query(rng, names).encode()
    if way < 8:
        whole = _multipart(_fields(rng, names))
        return "multipart/form-data; boundary=b", whole if way < 7 else whole[: rng.randrange(len(whole))]
    if way == 8:
        return "application/json", json.dumps({name: [NUMBER, {}, None, 2**70] for name in names}).encode()
    return rng.choice(TYPES), _multipart(_fields(rng, names))


def _fields(rng: random.Random, names: Sequence[str]) -> list[tuple[str, bytes]]:
    chosen = rng.sample(list(names), min(len(names), rng.randint(1, 8)))
    fields = [(name, rng.choice(VALUES)) for name in chosen]
    again = [(f"{name}{rng.choice(('', '[]', '-0', '-99999999999999999999-x'))}", rng.choice(VALUES)) for name in chosen[:2]]  # fmt: skip
    return [*fields, *again, (NUMBER, NUMBER.encode())]


def _multipart(fields: Sequence[tuple[str, bytes]]) -> bytes:
    part = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    file = f'; filename="{NUMBER}\u202e.png"\r\nContent-Type: image/png'.encode()
    parts = [part % (name.encode(), b"", value) for name, value in fields]
    return b"".join([*parts, part % (b"file", file, b"\x89PNG\r\n\x1a\n\x00")]) + b"--b--\r\n"
