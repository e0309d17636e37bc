"""
What a card or barcode reader types: readers type like keyboards, one line and Enter. Which lines are known is a row.

The page's script reads by the same rows (`as_data`), so that nothing is sent for it; without script the line comes here.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from tongban.accounts import identifiers
from tongban.kernel.errors import InvalidInput


class CardUnreadable(InvalidInput):
    """What a reader typed is none of the lines that are known, or contradicts itself."""

    code = "card_unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """One way in which readers write a card down: the parts in order, and what stands between them."""

    separator: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """One field for a reader: its name on the page, and into which fields of the form the parts go."""

    name: str
    fills: Mapping[str, str]
    sets: Mapping[str, str]  # what having read this very card answers besides


_SHORT: Final = ("name", "idno", "born", "address")
# In the order of the card itself, as its readers' own programs write it.
_WHOLE: Final = (
    "name", "sex", "nation", "born", "address", "idno", "issuer", "from", "until",
)  # fmt: skip
LINES: Final = (
    Line("|", _SHORT), Line("|", _WHOLE), Line(",", _SHORT), Line(";", _SHORT), Line("#", _WHOLE),
    Line("|", ("idno",)),  # a barcode holds the number alone
)  # fmt: skip
LONGEST: Final = 1000
# What a part is called in forms of guides; the first that the form has.
_APPLICANT: Final = {
    "name": ("applicant_name", "legal_name"), "idno": ("applicant_idno", "legal_idno"), "address": ("applicant_address",),
}  # fmt: skip


def readers(schema: Mapping[str, Any]) -> list[Reader]:
    """Return the readers' fields that go with a form: of the applicant, and of who comes for them."""
    fields = schema["properties"]
    fills = {
        part: next(one for one in names if one in fields)
        for part, names in _APPLICANT.items()
        if any(one in fields for one in names)
    }
    own = {"seen-method": "id_card"} if fills.get("idno") == "applicant_idno" else {}
    found = [
        Reader(
            "reader-applicant", fills, {**own, **({"handled_by": "self"} if "handled_by" in fields else {})}
        )
    ]
    if "agent" in fields:
        found.append(
            Reader("reader-agent", {"name": "agent-name", "idno": "agent-idno"}, {"seen-method": "agent"})
        )
    return [one for one in found if one.fills]


def as_data(reader: Reader) -> str:
    """Return rows and fields as the page's script takes them."""
    lines = [[line.separator, line.parts] for line in LINES]
    return json.dumps({"lines": lines, "fills": dict(reader.fills), "sets": dict(reader.sets)})


def read(text: str) -> dict[str, str]:
    """
    Return the parts of a line by name.

    Raises:
        CardUnreadable: no such line is known, or the day of birth is not that of the number.
    """
    for line in LINES:
        parts = [part.strip() for part in text.strip()[:LONGEST].split(line.separator)]
        found = dict(zip(line.parts, parts, strict=False))
        if len(parts) == len(line.parts) and identifiers.is_valid(identifiers.citizen_id, found["idno"]):
            found["idno"] = identifiers.citizen_id(found["idno"])
            _demand_born(found)
            return found
    raise CardUnreadable(
        _("读到的内容不是已知的格式，没有填入。请移开证件再读一次；仍不行的，请手工录入，并检查读卡器设置。")
    )


def filled(data: Mapping[str, str], known: Iterable[Reader]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return what the readers' lines fill in, by name of the control, and (field, sentence) for a line that is not known."""
    answers: dict[str, str] = {}
    faults = []
    for reader in known:
        text = data.get(reader.name, "")
        if not text.strip():
            continue
        try:
            parts = read(text)
        except CardUnreadable as unreadable:
            faults.append((reader.name, str(unreadable)))
            continue
        answers |= {name: parts[part] for part, name in reader.fills.items() if parts.get(part)}
        answers |= reader.sets
    return answers, faults


def _demand_born(found: Mapping[str, str]) -> None:
    digits = re.sub(r"\D", "", found.get("born", ""))
    if len(digits) == 8 and digits != found["idno"][6:14]:
        raise CardUnreadable(
            _("读到的出生日期与证件号码不符，没有填入。请再读一次，并核对证件；不符的证件不能收件。")
        )
