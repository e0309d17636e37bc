"""Pages by key, not by number: what comes in between never makes an entry appear twice or not at all."""

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from ninja import Field

from tongban.kernel.errors import InvalidInput
from tongban.procedures.models import Matter
from tongban.procedures.newest import Newest, Place

Limit = Annotated[int, Field(ge=1, le=100, description="每页条数，至多 100")]
Cursor = Annotated[str | None, Field(max_length=200, description="上一页返回的 next，原样带回")]


class BadCursor(InvalidInput):
    """The cursor is not one that a page of this list returned."""

    code = "bad_cursor"


def encode(*key: Any) -> str:
    """Return the opaque cursor that stands after an entry with this key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """
    Return the key that a cursor stands after; None for the first page.

    Raises:
        BadCursor: it was not made by `encode` from values of these kinds.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        json.dumps(
            key, ensure_ascii=False
        ).encode()  # half a surrogate pair is text to JSON, and to no database
    except (ValueError, binascii.Error):
        key = None
    fits = isinstance(key, list) and len(key) == len(kinds)
    if not fits or not all(type(value) is kind for value, kind in zip(key, kinds, strict=True)):
        raise bad_cursor()
    if any("\0" in value for value in key if isinstance(value, str)):  # nor is this text to a database
        raise bad_cursor()
    return tuple(key)


def bad_cursor() -> BadCursor:
    """Return the refusal of a cursor."""
    return BadCursor("分页标记无效。请从第一页重新开始。")


def cut[T](found: Iterable[T], limit: int) -> tuple[list[T], bool]:
    """Return the entries of one page out of `limit` + 1 that were asked for, and whether more follow."""
    rows = list(found)
    return rows[:limit], len(rows) > limit


def newest_first[M: Matter](found: Newest[M], after: str | None, limit: int) -> tuple[list[M], str | None]:
    """
    Return a page of a list of matters, the newest first, and the cursor of the next page.

    Raises:
        BadCursor: as `decode`, or its day is none.
    """
    key = decode(after, str, str)
    try:
        place = Place(date.fromisoformat(key[0]), key[1]) if key else None
    except ValueError:
        raise bad_cursor() from None
    rows, last = found.page(place, limit)
    return rows, encode(last.day.isoformat(), last.number) if last else None
