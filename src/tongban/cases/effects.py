"""
What an act does: from a row of the rule table to the effects its event records. Pure.

Everything here is a function of the view, what the act carries, the pinned terms, the table and the calendar; the
receiver of an event computes the same and compares (docs/protocol.md §18).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.cases.bases import basis_of
from tongban.cases.deadlines import deadline_of, recorded
from tongban.cases.duties import DECISION, EXTENSION, MAX_HOPS, NOTICE, Limit
from tongban.cases.guards import Terms
from tongban.cases.lifecycle import DAY, Opens, Rule
from tongban.cases.tables import Table
from tongban.cases.words import Clock, Duty, Holder, Role
from tongban.kernel.calendar import WorkingCalendar
from tongban.kernel.fold import State

HOLDERS = {Holder.OWN: "org", Holder.CENTRE: "office", Holder.APPLICANT: "applicant"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and by whom the effects arise: the official day, the calendar, the event's place, the staff's pseudonym."""

    day: date
    calendar: WorkingCalendar
    role: Role
    term: int
    node: str
    seq: int
    staff: str = ""


@dataclass(slots=True)
class _Work:
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

    def fact(self, role: Role, name: str) -> Any:
        """Return a fact as it is after the act."""
        own = self.effects.get("facts", {}) if role == self.moment.role else {}
        return own[name] if name in own else self.state.fact(role, name)

    def basis(self, written: str) -> str:
        """Return the basis that counts under the guide."""
        return basis_of(written, self.terms.guide, self.table.otherwise)


def effects_of(
    state: State, rule: Rule, given: Mapping[str, Any], terms: Terms, table: Table, moment: Moment
) -> dict[str, Any]:
    """Return the effects of a row, as its event records them."""
    work = _Work(state, rule, given, terms, table, moment, {})
    if rule.end is not None:
        work.effects["phase"] = [state.phase, str(rule.end)]
    if rule.passes_pen:
        work.effects["pen"] = str(moment.role.other)
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


def closed_by(state: State, rule: Rule, role: Role) -> list[str]:
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


def _said(w: _Work, name: str, source: Any) -> Any:
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


# — what else a row does, by the name it states —


def _found(w: _Work) -> dict[str, Any]:
    bind = {name: w.given["bind"][name] for name in ("org", "office", "papers")}
    return {
        "pen": str(w.moment.role),
        "bind": [{**bind, "role": str(w.moment.role), "term": 1, "node": w.moment.node}],
    }


def _bind(w: _Work) -> dict[str, Any]:
    bind = {name: w.given["bind"][name] for name in ("term", "node", "org", "office", "papers")}
    return {"bind": [{**bind, "role": str(Role.HANDLING)}]}


def _arrive(w: _Work) -> dict[str, Any]:
    """What was sent here is here: its delivery ends, and the duty it brings opens as its sender wrote it, if it still means anything."""
    brought = [w.state.duties[name]["then"] for name in w.given["duties"]]
    alive = [then for then in brought if then and (not then["within"] or w.state.phase in then["within"])]
    opened = [_brought(w, index, then) for index, then in enumerate(alive)]
    return {"close": list(w.given["duties"]), **({"open": opened} if opened else {})}


def _brought(w: _Work, index: int, then: Mapping[str, Any]) -> dict[str, Any]:
    limit = Limit(**then["limit"]) if then["limit"] else None
    return _written(w, index, then["kind"], _holder(w, then["holder"]), limit, then["basis"], then["within"])


def _look(w: _Work) -> dict[str, Any]:
    return {"look": dict.fromkeys(w.given["duties"], w.moment.staff)}


def _claim(w: _Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], w.given.get("staff", ""))}


def _due(w: _Work) -> dict[str, Any]:
    return {"due": dict(w.given["due"])}


def _extend(w: _Work) -> dict[str, Any]:
    limit = w.state.clocks[Clock.DECISION]["limit"]
    longer = {**w.state.clocks[Clock.DECISION], "limit": {**limit, "n": limit["n"] + EXTENSION.n}}
    clock = _due_of_clock(w, longer)
    names = [
        name
        for name, duty in w.state.duties.items()
        if duty["kind"] in (Duty.REVIEW, Duty.DECIDE) and name.startswith(f"{w.moment.role}/")
    ]
    due = {name: {"due": clock["due"], "calendar": clock["calendar"]} for name in names}
    return {"clocks": {str(Clock.DECISION): clock}, **({"due": due} if due else {})}


def _pause(w: _Work) -> dict[str, Any]:
    running = w.state.clocks.get(Clock.DECISION)
    if not running:
        return {}
    pauses = [*running["pauses"], [f"{w.moment.day}", None, w.basis(w.rule.basis)]]
    return {"clocks": {str(Clock.DECISION): {**running, "state": "paused", "pauses": pauses, "due": None}}}


def _resume(w: _Work) -> dict[str, Any]:
    running = w.state.clocks.get(Clock.DECISION)
    if not running:
        return {}
    begun = running["pauses"][-1][0]
    pauses = [*running["pauses"][:-1], [begun, f"{w.moment.day}", w.basis(w.rule.basis)]]
    clock = _due_of_clock(w, {**running, "state": "running", "pauses": pauses})
    return {"clocks": {str(Clock.DECISION): clock}}


def _withhold(w: _Work) -> dict[str, Any]:
    return {"withhold": dict(w.given["withhold"]) if w.given["withhold"] else None}


def _release(w: _Work) -> dict[str, Any]:
    return {"release": dict(w.given["release"]) if w.given["release"] else None}


def _succeed(w: _Work) -> dict[str, Any]:
    return {"succeed": dict(w.given["succeed"])}


def _redact(w: _Work) -> dict[str, Any]:
    return {"redact": dict.fromkeys(w.given["events"], w.given["under"])}


DOES: Mapping[str, Callable[[_Work], dict[str, Any]]] = {
    "found": _found, "bind": _bind, "arrive": _arrive, "look": _look, "claim": _claim, "due": _due,
    "extend": _extend, "pause": _pause, "resume": _resume, "supervise": lambda w: {"close": [w.given["duty"]]},
    "park": _withhold, "release": _release, "settle": _release, "redact": _redact,
    "succeed": _succeed,
}  # fmt: skip


# — clocks —


def _clocks(w: _Work) -> None:
    clocks: dict[str, Any] = {}
    for clock in w.rule.stops:
        if clock in w.state.clocks:
            clocks[str(clock)] = {**w.state.clocks[clock], "state": "stopped", "ended": f"{w.moment.day}"}
    if w.rule.starts is Clock.NOTICE:
        clocks[str(Clock.NOTICE)] = _start(w, w.moment.day, NOTICE, "行政许可法 第三十二条")
    if w.rule.starts is Clock.DECISION:
        # Deemed acceptance takes effect from the day of receipt (of what was supplemented), as does the limit.
        deemed = "deemed_on" in w.rule.facts
        start = date.fromisoformat(w.state.clocks[Clock.NOTICE]["from"]) if deemed else w.moment.day
        clocks[str(Clock.DECISION)] = _start(w, start, decision_limit(w.terms), "行政许可法 第四十二条")
    if clocks:
        _merge(w.effects, {"clocks": clocks})


def _start(w: _Work, start: date, limit: Limit, basis: str) -> dict[str, Any]:
    clock = {
        "state": "running", "from": f"{start}", "limit": limit.to_dict(), "pauses": [], "basis": w.basis(basis),
    }  # fmt: skip
    return _due_of_clock(w, clock)


def _due_of_clock(w: _Work, clock: dict[str, Any]) -> dict[str, Any]:
    return {**clock, **recorded(deadline_of(clock, w.moment.calendar), w.moment.calendar)}


def decision_limit(terms: Terms) -> Limit:
    """Return how long the decision may take: as promised, else by statute, else twenty working days."""
    limits = terms.guide["limits"]
    limit: Mapping[str, Any] = limits["promised"] or limits["statutory"] or DECISION.to_dict()
    agreed = terms.agreement["limits"].get("decision")
    n = min(limit["n"], agreed) if agreed and limit["unit"] == DECISION.unit else limit["n"]
    return Limit(n, limit["unit"])


# — duties —


def _open(w: _Work) -> None:
    already = len(w.effects.get("open", ()))
    opened: list[dict[str, Any]] = []
    for opens in w.rule.opens:
        kind = _review_or_decide(w, opens.duty)
        if opens.news and w.moment.role.other not in w.state.roles and "bind" not in w.effects:
            continue  # there is nobody yet whom it would concern
        if opens.news:
            opened.append(_news(w, already + len(opened), kind))
        elif kind is not None:
            opened.append(_owed(w, already + len(opened), kind, opens))
    if opened:
        _merge(w.effects, {"open": opened})


def _review_or_decide(w: _Work, kind: Duty | None) -> Duty | None:
    """When the last review step of the guide is done, what is due next is the decision."""
    if kind is not Duty.REVIEW:
        return kind
    done = w.fact(w.moment.role, "reviewed") or []
    return Duty.DECIDE if len(done) >= len(w.terms.guide["review_steps"]) else Duty.REVIEW


def _news(w: _Work, index: int, then: Duty | None) -> dict[str, Any]:
    """Return the duty to deliver: what it brings opens on the other side, as written here, when it has arrived."""
    to = w.moment.role.other
    binding, rule = _binding(w, to), w.table.duties[Duty.DELIVER]
    limit = _limit_of(w, Duty.DELIVER)
    duty = _written(w, index, Duty.DELIVER, _holder(w, "org"), limit, w.basis(rule.basis), rule.within)
    return {
        **duty, "to": f"{to}/{binding['term']}", "to_node": binding["node"], "then": _then(w, then) if then else None,
    }  # fmt: skip


def _then(w: _Work, kind: Duty) -> dict[str, Any]:
    rule, limit = w.table.duties[kind], _limit_of(w, kind)
    astray = kind is Duty.FORWARD and (w.fact(w.moment.role, "hops") or 0) >= MAX_HOPS
    return {
        "kind": str(kind), "holder": "office" if astray else "org", "limit": limit.to_dict() if limit else None,
        "basis": w.basis(rule.basis), "within": sorted(str(phase) for phase in rule.within),
    }  # fmt: skip


def _owed(w: _Work, index: int, kind: Duty, opens: Opens) -> dict[str, Any]:
    rule, holder = w.table.duties[kind], _holder(w, HOLDERS[opens.holder])
    duty = _written(w, index, kind, holder, _limit_of(w, kind), w.basis(rule.basis), rule.within)
    duty["about"] = w.given.get("about")
    clock = (
        w.effects.get("clocks", {}).get(rule.clock) or w.state.clocks.get(rule.clock) if rule.clock else None
    )
    if clock is None:
        return duty
    return {**duty, **{name: clock[name] for name in ("limit", "from", "due", "calendar")}}


def _written(
    w: _Work, index: int, kind: str, holder: Mapping[str, str], limit: Limit | None, basis: str, within: Any
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


def _limit_of(w: _Work, kind: Duty) -> Limit | None:
    """An agreement may shorten a segment, never lengthen it."""
    rule = w.table.duties[kind]
    agreed = w.terms.agreement["limits"].get(rule.segment) if rule.segment else None
    if rule.limit is None or agreed is None:
        return rule.limit
    return Limit(min(agreed, rule.limit.n), rule.limit.unit)


def _holder(w: _Work, holder: str) -> dict[str, str]:
    binding = _binding(w, w.moment.role)
    return {"org": "" if holder == "applicant" else binding[holder], "node": w.moment.node}


def _binding(w: _Work, role: Role) -> Mapping[str, Any]:
    for binding in w.effects.get("bind", ()):
        if binding["role"] == role:
            return dict(binding)
    return w.state.roles[role]
