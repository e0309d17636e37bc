"""What a guard may look at, and what papers may say. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from tongban.kernel.journal.fold import State
from tongban.procedures.rule import Limit

if TYPE_CHECKING:
    from tongban.procedures.tables import Table


class Terms:
    """What the papers say on which a matter rests: here, of a matter without papers; a procedure that has some derives from it."""

    @property
    def powers(self) -> Collection[str]:
        """What the papers let this side do."""
        return ()

    def agreed(self, segment: str) -> int | None:
        """Return the number of days to which the papers shorten a segment, if they do."""
        return None

    def promised(self, clock: str) -> Limit | None:
        """Return how long a guided clock runs by the papers, if they say."""
        return None

    def step_permission(self, given: Mapping[str, Any]) -> str | None:
        """Return whose the step is that an act names."""
        return None

    def keeps(self) -> int | None:
        """Return for how many years content is kept, if the papers say."""
        return None

    def basis(self, written: str, otherwise: Mapping[str, str]) -> str:
        """Return the basis that counts under the papers for one that the table names."""
        return written


NOTHING_SAID = Terms()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    All that a guard may look at.

    `day` is the official day; `role` and `term` are the actor's; `actor` is who acts, as the event says it.
    """

    state: State
    given: Mapping[str, Any]
    terms: Any  # of the procedure's own kind
    day: date
    role: str
    term: int
    table: "Table"
    actor: Mapping[str, Any] = field(default_factory=dict)
    # What the act itself records: known to conditions of what it opens.
    facts: Mapping[str, Any] | None = None

    @property
    def staff(self) -> str:
        """The pseudonym of the member of staff who acts."""
        return str(self.actor.get("staff", ""))

    def fact(self, role: str, name: str, default: Any = None) -> Any:
        """Return what a role has said, this act included where that is asked of what it opens."""
        if self.facts is not None and role == self.role and name in self.facts:
            return self.facts[name]
        return self.state.fact(role, name, default)

    def is_own(self, duty: str) -> bool:
        """Return whether a duty, by name, is of this side."""
        return duty.startswith(f"{self.role}/")
