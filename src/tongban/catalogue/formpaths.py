"""Where a field stands in a form, and what people call it."""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to put right: where, and a sentence for the person who fills in the form."""

    path: Path
    message: str

    @property
    def pointer(self) -> str:
        """Return the place as a JSON pointer (RFC 6901)."""
        return "".join(f"/{step}" for step in self.path)


def title_of(schema: Schema, path: Path) -> str:
    """Return the field's Chinese name, with the row's number inside a repeating group."""
    words, node = [], schema
    for step in path:
        if isinstance(step, int):
            node = node.get("items", {})
            words.append(f"第{step + 1}项")
            continue
        node = node.get("properties", {}).get(step, {})
        words.append(node.get("title", step))
    # In a block the last name is enough; in a row the reader needs to know which.
    rows = [n for n, step in enumerate(path) if isinstance(step, int)]
    return "".join(words[rows[0] - 1 :]) if rows else (words[-1] if words else "表单")


def field_at(schema: Schema, path: Path) -> Schema:
    """Return the part of the schema that describes the field at `path`."""
    node = schema
    for step in path:
        node = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step, {})
    return node


def place_of(schema: Schema, path: Path) -> list[int]:
    """Return a sort key: the order in which the form shows its fields."""
    place, node = [], schema
    for step in path:
        if isinstance(step, int):
            place.append(step)
            node = node.get("items", {})
        else:
            order = node.get("x-order") or list(node.get("properties", {}))
            place.append(order.index(step) if step in order else len(order))
            node = node.get("properties", {}).get(step, {})
    return place
