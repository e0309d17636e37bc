"""Changing one setting of a `config.toml`, and nothing else of what its operator wrote."""

import json
import re
import tomllib
from typing import Any

from tongban.configuration.config import CONFIG_NAME, ConfigError


def put(text: str, table: str, name: str, value: str) -> str:
    """
    Return the text of a configuration in which `table.name` is `value`; comments and all else stay.

    Raises:
        ConfigError: the table is written in another way than `init` and the manual write it.
    """
    wanted: dict[str, Any] = tomllib.loads(text)
    wanted.setdefault(table, {})[name] = value
    head, own, rest = _parts(text, table)
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
    pattern = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=.*\n?", re.MULTILINE)
    changed = pattern.sub(lambda _: line, own, count=1) if pattern.search(own) else line + own
    found = head + changed + rest
    try:
        understood = tomllib.loads(found) == wanted
    except tomllib.TOMLDecodeError:
        understood = False
    if not understood:
        raise ConfigError(
            f"{CONFIG_NAME} 的 {table}.{name} 不能改写。请写成 [{table}] 一节中单独的一行，写法见 docs/configuration.md。"
        )
    return found


def _parts(text: str, table: str) -> tuple[str, str, str]:
    """Return what comes before the lines of a table, these, and what follows them."""
    text = text if text.endswith("\n") else f"{text}\n"
    begin = re.search(rf"^[ \t]*\[{re.escape(table)}\][ \t]*(#.*)?\n", text, re.MULTILINE)
    if begin is None:
        return f"{text}\n[{table}]\n", "", ""
    end = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, begin.end())
    at = end.start() if end else len(text)
    return text[: begin.end()], text[begin.end() : at], text[at:]
