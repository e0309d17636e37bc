"""Loading the list of divisions; the list itself is `data/divisions.csv`."""

import csv
from datetime import date
from importlib import resources

from tongban.accounts.places.models import Division
from tongban.kernel import db


def load_divisions() -> int:
    """
    Bring the divisions of the shipped list into the database; return how many rows are new or changed.

    Can be repeated: a code that the list names again with another name ends on paper and begins anew only
    where the list says so, never by guess.
    """
    old = {row.code: row for row in Division.objects.filter(valid_from__isnull=True)}
    new, changed = [], []
    for row in _shipped():
        known = old.get(row.code)
        if known is None:
            new.append(row)
        elif _facts(known) != _facts(row):
            row.pk = known.pk
            changed.append(row)
    with db.write():
        Division.objects.bulk_create(new, batch_size=500)
        Division.objects.bulk_update(
            changed, ["name", "level", "parent_code", "successor_code", "valid_to"], batch_size=200
        )
    return len(new) + len(changed)


def _facts(row: Division) -> tuple[object, ...]:
    return (row.name, row.level, row.parent_code, row.successor_code, row.valid_to)


def _shipped() -> list[Division]:
    text = resources.files("tongban.accounts").joinpath("data/divisions.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [
        Division(
            code=row["code"],
            name=row["name"],
            level=int(row["level"]),
            parent_code=row["parent_code"],
            successor_code=row["successor_code"],
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in csv.DictReader(lines)
    ]
