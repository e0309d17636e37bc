"""How complaints are practised on this node: who looks into one, and what they are called."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.complaints import commands
from tongban.complaints.words import Role
from tongban.kernel.journal.fold import State
from tongban.procedures import listing
from tongban.procedures.models import Matter
from tongban.procedures.practice import Practice


class ComplaintPractice(Practice):
    """The practice of complaints."""

    def open(self, values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
        """Take in a complaint."""
        return commands.open_complaint(values, by, at)

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return who is bound by an acceptance."""
        return commands.bound_to(state, Role.HANDLING, Role.RECEIVING) if act.startswith("accept_") else {}

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return what an acceptance would carry."""
        return commands.bound_to(state, Role.HANDLING, Role.RECEIVING) if act.startswith("accept_") else {}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return the names of organisations complained of."""
        return {uscc: f"投诉：{name}" for uscc, name in listing.known_names(labels).items()}
