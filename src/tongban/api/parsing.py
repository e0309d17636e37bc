"""JSON as it comes in: nothing wide or deep without end gets as far as the schemas."""

import json
from typing import Any, Final

from django.http import HttpRequest
from ninja.parser import Parser

from tongban.kernel.errors import InvalidInput

MEMBERS: Final = 1000  # of one object
LEVELS: Final = 64
VALUES: Final = 50_000  # of a whole body


class JsonTooLarge(InvalidInput):
    """An object has too many members, lists stand too deep in each other, or there are too many values."""

    code = "json_too_large"


class Bounded(Parser):
    """The parser of the API."""

    def parse_body(self, request: HttpRequest) -> Any:
        """
        Return what the body says.

        Raises:
            JsonTooLarge: it is wider or deeper than anything that is asked for.
        """
        raw = request.body
        # Counted before there are objects, which take many times the bytes: commas in texts are few beside this.
        if raw.count(b",") > VALUES or raw.count(b"[") + raw.count(b"{") > VALUES:
            raise _refusal()
        found = json.loads(raw)
        demand_bounds(found)
        return found


def demand_bounds(value: Any) -> None:
    """
    Let a value pass that keeps to MEMBERS and LEVELS.

    Raises:
        JsonTooLarge: it does not.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                if len(one) > MEMBERS:
                    raise _refusal()
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = [one for one in below if isinstance(one, dict | list)]
        if level and depth >= LEVELS:
            raise _refusal()


def _refusal() -> JsonTooLarge:
    return JsonTooLarge(
        f"未作任何更改：一个对象至多 {MEMBERS} 个字段，嵌套至多 {LEVELS} 层，总数至多 {VALUES} 项。请分次提交。"
    )
