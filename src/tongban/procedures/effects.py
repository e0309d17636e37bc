"""
What an act does: from a row of the rule table to the effects its event records. Pure.

Everything here is a function of the view, what the act carries, the pinned terms, the table and the calendar; the
receiver of an event computes the same and compares (docs/protocol.md §18).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.kernel.calendar import WorkingCalendar
from tongban.kernel.fold import State
from tongban.procedures.circumstances import Circumstances, Terms
from tongban.procedures.deadlines import deadline_of, recorded
from tongban.procedures.rule import DAY, Holder, Limit, Opens, Rule
from tongban.procedures.standard import Owed
from tongban.procedures.tables import Table

HOLDERS = {Holder.OWN: "org", Holder.CENTRE: "office", Holder.APPLICANT: "applicant"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and by whom the effects arise: the official day, the calendar, the event's place, the staff's pseudonym."""

    day: date
    calendar: WorkingCalendar
    role: str
    term: int
    node: str
    seq: int
    staff: str = ""


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
            m.staff,
            self.effects.get("facts"),
        )


def effects_of(
    state: State, rule: Rule, given: Mapping[str, Any], terms: Terms, table: Table, moment: Moment
) -> dict[str, Any]:
    """Return the effects of a row, as its event records them."""
    work = Work(state, rule, given, terms, table, moment, {})
    end = str(rule.becomes(work.circumstances())) if rule.becomes is not None else rule.end
    if end is not None and (rule.end is not None or end != state.phase):
        work.effects["phase"] = [state.phase, str(end)]
    _bindings(work)
    if rule.facts:
        work.effects["facts"] = {name: _said(work, name, source) for name, source in rule.facts.items()}
    if rule.does is not None:
        _merge(work.effects, DOES[rule.does](work))
    _clocks(work)
    closed = closed_by(state, rule, moment.role)
    if closed:
        _merge(work.effects, {"close": closed})
    _open(work)
    return work.effects


def closed_by(state: State, rule: Rule, role: str) -> list[str]:
    """
    Return the open duties of its own side that a row closes, by name.

    In order of names: that of arrival differs between nodes. What the other side owes ends with the phase.
    """
    return sorted(
        name
        for name, duty in state.duties.items()
        if duty["kind"] in rule.closes and name.startswith(f"{role}/")
    )


def _merge(effects: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, list):
            effects.setdefault(name, []).extend(value)
        elif isinstance(value, dict):
            effects.setdefault(name, {}).update(value)
        else:
            effects[name] = value


def _bindings(w: Work) -> None:
    """Who holds the pen after it, and who is bound: whoever founds the matter, and a role that the row binds."""
    if w.rule.pen is not None:
        w.effects["pen"] = str(w.rule.pen)
    if w.rule.founds:
        bind = {name: w.given["bind"][name] for name in ("org", "office", "papers")}
        w.effects["pen"] = str(w.moment.role)
        w.effects["bind"] = [{**bind, "role": str(w.moment.role), "term": 1, "node": w.moment.node}]
    if w.rule.binds is not None:
        bind = {name: w.given["bind"][name] for name in ("term", "node", "org", "office", "papers")}
        w.effects["bind"] = [*w.effects.get("bind", ()), {**bind, "role": str(w.rule.binds)}]


def _said(w: Work, name: str, source: Any) -> Any:
    """Return what an act records under a name, by the source its row states."""
    if source == DAY:
        return f"{w.moment.day}"
    [(how, what)] = source.items()
    match how:
        case "value":
            return what
        case "given":
            return w.given[what]
        case "more":
            return w.own_facts.get(name, 0) + what
        case "append":
            return [*w.own_facts.get(name, []), w.given[what]]
        case "clock":
            return w.state.clocks[what]["from"]
    raise ValueError(how)


# — what the standard rows do besides, by the name they state —


def _arrive(w: Work) -> dict[str, Any]:
    """What was sent here is here: its delivery ends, and the duty it brings opens as its sender wrote it, if it still means anything."""
    brought = [w.state.duties[name]["then"] for name in w.given["duties"]]
    alive = [then for then in brought if then and (not then["within"] or w.state.phase in then["within"])]
    opened = [_brought(w, index, then) for index, then in enumerate(alive)]
    return {"close": list(w.given["duties"]), **({"open": opened} if opened else {})}


def _brought(w: Work, index: int, then: Mapping[str, Any]) -> dict[str, Any]:
    limit = Limit(**then["limit"]) if then["limit"] else None
    return _written(w, index, then["kind"], _holder(w, then["holder"]), limit, then["basis"], then["within"])


def _look(w: Work) -> dict[str, Any]:
    return {"look": dict.fromkeys(w.given["duties"], w.moment.staff)}


def _claim(w: Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], w.given.get("staff", ""))}


def _due(w: Work) -> dict[str, Any]:
    return {"due": dict(w.given["due"])}


def _withhold(w: Work) -> dict[str, Any]:
    return {"withhold": dict(w.given["withhold"]) if w.given["withhold"] else None}


def _release(w: Work) -> dict[str, Any]:
    return {"release": dict(w.given["release"]) if w.given["release"] else None}


def _succeed(w: Work) -> dict[str, Any]:
    return {"succeed": dict(w.given["succeed"])}


def _redact(w: Work) -> dict[str, Any]:
    return {"redact": dict.fromkeys(w.given["events"], w.given["under"])}


DOES: Mapping[str, Callable[[Work], dict[str, Any]]] = {
    "arrive": _arrive, "look": _look, "claim": _claim, "due": _due, "supervise": lambda w: {"close": [w.given["duty"]]},
    "park": _withhold, "release": _release, "settle": _release, "redact": _redact, "succeed": _succeed,
}  # fmt: skip


# — clocks —


def _clocks(w: Work) -> None:
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
        _merge(w.effects, {"clocks": clocks})


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
        _merge(w.effects, {"due": due})
    return clock


def _due_of_clock(w: Work, clock: dict[str, Any]) -> dict[str, Any]:
    return {**clock, **recorded(deadline_of(clock, w.moment.calendar), w.moment.calendar)}


def clock_limit(table: Table, name: str, terms: Terms) -> Limit:
    """Return how long a clock runs: as the papers promise where it is guided, else as its row says; papers may shorten it."""
    rule = table.clocks[name]
    limit = (terms.promised(name) if rule.guided else None) or rule.limit
    agreed = terms.agreed(rule.segment) if rule.segment else None
    return Limit(min(limit.n, agreed), limit.unit) if agreed and limit.unit == rule.limit.unit else limit


# — duties —


def _open(w: Work) -> None:
    already = len(w.effects.get("open", ()))
    opened: list[dict[str, Any]] = []
    for opens in w.rule.opens:
        if opens.when is not None and not opens.when(w.circumstances()):
            continue
        if opens.to and opens.to not in w.state.roles and "bind" not in w.effects:
            continue  # there is nobody yet whom it would concern
        if opens.to:
            opened.append(_news(w, already + len(opened), opens))
        elif opens.duty is not None:
            opened.append(_owed(w, already + len(opened), opens.duty, opens.holder))
    if opened:
        _merge(w.effects, {"open": opened})


def _news(w: Work, index: int, opens: Opens) -> dict[str, Any]:
    """Return the duty to deliver: what it brings opens on the other side, as written here, when it has arrived."""
    binding, rule = _binding(w, opens.to), w.table.duties[Owed.DELIVER]
    limit = limit_of(w.table, Owed.DELIVER, w.terms)
    duty = _written(w, index, Owed.DELIVER, _holder(w, "org"), limit, w.basis(rule.basis), rule.within)
    return {
        **duty, "to": f"{opens.to}/{binding['term']}", "to_node": binding["node"],
        "then": _then(w, opens.duty, opens.holder) if opens.duty else None,
    }  # fmt: skip


def _then(w: Work, kind: str, holder: Holder) -> dict[str, Any]:
    rule, limit = w.table.duties[kind], limit_of(w.table, kind, w.terms)
    return {
        "kind": str(kind), "holder": HOLDERS[holder], "limit": limit.to_dict() if limit else None,
        "basis": w.basis(rule.basis), "within": sorted(str(phase) for phase in rule.within),
    }  # fmt: skip


def _owed(w: Work, index: int, kind: str, holder: Holder) -> dict[str, Any]:
    rule = w.table.duties[kind]
    if holder is Holder.WATCH:
        late = w.state.duties[w.given["about"]]["kind"]
        holder = w.table.escalates(late) or Holder.CENTRE
    limit = limit_of(w.table, kind, w.terms)
    duty = _written(w, index, kind, _holder(w, HOLDERS[holder]), limit, w.basis(rule.basis), rule.within)
    duty["about"] = w.given.get("about")
    clock = (
        w.effects.get("clocks", {}).get(rule.clock) or w.state.clocks.get(rule.clock) if rule.clock else None
    )
    if clock is None:
        return duty
    return {**duty, **{name: clock[name] for name in ("limit", "from", "due", "calendar")}}


def _written(
    w: Work, index: int, kind: str, holder: Mapping[str, str], limit: Limit | None, basis: str, within: Any
) -> dict[str, Any]:
    """Return a duty as events record it, due by its own limit from today."""
    due: dict[str, Any] = {"due": None, "calendar": None}
    if limit is not None:
        due = recorded(w.moment.calendar.due(w.moment.day, limit.n, limit.unit), w.moment.calendar)  # type: ignore[arg-type]
    return {
        "id": f"{w.moment.role}/{w.moment.term}.{w.moment.seq}.{index}", "kind": str(kind), "holder": dict(holder),
        "limit": limit.to_dict() if limit else None, "from": f"{w.moment.day}", **due, "basis": basis,
        "within": sorted(str(phase) for phase in within), "about": None, "to": None, "to_node": None, "then": None,
    }  # fmt: skip


def limit_of(table: Table, kind: str, terms: Terms) -> Limit | None:
    """Return the limit of a duty: papers may shorten a segment, never lengthen it."""
    rule = table.duties[kind]
    agreed = terms.agreed(rule.segment) if rule.segment else None
    if rule.limit is None or agreed is None:
        return rule.limit
    return Limit(min(agreed, rule.limit.n), rule.limit.unit)


def _holder(w: Work, holder: str) -> dict[str, str]:
    binding = _binding(w, w.moment.role)
    return {"org": "" if holder == "applicant" else binding[holder], "node": w.moment.node}


def _binding(w: Work, role: str) -> Mapping[str, Any]:
    for binding in w.effects.get("bind", ()):
        if binding["role"] == role:
            return dict(binding)
    return w.state.roles[role]
