"""
What an act does: from a row of the rule table to the effects its event records. Pure.

Everything here is a function of the state, what the act carries, the pinned terms and the calendar; the
receiver of an event computes the same and compares (docs/protocol.md §5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.cases.bases import basis_of
from tongban.cases.deadlines import deadline_of, recorded
from tongban.cases.duties import DUTIES, Limit
from tongban.cases.guards import Terms
from tongban.cases.lifecycle import Rule
from tongban.cases.words import Act, Clock, Duty, Holder, Phase, Role
from tongban.kernel.calendar import WorkingCalendar
from tongban.kernel.fold import State

MAX_HOPS = 2  # after so many redirects the case goes to the intake's service centre
EXTENSION = Limit(10)  # 行政许可法 第四十二条: 经本机关负责人批准，可以延长十日
DECISION = Limit(20)  # 行政许可法 第四十二条, where guide and agreement are silent


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where the effects arise: the official day, the calendar, and the event's place."""

    day: date
    calendar: WorkingCalendar
    role: Role
    term: int
    node: str
    seq: int


@dataclass(slots=True)
class _Work:
    """The effects while they are put together."""

    state: State
    act: Act
    rule: Rule
    given: Mapping[str, Any]
    terms: Terms
    moment: Moment
    effects: dict[str, Any]

    @property
    def phase(self) -> Phase:
        """The phase after the act."""
        return self.rule.end if self.rule.end is not None else Phase(self.state.phase)


def effects_of(
    state: State, act: Act, rule: Rule, given: Mapping[str, Any], terms: Terms, moment: Moment
) -> dict[str, Any]:
    """Return the effects of `act`, as its event records them."""
    work = _Work(state, act, rule, given, terms, moment, {})
    if rule.end is not None:
        work.effects["phase"] = [state.phase, str(rule.end)]
    if rule.passes_pen:
        work.effects["pen"] = str(moment.role.other)
    if act in _FACTS:
        _merge(work.effects, _FACTS[act](work))
    _clocks(work)
    closed = closed_by(state, rule, moment.role)
    if closed:
        _merge(work.effects, {"close": closed})
    _open(work)
    return work.effects


def closed_by(state: State, rule: Rule, role: Role) -> list[str]:
    """
    Return the open duties that a row closes, by name.

    In order of names: that of arrival differs between nodes. What either role does about its own side leaves
    the other's duty of the same kind open.
    """
    return sorted(
        name
        for name, duty in state.duties.items()
        if duty["kind"] in rule.closes and (rule.role is not None or name.startswith(role[0]))
    )


def _merge(effects: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, list):
            effects.setdefault(name, []).extend(value)
        elif isinstance(value, dict):
            effects.setdefault(name, {}).update(value)
        else:
            effects[name] = value


# — facts and bindings, one function for each act that leaves some —


def _file(w: _Work) -> dict[str, Any]:
    given = w.given
    facts = {name: given[name] for name in ("mode", "item", "applicant", "assurance", "target")}
    binding = {**given["bind"], "role": str(Role.INTAKE), "term": 1, "node": w.moment.node}
    return {"pen": str(Role.INTAKE), "facts": {**facts, "filed_on": f"{w.moment.day}"}, "bind": [binding]}


def _receive(w: _Work) -> dict[str, Any]:
    binding = {**w.state.roles[Role.INTAKE], **w.given["pins"], "role": str(Role.INTAKE)}
    return {"facts": {"received_on": f"{w.moment.day}"}, "bind": [binding]}


def _forward(w: _Work) -> dict[str, Any]:
    return {
        "bind": [{**w.given["bind"], "role": str(Role.HANDLING)}],
        "facts": {"forwarded_on": f"{w.moment.day}"},
    }


def _redirect(w: _Work) -> dict[str, Any]:
    return {"facts": {"hops": w.state.facts.get("hops", 0) + 1}}


def _review(w: _Work) -> dict[str, Any]:
    return {"facts": {"reviewed": [*w.state.facts.get("reviewed", []), w.given["step"]]}}


def _arrive(w: _Work) -> dict[str, Any]:
    """What was sent here is here: its delivery ends, and the duty it brings opens, if it still means anything."""
    effects: dict[str, Any] = {"close": list(w.given["duties"])}
    opened = []
    for name in w.given["duties"]:
        then = w.state.duties[name]["then"]
        if then is None:
            continue
        kind = Duty(then)
        if not DUTIES[kind].within or w.state.phase in DUTIES[kind].within:
            centre = kind is Duty.FORWARD and w.state.facts.get("hops", 0) >= MAX_HOPS
            opened.append((kind, Holder.CENTRE if centre else Holder.OWN))
    effects["open"] = [_duty(w, index, kind, holder) for index, (kind, holder) in enumerate(opened)]
    return effects


def _look(w: _Work) -> dict[str, Any]:
    return {"look": list(w.given["duties"])}


def _claim(w: _Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], w.given.get("staff", ""))}


def _extend(w: _Work) -> dict[str, Any]:
    limit = w.state.clocks[Clock.DECISION]["limit"]
    longer = {**w.state.clocks[Clock.DECISION], "limit": {**limit, "n": limit["n"] + EXTENSION.n}}
    clock = _due_of_clock(w, longer)
    names = [name for name, duty in w.state.duties.items() if duty["kind"] in (Duty.REVIEW, Duty.DECIDE)]
    due = {name: {"due": clock["due"], "calendar": clock["calendar"]} for name in names}
    return {"facts": {"extended": True}, "clocks": {str(Clock.DECISION): clock}, "due": due}


def _fact(**facts: Any) -> Callable[[_Work], dict[str, Any]]:
    return lambda w: {"facts": facts}


def _given_fact(name: str) -> Callable[[_Work], dict[str, Any]]:
    return lambda w: {"facts": {name: w.given[name]}}


def _day_fact(name: str) -> Callable[[_Work], dict[str, Any]]:
    return lambda w: {"facts": {name: f"{w.moment.day}"}}


_FACTS: dict[Act, Callable[[_Work], dict[str, Any]]] = {
    Act.FILE: _file,
    Act.RECEIVE: _receive,
    Act.CHECK_IDENTITY: lambda w: {"facts": {"identity": w.given["method"]}},
    Act.PASS_ONLINE: _fact(identity="online"),
    Act.GIVE_NOTICE: _day_fact("noticed_on"),
    Act.FORWARD: _forward,
    Act.REDIRECT: _redirect,
    Act.ARRIVE: _arrive,
    Act.ASK_CORRECTION: _fact(corrected=True),
    Act.TELL: _day_fact("told_on"),
    Act.ANSWER: _day_fact("answered_on"),
    Act.ACCEPT: _day_fact("accepted_on"),
    Act.DEEM_ACCEPTED: lambda w: {
        "facts": {"accepted_on": w.state.clocks[Clock.NOTICE]["from"], "deemed_on": f"{w.moment.day}"}
    },
    Act.REFUSE: _fact(outcome="refused"),
    Act.REVIEW: _review,
    Act.SUSPEND: _given_fact("procedure"),
    Act.EXTEND: _extend,
    Act.DECIDE: lambda w: {"facts": {"outcome": w.given["outcome"], "decided_on": f"{w.moment.day}"}},
    Act.CONCLUDE: _day_fact("concluded_on"),
    Act.SEND_RESULT: lambda w: {"facts": {"result_sent_on": f"{w.moment.day}", "result_way": w.given["way"]}},
    Act.HAND_OUT: lambda w: {"facts": {"handed_out_on": f"{w.moment.day}", "hand_out_way": w.given["way"]}},
    Act.CONFIRM_DELIVERY: _day_fact("delivered_on"),
    Act.REQUEST_WITHDRAWAL: _fact(withdrawal="pending"),
    Act.GRANT_WITHDRAWAL: _fact(withdrawal="granted"),
    Act.DENY_WITHDRAWAL: _fact(withdrawal="too_late"),
    Act.WITHDRAW: _fact(withdrawal="granted"),
    Act.LOOK: _look,
    Act.CLAIM: _claim,
    Act.SET_DUE: lambda w: {"due": dict(w.given["due"])},
    Act.SUPERVISE: lambda w: {"close": [w.given["duty"]]},
    Act.PARK: lambda w: {"facts": {f"parked.{w.moment.role}": w.given["reason"]}},
    Act.RELEASE: lambda w: {"facts": {f"parked.{w.moment.role}": ""}},
    Act.ORDER_DESTRUCTION: lambda w: {"facts": {"destruction": w.given["under"]}},
    Act.CONFIRM_DESTRUCTION: lambda w: {"facts": {f"destroyed.{w.moment.role}": f"{w.moment.day}"}},
}


# — clocks —


def _clocks(w: _Work) -> None:
    clocks: dict[str, Any] = {}
    for clock in w.rule.stops:
        if clock in w.state.clocks:
            clocks[str(clock)] = {**w.state.clocks[clock], "state": "stopped", "ended": f"{w.moment.day}"}
    if w.rule.starts is Clock.NOTICE:
        clocks[str(Clock.NOTICE)] = _start(w, w.moment.day, Limit(5), "行政许可法 第三十二条")
    if w.rule.starts is Clock.DECISION:
        # Deemed acceptance takes effect from the day of receipt (of what was supplemented), as does the limit.
        deemed = w.act is Act.DEEM_ACCEPTED
        start = date.fromisoformat(w.state.clocks[Clock.NOTICE]["from"]) if deemed else w.moment.day
        clocks[str(Clock.DECISION)] = _start(w, start, decision_limit(w.terms), "行政许可法 第四十二条")
    running = w.state.clocks.get(Clock.DECISION)
    if w.act is Act.SUSPEND and running:
        pauses = [*running["pauses"], [f"{w.moment.day}", None, _basis(w, w.rule.basis)]]
        clocks[str(Clock.DECISION)] = {**running, "state": "paused", "pauses": pauses, "due": None}
    if w.act is Act.RESUME and running:
        begun = running["pauses"][-1][0]
        pauses = [*running["pauses"][:-1], [begun, f"{w.moment.day}", _basis(w, w.rule.basis)]]
        clocks[str(Clock.DECISION)] = _due_of_clock(w, {**running, "state": "running", "pauses": pauses})
    if clocks:
        _merge(w.effects, {"clocks": clocks})


def _start(w: _Work, start: date, limit: Limit, basis: str) -> dict[str, Any]:
    clock = {
        "state": "running", "from": f"{start}", "limit": limit.to_dict(), "pauses": [], "basis": _basis(w, basis),
    }  # fmt: skip
    return _due_of_clock(w, clock)


def _basis(w: _Work, written: str) -> str:
    return basis_of(written, w.terms.guide)


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
            opened.append(_duty(w, already + len(opened), kind, opens.holder, w.given.get("about")))
    if opened:
        _merge(w.effects, {"open": opened})


def _review_or_decide(w: _Work, kind: Duty | None) -> Duty | None:
    """When the last review step of the guide is done, what is due next is the decision."""
    if kind is not Duty.REVIEW:
        return kind
    done = w.effects.get("facts", {}).get("reviewed", w.state.facts.get("reviewed", []))
    return Duty.DECIDE if len(done) >= len(w.terms.guide["review_steps"]) else Duty.REVIEW


def _news(w: _Work, index: int, then: Duty | None) -> dict[str, Any]:
    """Return the duty to deliver: what it brings opens on the other side when it has arrived."""
    to = w.moment.role.other
    binding = _binding(w, to)
    duty = _duty(w, index, Duty.DELIVER, Holder.OWN)
    return {
        **duty, "to": f"{to}/{binding['term']}", "to_node": binding["node"], "then": str(then) if then else None,
    }  # fmt: skip


def _duty(w: _Work, index: int, kind: Duty, holder: Holder, about: str | None = None) -> dict[str, Any]:
    rule = DUTIES[kind]
    limit, start = _limit_of(w, kind), w.moment.day
    clock = (
        w.effects.get("clocks", {}).get(rule.clock) or w.state.clocks.get(rule.clock) if rule.clock else None
    )
    if clock is not None:
        limit, start = Limit(**clock["limit"]), date.fromisoformat(clock["from"])
        due = {"due": clock["due"], "calendar": clock["calendar"]}
    elif limit is not None:
        due = recorded(w.moment.calendar.due(start, limit.n, limit.unit), w.moment.calendar)  # type: ignore[arg-type]
    else:
        due = {"due": None, "calendar": None}
    return {
        "id": f"{w.moment.role[0]}{w.moment.term}.{w.moment.seq}.{index}", "kind": str(kind),
        "holder": _holder(w, holder), "limit": limit.to_dict() if limit else None, "from": f"{start}", **due,
        "basis": _basis(w, rule.basis), "within": sorted(str(phase) for phase in rule.within), "about": about,
        "to": None, "to_node": None, "then": None,
    }  # fmt: skip


def _limit_of(w: _Work, kind: Duty) -> Limit | None:
    """An agreement may shorten a segment, never lengthen it."""
    rule = DUTIES[kind]
    agreed = w.terms.agreement["limits"].get(rule.segment) if rule.segment else None
    if rule.limit is None or agreed is None:
        return rule.limit
    return Limit(min(agreed, rule.limit.n), rule.limit.unit)


def _holder(w: _Work, holder: Holder) -> dict[str, str]:
    if holder is Holder.APPLICANT:
        return {"org": "", "node": _binding(w, Role.INTAKE)["node"]}
    binding = _binding(w, w.moment.role)
    org = binding["centre"] if holder is Holder.CENTRE else binding["org"]
    return {"org": org, "node": binding["node"]}


def _binding(w: _Work, role: Role) -> Mapping[str, Any]:
    for binding in w.effects.get("bind", ()):
        if binding["role"] == role:
            return dict(binding)
    if role is w.moment.role and w.state.roles[role]["term"] != w.moment.term:
        # A role whose term has ended can still say that something reached it.
        return {**w.state.roles[role], "node": w.moment.node, "term": w.moment.term}
    return w.state.roles[role]
