"""
Drawing a form from its JSON Schema, and reading back what was typed. Decides nothing: `catalogue.forms` judges.

A control is named by its path: `agent-idno`, in the third row of a repeating group `members-2-name`; its id has
`f-` before it. Rows come and go by submit buttons named `add` and `remove`, so no script is needed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tongban.catalogue.forms import Fault, title_of
from tongban.web.english import marked
from tongban.web.typed import whole

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]

MOST_ROWS: Final = 200
FEW_CHOICES: Final = 6  # more than these are a list to pull down
LONG: Final = re.compile(r"-?\d{1,15}")
# How a kind is drawn; whatever is not here is one line of text.
TEMPLATES: Final = {
    "choices": "choices", "promise": "promise", "block": "block", "rows": "rows", "longtext": "longtext",
}  # fmt: skip
INPUT_MODES: Final = {"mobile": "tel", "integer": "numeric"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose."""

    id: str
    code: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a repeating group."""

    id: str
    name: str
    number: int
    controls: list["Control"]


@dataclass(frozen=True, slots=True)
class Control:
    """One field as its template needs it."""

    id: str
    name: str
    title: str
    kind: str
    template: str
    value: str = ""
    help: str = ""
    when: str = ""
    depends: str = ""  # the name of the control whose answer shows this one
    answers: str = ""  # the codes that do, with spaces between
    optional: bool = False
    fault: str = ""
    unit: str = ""
    autocomplete: str = ""
    type: str = "text"
    inputmode: str = ""
    row_title: str = ""
    row: int = 0  # the number of the row it stands in
    may_add: bool = False
    choices: list[Choice] = field(default_factory=list)
    controls: list["Control"] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def described_by(self) -> str:
        """Return the ids of hint and error, for aria-describedby."""
        hints = [f"{self.id}-hint"] if self.help or self.unit else []
        return " ".join(hints + ([f"{self.id}-err"] if self.fault else []))


def kind_of(schema: Schema) -> str:
    """Return what sort of field this is; guides of other makers may only have the types."""
    said = schema.get("x-ui", {}).get("kind")
    if said:
        return str(said)
    if schema.get("const") is True:
        return "promise"
    if schema.get("type") == "array":
        return "rows" if schema.get("items", {}).get("type") == "object" else "choices"
    kinds = {"object": "block", "integer": "integer"}
    return "choice" if "oneOf" in schema else kinds.get(schema.get("type", ""), "text")


def field_id(path: Path) -> str:
    """Return the id of the control at `path`."""
    return f"f-{_name(path)}"


def typed(schema: Schema, data: QueryDict, names: Iterable[str]) -> dict[str, Any]:
    """
    Return what was typed into the fields `names`, without judging it.

    Blank rows are dropped, so that rows are numbered as the judge numbers them; the buttons `add` and `remove`
    have their effect.
    """
    return _typed_object(schema, data, (), names)


def completed(schema: Schema, instance: dict[str, Any]) -> dict[str, Any]:
    """Return a form with numbers that begin as another field (`x-ui.starts`) written out, where only their end was typed."""
    found = dict(instance)
    for name, asked in schema.get("properties", {}).items():
        start, end = instance.get(asked.get("x-ui", {}).get("starts", "")), instance.get(name)
        if not isinstance(start, str) or not isinstance(end, str):
            continue
        start, end = "".join(start.split()).upper(), end.strip()
        if end and not end.startswith(start) and len(start) + len(end) <= asked.get("maxLength", 0):
            found[name] = start + end
    return found


def draw(
    schema: Schema, instance: Mapping[str, Any], names: Iterable[str], faults: Sequence[Fault] = ()
) -> list[Control]:
    """Return the controls of the fields `names`, filled in with `instance`, each with its first fault."""
    said: dict[Path, str] = {}
    for fault in faults:
        # Under its label a fault need not name the field again; the summary on top does.
        sentence = fault.message.removeprefix(f"{title_of(dict(schema), fault.path)}：")
        said.setdefault(drawn_path(schema, fault.path), sentence)
    return _controls(schema, instance, (), names, said)


def summary(schema: Schema, faults: Iterable[Fault]) -> list[tuple[str, str]]:
    """Return (field id, sentence) for the error summary."""
    return [(field_id(drawn_path(schema, fault.path)), fault.message) for fault in faults]


def last_row(instance: Mapping[str, Any], name: str) -> str:
    """Return the id of the last row of the repeating group `name`; that of the group where there is none."""
    rows: Any = instance
    for step in name.split("-"):
        if isinstance(rows, list):
            at = whole(step)
            rows = rows[at] if at is not None and at < len(rows) else None
        else:
            rows = rows.get(step) if isinstance(rows, Mapping) else None
    return f"f-{name}-{len(rows) - 1}" if isinstance(rows, list) and rows else f"f-{name}"


def drawn_path(schema: Schema, path: Path) -> Path:
    """Return the path of the control that shows a fault at `path`: boxes to tick are one control together."""
    node: Any = schema
    for depth, step in enumerate(path):
        if isinstance(step, int) and kind_of(node) != "rows":
            return path[:depth]
        node = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step, {})
    return path


def _name(path: Path) -> str:
    return "-".join(map(str, path))


def _typed_object(schema: Schema, data: QueryDict, path: Path, names: Iterable[str]) -> dict[str, Any]:
    fields = schema.get("properties", {})
    values = {name: _typed(fields[name], data, (*path, name)) for name in names if name in fields}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _typed(schema: Schema, data: QueryDict, path: Path) -> Any:
    name, kind = _name(path), kind_of(schema)
    if kind == "block":
        return _typed_object(schema, data, path, schema["x-order"])
    if kind == "rows":
        return _typed_rows(schema, data, path, name)
    if kind == "choices":
        return data.getlist(name)
    if kind == "promise":
        return True if name in data else None
    text = data.get(name, "")
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if kind == "integer" and LONG.fullmatch(plain) else text


def _typed_rows(schema: Schema, data: QueryDict, path: Path, name: str) -> list[dict[str, Any]]:
    count = data.get(f"{name}-rows", "")
    shown = min(whole(count, digits=5) or 0, MOST_ROWS)
    kept = [number for number in range(shown) if data.get("remove") != f"{name}-{number}"]
    items = schema["items"]
    rows = [_typed_object(items, data, (*path, number), items["x-order"]) for number in kept]
    rows = [row for row in rows if row]
    return [*rows, {}] if data.get("add") == name else rows


def _controls(
    schema: Schema, instance: Any, path: Path, names: Iterable[str], said: Mapping[Path, str]
) -> list[Control]:
    values = instance if isinstance(instance, Mapping) else {}
    fields = schema.get("properties", {})
    return [
        _control(schema, name, fields[name], values.get(name), (*path, name), said)
        for name in names
        if name in fields
    ]


def _control(
    owner: Schema, name: str, schema: Schema, value: Any, path: Path, said: Mapping[Path, str]
) -> Control:
    kind, ui = kind_of(schema), schema.get("x-ui", {})
    rows, inner, text = _rows(schema, value, path, said) if kind == "rows" else [], [], ""
    if kind == "block":
        inner = _controls(schema, value, path, schema["x-order"], said)
    elif isinstance(value, str | int) and kind not in ("promise", "rows"):
        text = str(value)
    choices = _choices(schema, value, field_id(path), kind)
    template = TEMPLATES.get(kind, "input")
    if kind == "choice":
        template = "choice" if len(choices) <= FEW_CHOICES else "select"
    return Control(
        id=field_id(path), name=_name(path), title=schema.get("title", name), kind=kind, template=template,
        value="1" if kind == "promise" and value is True else text, help=schema.get("description", ""),
        when=_condition(owner, ui.get("when", {})), **_depends(ui.get("when", {}), path),
        optional=not _asked(owner, name), fault=said.get(path, ""),
        unit=ui.get("unit", ""), autocomplete=ui.get("autocomplete", ""), type=_input_type(kind, text),
        inputmode=INPUT_MODES.get(kind, ""),
        row=_row_of(path), row_title=ui.get("row", _("项")), may_add=len(rows) < schema.get("maxItems", MOST_ROWS),
        choices=choices, controls=inner, rows=rows,
    )  # fmt: skip


def _row_of(path: Path) -> int:
    """Return the number of the innermost row on the way to a control; 0 outside of rows."""
    return next((step + 1 for step in reversed(path) if isinstance(step, int)), 0)


def _rows(schema: Schema, value: Any, path: Path, said: Mapping[Path, str]) -> list[Row]:
    # The first row is open from the start.
    held, items = value if isinstance(value, list) and value else [{}], schema["items"]
    return [
        Row(
            field_id((*path, number)), _name((*path, number)), number + 1,
            _controls(items, row, (*path, number), items["x-order"], said),
        )
        for number, row in enumerate(held)
    ]  # fmt: skip


def _choices(schema: Schema, value: Any, own_id: str, kind: str) -> list[Choice]:
    chosen = value if isinstance(value, list) else [value]
    offered = (schema.get("items", {}) if kind == "choices" else schema).get("oneOf", ())
    return [
        # The first carries the field's own id, so that the error summary leads to it.
        Choice(f"{own_id}-{n}" if n else own_id, one["const"], one.get("title", one["const"]), one["const"] in chosen)
        for n, one in enumerate(offered)
    ]  # fmt: skip


def _condition(owner: Schema, when: Mapping[str, Sequence[str]]) -> str:
    for other, values in when.items():
        asked = owner["properties"][other]
        words = {c.code: c.title for c in _choices(asked, None, "", kind_of(asked))}
        chosen = _("”或“").join(words.get(value, value) for value in values)
        sentence = _("如“%(field)s”选择“%(choice)s”，请填写")
        pattern = sentence.replace("%(field)s", "{0}").replace("%(choice)s", "{1}")
        return format_html(pattern, marked(asked.get("title", other)), marked(chosen))
    return ""


def _depends(when: Mapping[str, Sequence[str]], path: Path) -> dict[str, str]:
    """Return the same for a script: which control shows this one, and by which answers."""
    return next(
        (
            {"depends": _name((*path[:-1], other)), "answers": " ".join(values)}
            for other, values in when.items()
        ),
        {},
    )


def _asked(owner: Schema, name: str) -> bool:
    clauses = (clause.get("then", {}).get("required", ()) for clause in owner.get("allOf", ()))
    return name in owner.get("required", ()) or any(name in required for required in clauses)


def _input_type(kind: str, text: str) -> str:
    if kind == "mobile":
        return "tel"
    if kind != "date":
        return "text"
    try:
        date.fromisoformat(text or "2000-01-01")
    except ValueError:
        return "text"  # a date field would swallow what was typed
    return "date"
