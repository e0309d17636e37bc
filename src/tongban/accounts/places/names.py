"""Full names of the divisions of the shipped list, such as 浙江省嘉兴市嘉善县; read from the file, without a database."""

import csv
from functools import cache
from importlib import resources


def is_place(text: str) -> bool:
    """Return whether this is the full name of a province, city, county or district on the list."""
    return text in _full_names()


@cache
def _full_names() -> frozenset[str]:
    text = resources.files("tongban.accounts").joinpath("data/divisions.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    rows = {row["code"]: (row["name"], row["parent_code"]) for row in csv.DictReader(lines)}

    def full(code: str) -> str:
        name, parent = rows[code]
        return (full(parent) if parent in rows else "") + name

    return frozenset(full(code) for code in rows)
