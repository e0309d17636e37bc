"""
What an act does: from a row of the rule table to the effects its event records. Pure.

Everything here is a function of the view, what the act carries, the pinned terms, the table and the calendar; the
receiver of an event computes the same and compares (docs/protocol.md §18).
"""

from collections.abc import Callable, Mapping
from typing import Any

from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Terms
from tongban.procedures.effects.clocks import set_clocks
from tongban.procedures.effects.duties import open_duties, written
from tongban.procedures.effects.work import Moment, Work
from tongban.procedures.rule import DAY, Limit, Rule
from tongban.procedures.tables import Table


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
        work.merge(DOES[rule.does](work))
    set_clocks(work)
    closed = closed_by(state, rule, moment.role)
    if closed:
        work.merge({"close": closed})
    open_duties(work)
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
    return written(w, index, then["kind"], w.holder(then["holder"]), limit, then["basis"], then["within"])


def _look(w: Work) -> dict[str, Any]:
    return {"look": dict.fromkeys(w.given["duties"], w.moment.staff)}


def _claim(w: Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], w.given["staff"])}


def _hand_over(w: Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], w.given["colleague"])}


def _relieve(w: Work) -> dict[str, Any]:
    return {"claim": dict.fromkeys(w.given["duties"], "")}


def _close(w: Work) -> dict[str, Any]:
    return {"close": [w.given["duty"]]}


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
    "arrive": _arrive, "look": _look, "claim": _claim, "hand_over": _hand_over, "relieve": _relieve, "due": _due,
    "supervise": _close, "drop": _close, "park": _withhold, "release": _release, "settle": _release, "redact": _redact, "succeed": _succeed,
}  # fmt: skip
