"""What an act does to the clocks: what it starts, stops, pauses, lets run on and makes longer. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.procedures.circumstances import Terms
from tongban.procedures.deadlines import deadline_of, recorded
from tongban.procedures.effects.work import Work
from tongban.procedures.rule import Limit
from tongban.procedures.tables import Table


def set_clocks(w: Work) -> None:
    """Set the clocks as the row of an act says."""
    rule, clocks = w.rule, {}
    for clock in rule.stops:
        if clock in w.state.clocks:
            clocks[str(clock)] = {**w.state.clocks[clock], "state": "stopped", "ended": f"{w.moment.day}"}
    if rule.starts is not None:
        clocks[str(rule.starts.clock)] = _start(w, rule.starts.clock, rule.starts.since)
    if rule.pauses is not None and rule.pauses in w.state.clocks:
        clocks[str(rule.pauses)] = _paused(w, w.state.clocks[rule.pauses])
    if rule.resumes is not None and rule.resumes in w.state.clocks:
        clocks[str(rule.resumes)] = _resumed(w, w.state.clocks[rule.resumes])
    if rule.extends is not None:
        clocks[str(rule.extends)] = _extended(w, rule.extends)
    if clocks:
        w.merge({"clocks": clocks})


def _start(w: Work, name: str, since: str) -> dict[str, Any]:
    rule = w.table.clocks[name]
    start = date.fromisoformat(w.state.clocks[since]["from"]) if since else w.moment.day
    clock = {
        "state": "running", "from": f"{start}", "limit": clock_limit(w.table, name, w.terms).to_dict(), "pauses": [],
        "basis": w.basis(rule.basis),
    }  # fmt: skip
    return _due_of_clock(w, clock)


def _paused(w: Work, clock: Mapping[str, Any]) -> dict[str, Any]:
    pauses = [*clock["pauses"], [f"{w.moment.day}", None, w.basis(w.rule.basis)]]
    return {**clock, "state": "paused", "pauses": pauses, "due": None}


def _resumed(w: Work, clock: Mapping[str, Any]) -> dict[str, Any]:
    begun = clock["pauses"][-1][0]
    pauses = [*clock["pauses"][:-1], [begun, f"{w.moment.day}", w.basis(w.rule.basis)]]
    return _due_of_clock(w, {**clock, "state": "running", "pauses": pauses})


def _extended(w: Work, name: str) -> dict[str, Any]:
    """A longer clock; the duties of this side that go by it are due with it."""
    running = w.state.clocks[name]
    limit = {**running["limit"], "n": running["limit"]["n"] + w.table.clocks[name].extension}
    clock = _due_of_clock(w, {**running, "limit": limit})
    kinds = {kind for kind, rule in w.table.duties.items() if rule.clock == name}
    due = {
        duty: {"due": clock["due"], "calendar": clock["calendar"]}
        for duty, one in w.state.duties.items()
        if one["kind"] in kinds and duty.startswith(f"{w.moment.role}/")
    }
    if due:
        w.merge({"due": due})
    return clock


def _due_of_clock(w: Work, clock: dict[str, Any]) -> dict[str, Any]:
    return {**clock, **recorded(deadline_of(clock, w.moment.calendar), w.moment.calendar)}


def clock_limit(table: Table, name: str, terms: Terms) -> Limit:
    """Return how long a clock runs: as the papers promise where it is guided, else as its row says; papers may shorten it."""
    rule = table.clocks[name]
    limit = (terms.promised(name) if rule.guided else None) or rule.limit
    agreed = terms.agreed(rule.segment) if rule.segment else None
    return Limit(min(limit.n, agreed), limit.unit) if agreed and limit.unit == rule.limit.unit else limit
