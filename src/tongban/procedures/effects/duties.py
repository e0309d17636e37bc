"""The duties that an act opens: here, or, as something to deliver, on the other side. Pure."""

from collections.abc import Mapping
from typing import Any

from tongban.procedures.circumstances import Terms
from tongban.procedures.deadlines import recorded
from tongban.procedures.effects.work import Work
from tongban.procedures.rule import Holder, Limit, Opens
from tongban.procedures.tables import Table
from tongban.procedures.words import Owed

HOLDERS = {Holder.OWN: "org", Holder.CENTRE: "office", Holder.APPLICANT: "applicant"}


def open_duties(w: Work) -> None:
    """Open what the row of an act says, where its condition holds."""
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
        w.merge({"open": opened})


def _news(w: Work, index: int, opens: Opens) -> dict[str, Any]:
    """Return the duty to deliver: what it brings opens on the other side, as written here, when it has arrived."""
    binding, rule = w.binding(opens.to), w.table.duties[Owed.DELIVER]
    limit = limit_of(w.table, Owed.DELIVER, w.terms)
    duty = written(w, index, Owed.DELIVER, w.holder("org"), limit, w.basis(rule.basis), rule.within)
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
        holder = w.table.escalates(late) or Holder.OWN
    limit = limit_of(w.table, kind, w.terms)
    duty = written(w, index, kind, w.holder(HOLDERS[holder]), limit, w.basis(rule.basis), rule.within)
    duty["about"] = w.given.get("about")
    clock = (
        w.effects.get("clocks", {}).get(rule.clock) or w.state.clocks.get(rule.clock) if rule.clock else None
    )
    if clock is None:
        return duty
    return {**duty, **{name: clock[name] for name in ("limit", "from", "due", "calendar")}}


def written(
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
