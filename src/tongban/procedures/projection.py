"""The rows of a matter as a function of its folded state; `journal verify` uses the same function."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.kernel import limits
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal.fold import State
from tongban.procedures import disposal, register

# What parties repeat of their matter, so that the lists of a place are in its order.
LISTED = ("procedure", "opened_on", "live")
_APPLICANT, _LABEL, _NUMBER = 26, 60, 50


def matter_of(state: State) -> dict[str, Any]:
    """Return every column of the matter's row, save the number."""
    procedure = register.find(state.procedure)
    said = state.facts.get(procedure.founder, {}) if procedure else {}
    parked = said.get("parked") or next(
        (facts["parked"] for _, facts in sorted(state.facts.items()) if facts.get("parked")), ""
    )
    live = procedure is None or state.phase not in procedure.terminal
    return {
        "procedure": state.procedure,
        "version": state.version,
        "phase": state.phase,
        "live": live,
        # Nothing once no side keeps content any more: the archive's list costs the same whatever was destroyed.
        "ended_on": None if live or disposal.is_all_gone(state) else disposal.ended_on(state),
        "pen": state.pen,
        # Our own people by the node's code of them; whose pseudonym is another node's is nobody here.
        "applicant": pseudonyms.person(state.subject, word(said.get("applicant"), limits.PSEUDONYM)),
        "label": word(procedure.label(state), _LABEL) if procedure else "",
        "about": word(_first_about(said.get("about")), _NUMBER),
        "opened_on": day(said.get(procedure.opened)) if procedure else None,
        "parked": word(parked, limits.WORD),
        "state": state.to_dict(),
    }


def parties_of(state: State, matter: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the columns of each party's row that the state determines, by role; `matter` are those of the matter's own."""
    listed = {name: matter[name] for name in LISTED}
    return {
        role: {**{name: str(binding.get(name, "")) for name in ("node", "org", "office")}, **listed}
        for role, binding in state.roles.items()
    }


def _first_about(value: object) -> object:
    """Return the number of the first matter that a fact says this one is about; a neighbour may say anything."""
    first = value[0] if isinstance(value, list) and value else None
    return first.get("subject") if isinstance(first, Mapping) else None


def day(value: object) -> date | None:
    """Return the day that a fact names; of what is no day, nothing: a neighbour may say anything, and be let in."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None


def word(value: object, most: int) -> str:
    """Return a fact that is a word, as long as its column is."""
    return value[:most] if isinstance(value, str) else ""
