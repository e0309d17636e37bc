"""
The rule tables this program knows, and each as the document whose digest events name (docs/protocol.md §18).

Pure. A table is all that effects depend on: rows, duties, bases, limits. One changed word makes another digest, so two
builds can never mean two tables by one name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tongban.cases import lifecycle
from tongban.cases.bases import OTHERWISE
from tongban.cases.duties import DECISION, DUTIES, EXTENSION, MAX_HOPS, NOTICE, DutyRule
from tongban.cases.guards import CARRIED
from tongban.cases.lifecycle import Opens, Rule
from tongban.cases.words import Mode, Role
from tongban.kernel import digest

FORMAT = "tongban-rules/1"
PROCEDURE = "case"
TOLERANCE = 10  # minutes by which clocks of nodes may differ before a human is asked


@dataclass(frozen=True)
class Table:
    """One version of the rules of a case. Looked up by words as they travel: a key that is not there is unknown here."""

    version: int
    rules: Mapping[Any, Rule]  # by words: known ones compare equal to their text
    duties: Mapping[Any, DutyRule] = field(default_factory=lambda: DUTIES)
    otherwise: Mapping[str, str] = field(default_factory=lambda: OTHERWISE)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The table as it is printed, hashed and carried by dossiers."""
        return {
            "format": FORMAT, "procedure": PROCEDURE, "version": self.version, "founder": str(Role.INTAKE),
            "roles": [str(role) for role in Role], "carries": _words(CARRIED),
            "acts": {str(kind): _row(rule) for kind, rule in self.rules.items()},
            "duties": {str(kind): _duty(rule) for kind, rule in self.duties.items()},
            "otherwise": dict(self.otherwise),
            "limits": {
                "notice": NOTICE.to_dict(), "decision": DECISION.to_dict(), "extension": EXTENSION.to_dict(),
                "hops": MAX_HOPS, "minutes": TOLERANCE,
            },
        }  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """What events name."""
        return digest.tagged(FORMAT, self.document)

    @property
    def name(self) -> dict[str, Any]:
        """The table as an event names it."""
        return {"version": self.version, "digest": self.digest}


def known(tables: Iterable[Table]) -> dict[str, Table]:
    """Return tables by their digests."""
    return {table.digest: table for table in tables}


def speaks() -> dict[str, list[dict[str, Any]]]:
    """Return what this node can say to others: the versions of each procedure it knows."""
    return {PROCEDURE: [table.name for table in KNOWN.values()]}


def _words(words: Iterable[str]) -> list[str]:
    return sorted(str(word) for word in words)


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "role": None if rule.role is None else str(rule.role), "from": _words(rule.start),
        "to": None if rule.end is None else str(rule.end), "staff": rule.permission is not None,
        "applicant": rule.applicant,
        "system": "any" if rule.permission is None else _words(rule.automatic),
        "modes": _words(rule.modes & frozenset(Mode)), "power": None if rule.power is None else str(rule.power),
        "basis": rule.basis, "closes": [str(duty) for duty in rule.closes],
        "opens": [_opens(rule, one) for one in rule.opens],
        "pen": str(rule.role.other) if rule.passes_pen and rule.role else None,
        "starts": None if rule.starts is None else str(rule.starts), "stops": [str(clock) for clock in rule.stops],
        "needs": [guard.__name__ for guard in rule.needs], "given": list(rule.given), "allows": list(rule.allows),
        "content": list(rule.content), "brings": rule.brings,
        "facts": {name: source if isinstance(source, str) else dict(source) for name, source in rule.facts.items()},
        "does": rule.does, "annotates": rule.annotates,
    }  # fmt: skip


def _opens(rule: Rule, one: Opens) -> dict[str, Any]:
    to = str(rule.role.other) if one.news and rule.role else None
    return {"duty": None if one.duty is None else str(one.duty), "holder": str(one.holder), "to": to}


def _duty(rule: DutyRule) -> dict[str, Any]:
    return {
        "limit": rule.limit.to_dict() if rule.limit else None, "basis": rule.basis, "within": _words(rule.within),
        "segment": rule.segment, "clock": rule.clock,
    }  # fmt: skip


PRESENT = Table(lifecycle.VERSION, lifecycle.RULES)
KNOWN: Mapping[str, Table] = {PRESENT.digest: PRESENT}
