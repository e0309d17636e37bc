"""The effects of an act while they are put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tongban.kernel.journal.fold import State
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.procedures.circumstances import Circumstances, Terms
from tongban.procedures.rule import Rule
from tongban.procedures.tables import Table


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and by whom the effects arise: the official day, the calendar, the event's place, who acts as it says."""

    day: date
    calendar: WorkingCalendar
    role: str
    term: int
    node: str
    seq: int
    actor: Mapping[str, Any] = field(default_factory=dict)

    @property
    def staff(self) -> str:
        """The pseudonym of the member of staff who acts."""
        return str(self.actor.get("staff", ""))


@dataclass(slots=True)
class Work:
    """The effects while they are put together."""

    state: State
    rule: Rule
    given: Mapping[str, Any]
    terms: Terms
    table: Table
    moment: Moment
    effects: dict[str, Any]

    @property
    def own_facts(self) -> Mapping[str, Any]:
        """What this side had said before."""
        return self.state.facts.get(self.moment.role, {})

    def basis(self, written: str) -> str:
        """Return the basis that counts under the papers."""
        return self.terms.basis(written, self.table.otherwise)

    def circumstances(self) -> Circumstances:
        """Return what a condition of a duty may look at: what the act records included."""
        m = self.moment
        return Circumstances(
            self.state,
            self.given,
            self.terms,
            m.day,
            m.role,
            m.term,
            self.table,
            m.actor,
            self.effects.get("facts"),
        )

    def merge(self, more: Mapping[str, Any]) -> None:
        """Put more effects to those that are there."""
        for name, value in more.items():
            if isinstance(value, list):
                self.effects.setdefault(name, []).extend(value)
            elif isinstance(value, dict):
                self.effects.setdefault(name, {}).update(value)
            else:
                self.effects[name] = value

    def binding(self, role: str) -> Mapping[str, Any]:
        """Return the binding of a role, as it is after the act."""
        for binding in self.effects.get("bind", ()):
            if binding["role"] == role:
                return dict(binding)
        return self.state.roles[role]

    def holder(self, holder: str) -> dict[str, str]:
        """Return who of this side holds a duty: its organisation, its centre or the applicant."""
        binding = self.binding(self.moment.role)
        return {"org": "" if holder == "applicant" else binding[holder], "node": self.moment.node}
