"""A draft as its owner takes it home."""

from functools import partial
from typing import Any

from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import numbers
from tongban.materials import queries as materials
from tongban.materials.models import Draft, Material, Upload
from tongban.rights import answers
from tongban.rights.files import Budget, Held


def document(draft: Draft, budget: Budget) -> tuple[dict[str, Any], list[Held]]:
    """Return what is said of a draft, and its files."""
    form, guide = materials.form_of(draft.number), _guide(draft)
    rows = list(materials.materials_of(draft.number))
    titles = {one["code"]: one["name"] for one in guide["materials"]} if guide else {}
    entries = [_entry(row, titles) for row in rows]
    contents = [
        Held(entry, n, partial(materials.open_material, draft.number, row.digest), budget)
        for n, (entry, row) in enumerate(zip(entries, rows, strict=True), 1)
    ]
    found = {
        "kind": "draft", "number": draft.number, "display": numbers.parse(draft.number).display(),
        "item": guide["name"] if guide else draft.offering, "offering": draft.offering, "made_at": draft.made_at,
        "changed_at": draft.changed_at, "form": form, "answers": answers.of(guide["form"], form) if guide else [],
        "files": entries,
        "uploads": [
            {"code": one.code, "size": one.size, "expires_at": one.expires_at}
            for one in Upload.objects.filter(number=draft.number)
        ],
    }  # fmt: skip
    return found, contents


def _guide(draft: Draft) -> dict[str, Any] | None:
    try:
        return catalogue.current_guide(draft.offering).body
    except DomainError:
        return None  # withdrawn since


def _entry(row: Material, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "title": titles.get(row.code, row.code), "code": row.code, "size": row.size, "at": row.added_at,
        "hints": row.hints,
    }  # fmt: skip
