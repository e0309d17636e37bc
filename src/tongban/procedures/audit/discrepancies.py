"""What an audit finds: a row and a column that do not follow from what was written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.kernel.crypto import canon


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One wrong thing: table, row, column (several with commas where either may be wrong), and what is wrong."""

    table: str
    key: str
    column: str
    problem: str

    def __str__(self) -> str:
        return f"{self.table} {self.key} 的 {self.column}：{self.problem}"


@dataclass(slots=True)
class Report:
    """All findings, how many rows of each table were checked, and how many peers that were to be asked did not answer."""

    findings: list[Discrepancy] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    unasked: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def count(self, table: str, number: int = 1) -> None:
        """Note that so many more rows of a table were checked."""
        self.checked[table] = self.checked.get(table, 0) + number


def compare(row: Any, key: str, expected: Mapping[str, Any]) -> Iterator[Discrepancy]:
    """Yield each column of a row that is not as expected."""
    for column, value in expected.items():
        if getattr(row, column) != value:
            yield Discrepancy(type(row).__name__, key, column, "与原文或推算结果不符")


def document_of(raw: str) -> dict[str, Any] | None:
    """Return the document in a stored text, or nothing if it is none."""
    try:
        document = canon.decode(raw.encode())
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
