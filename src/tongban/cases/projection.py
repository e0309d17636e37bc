"""The row of a case as a function of its folded state; `journal verify` uses the same function."""

from datetime import date
from typing import Any

from tongban.cases.papers_named import GUIDE, one
from tongban.cases.words import Clock, Role
from tongban.kernel import limits, pseudonyms
from tongban.kernel.fold import State


def row_of(state: State) -> dict[str, Any]:
    """Return every column of the case row, save the number."""
    intake = state.roles.get(Role.INTAKE, {})
    handling = state.roles.get(Role.HANDLING, {})
    said, decided = state.facts.get(Role.INTAKE, {}), state.facts.get(Role.HANDLING, {})
    clock = state.clocks.get(Clock.DECISION)
    bound = handling or intake
    return {
        "version": state.version,
        "phase": state.phase,
        "pen": state.pen,
        "mode": _word(said.get("mode"), 20),
        "item": _word(said.get("item"), 60),
        "offering": one(bound["papers"], GUIDE)["id"] if bound else "",
        # Our own people by the node's code of them; whose pseudonym is another node's is nobody here.
        "applicant": pseudonyms.person(state.subject, _word(said.get("applicant"), limits.PSEUDONYM)),
        "outcome": _word(decided.get("outcome"), limits.WORD),
        "intake_node": intake.get("node", ""),
        "intake_org": intake.get("org", ""),
        "intake_centre": intake.get("office", ""),
        "handling_node": handling.get("node", ""),
        "handling_org": handling.get("org", ""),
        "handling_centre": handling.get("office", ""),
        "filed_on": _day(said.get("filed_on")),
        "received_on": _day(said.get("received_on")),
        "accepted_on": _day(decided.get("accepted_on")),
        "decide_by": _day(clock["due"]) if clock else None,
        "concluded_on": _day(decided.get("concluded_on")),
        "parked": _word(said.get("parked") or decided.get("parked"), limits.WORD),
        "state": state.to_dict(),
    }


def _day(value: object) -> date | None:
    """Return the day that a fact names; of what is no day, nothing: a neighbour may say anything, and be let in."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None


def _word(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""
