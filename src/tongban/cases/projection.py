"""The row of a case as a function of its folded state. Pure; `journal verify` uses the same function."""

from datetime import date
from typing import Any

from tongban.cases.words import Clock, Role
from tongban.kernel.fold import State


def row_of(state: State) -> dict[str, Any]:
    """Return every column of the case row, save the number."""
    intake = state.roles.get(Role.INTAKE, {})
    handling = state.roles.get(Role.HANDLING, {})
    facts = state.facts
    clock = state.clocks.get(Clock.DECISION)
    return {
        "version": state.version,
        "phase": state.phase,
        "pen": state.pen,
        "mode": facts.get("mode", ""),
        "item": facts.get("item", ""),
        "offering": (handling or intake).get("offering", {}).get("code", ""),
        "applicant": facts.get("applicant", ""),
        "outcome": facts.get("outcome", ""),
        "intake_node": intake.get("node", ""),
        "intake_org": intake.get("org", ""),
        "intake_centre": intake.get("centre", ""),
        "handling_node": handling.get("node", ""),
        "handling_org": handling.get("org", ""),
        "handling_centre": handling.get("centre", ""),
        "filed_on": _day(facts.get("filed_on")),
        "received_on": _day(facts.get("received_on")),
        "accepted_on": _day(facts.get("accepted_on")),
        "decide_by": _day(clock["due"]) if clock else None,
        "concluded_on": _day(facts.get("concluded_on")),
        "parked": facts.get("parked.intake") or facts.get("parked.handling") or "",
        "state": state.to_dict(),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
