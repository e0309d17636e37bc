"""The case's own columns as a function of its folded state."""

from typing import Any

from tongban.cases.terms import GUIDE
from tongban.cases.words import Clock, Role
from tongban.kernel import limits
from tongban.kernel.journal.fold import State
from tongban.procedures.papers_named import one
from tongban.procedures.projection import day, word


def columns_of(state: State) -> dict[str, Any]:
    """Return every column of the case's own row."""
    intake = state.roles.get(Role.INTAKE, {})
    handling = state.roles.get(Role.HANDLING, {})
    said, decided = state.facts.get(Role.INTAKE, {}), state.facts.get(Role.HANDLING, {})
    clock = state.clocks.get(Clock.DECISION)
    bound = handling or intake
    return {
        "mode": word(said.get("mode"), 20),
        "item": word(said.get("item"), 60),
        "offering": one(bound["papers"], GUIDE)["id"] if bound else "",
        "outcome": word(decided.get("outcome"), limits.WORD),
        "intake_node": intake.get("node", ""),
        "intake_org": intake.get("org", ""),
        "intake_centre": intake.get("office", ""),
        "handling_node": handling.get("node", ""),
        "handling_org": handling.get("org", ""),
        "handling_centre": handling.get("office", ""),
        "filed_on": day(said.get("filed_on")),
        "received_on": day(said.get("received_on")),
        "accepted_on": day(decided.get("accepted_on")),
        "decide_by": day(clock["due"]) if clock else None,
        "concluded_on": day(decided.get("concluded_on")),
        "answered_on": day(said.get("answered_on")),
    }
