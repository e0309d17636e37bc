"""An answer as it goes out, where its form was looked at as it was made: to validate it once more would cost more than making it."""

from typing import Any

import orjson
from django.http import HttpResponse


def written(body: Any, status: int = 200) -> HttpResponse:
    """Return what is written out at once, without the framework's own validation and rendering; of nothing, an empty answer."""
    return as_written(text_of(body), status)


def text_of(body: Any) -> str:
    """Return the JSON of an answer; of nothing, none."""
    return "" if body is None else orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS).decode()


def as_written(text: str, status: int) -> HttpResponse:
    """Return the answer whose JSON was written before, to the byte."""
    return HttpResponse(text, status=status, content_type="application/json; charset=utf-8")
