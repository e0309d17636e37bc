"""What a row of the rule table makes of an act, so that a liar can be lawful up to the one thing it lies about.

Dates are left `null`: they are not compared.
"""

from datetime import datetime, timedelta
from typing import Any

from .liar_fold import chain_of

Document = dict[str, Any]


def official_day(at: str) -> str:
    moment = datetime.fromisoformat(at) + timedelta(hours=8)
    return f"{moment:%Y-%m-%d}"


def effects_of(
    table: Document, event: Document, body: Document, view: Document, papers: dict[str, Document]
) -> Document:
    """Return the effects of `event` by its row. `papers`: kind -> document, as pinned."""
    return _Reading(table, event, body, view, papers).effects()


NO_DATE: Document = {"due": None, "calendar": None}
HOLDERS = {"own": "org", "centre": "office", "applicant": "applicant"}  # a row's word, and that of `then`


class _Reading:
    def __init__(
        self, table: Document, event: Document, body: Document, view: Document, papers: Document
    ) -> None:
        self.table, self.event, self.body, self.view = table, event, body, view
        self.guide, self.agreement = papers.get("guide", {}), papers.get("agreement", {})
        self.row = table["acts"][event["kind"]]
        self.given = body["given"]
        self.day = official_day(event["at"])
        self.opened: list[Document] = []
        self.found: Document = {}

    def effects(self) -> Document:
        row, found = self.row, self.found
        if row["becomes"]:
            raise ValueError(row["becomes"])
        if row["to"]:
            found["phase"] = [self.view["phase"], row["to"]]
        if row["pen"]:
            found["pen"] = row["pen"]
        self._bindings()
        if facts := {name: self._fact(name, source) for name, source in row["facts"].items()}:
            found["facts"] = facts
        self._clocks()
        if row["does"]:
            getattr(self, f"_{row['does']}")()
        closed = [*found.get("close", []), *self._own(row["closes"])]
        if closed:
            found["close"] = closed
        for line in row["opens"]:
            self._open(line)
        if self.opened:
            found["open"] = self.opened
        return found

    def fact(self, role: str, name: str) -> Any:
        return self.view["facts"].get(role, {}).get(name)

    def after(self, role: str, name: str) -> Any:
        """Return a fact as it is after the event."""
        own = self.found.get("facts", {}) if role == self.event["role"] else {}
        return own[name] if name in own else self.fact(role, name)

    def basis(self, text: str) -> str:
        return (
            text
            if self.guide.get("kind", "licence") == "licence"
            else self.table["otherwise"].get(text, text)
        )

    def _fact(self, name: str, source: Any) -> Any:
        if source == "day":
            return self.day
        (how, what), *_ = source.items()
        own = self.fact(self.event["role"], name)
        match how:
            case "value":
                return what
            case "given":
                return self.given[what]
            case "more":
                return (own or 0) + what
            case "append":
                return [*(own or []), self.given[what]]
            case "clock":
                return self.view["clocks"][what]["from"]
        raise ValueError(how)

    def _bindings(self) -> None:
        row, bind = self.row, self.given.get("bind", {})
        if row["founds"]:
            self.found["pen"] = self.event["role"]
            self.found["bind"] = [
                {"role": self.event["role"], "term": 1, "node": self.event["node"]}
                | {name: bind[name] for name in ("org", "office", "papers")}
            ]
        if row["binds"]:
            names = ("term", "node", "org", "office", "papers")
            one = {"role": row["binds"]} | {name: bind[name] for name in names}
            self.found["bind"] = [*self.found.get("bind", []), one]

    # --- clocks

    def _clocks(self) -> None:
        row, there, basis = self.row, self.view["clocks"], self.basis(self.row["basis"])
        clocks = {
            name: {**there[name], "state": "stopped", "ended": self.day}
            for name in row["stops"]
            if name in there
        }
        if row["starts"]:
            clocks[row["starts"]["clock"]] = self._started(**row["starts"])
        if (name := row["pauses"]) in there:
            pauses = [*there[name]["pauses"], [self.day, None, basis]]
            clocks[name] = {**there[name], "state": "paused", "pauses": pauses, "due": None}
        if (name := row["resumes"]) in there:
            *before, (begun, *_) = there[name]["pauses"]
            pauses = [*before, [begun, self.day, basis]]
            clocks[name] = {**there[name], "state": "running", "pauses": pauses} | NO_DATE
        if name := row["extends"]:
            limit = there[name]["limit"]
            longer = {**limit, "n": limit["n"] + self.table["clocks"][name]["extension"]}
            clocks[name] = {**there[name], "limit": longer} | NO_DATE
            if dated := {duty: dict(NO_DATE) for duty in self._own(self._kinds_by(name))}:
                self.found["due"] = dated
        if clocks:
            self.found["clocks"] = clocks

    def _started(self, clock: str, since: str | None) -> Document:
        row = self.table["clocks"][clock]
        limits = self.guide.get("limits", {}) if row["guided"] else {}
        limit = limits.get("promised") or limits.get("statutory") or row["limit"]
        if limit["unit"] == row["limit"]["unit"]:
            limit = self._shortened(limit, row["segment"])
        return {
            "state": "running", "from": self.view["clocks"][since]["from"] if since else self.day, "limit": limit,
            "pauses": [], "basis": self.basis(row["basis"]), **NO_DATE,
        }  # fmt: skip

    def _shortened(self, limit: Document, segment: str) -> Document:
        agreed = self.agreement.get("limits", {}).get(segment)
        return {**limit, "n": min(agreed or limit["n"], limit["n"])}

    def _kinds_by(self, clock: str) -> list[str]:
        return [kind for kind, duty in self.table["duties"].items() if duty["clock"] == clock]

    # --- duties

    def _own(self, kinds: list[str]) -> list[str]:
        """Return the ids of its own open duties of these kinds, in order."""
        return sorted(
            name
            for name, duty in self.view["duties"].items()
            if name.startswith(f"{self.event['role']}/") and duty["kind"] in kinds
        )

    def _open(self, line: Document) -> None:
        kind, to = line["duty"], line["to"]
        if line["when"] and not self._holds(line["when"]):
            return
        if not to and kind:
            self._owe(kind, line["holder"])
        if not to or (to not in self.view["roles"] and "bind" not in self.found):
            return
        bound, then = self._bound(to), None
        if kind:
            duty = self.table["duties"][kind]
            then = {
                "kind": kind, "holder": HOLDERS[line["holder"]], "limit": self._limit(kind),
                "basis": self.basis(duty["basis"]), "within": sorted(duty["within"]),
            }  # fmt: skip
        self._add(
            "deliver", self._holder("org"), to=f"{to}/{bound['term']}", to_node=bound["node"], then=then
        )

    def _holds(self, when: str) -> bool:
        reviewed, hops = self.after("handling", "reviewed"), self.after("handling", "hops")
        match when:
            case "steps_left":
                return len(reviewed or []) < len(self.guide["review_steps"])
            case "no_steps_left":
                return not self._holds("steps_left")
            case "astray":
                return bool((hops or 0) >= self.table["limits"]["hops"])
            case "not_astray":
                return not self._holds("astray")
        raise ValueError(when)

    def _owe(self, kind: str, holder: str) -> None:
        """Open a duty of its own; one that a clock dates is as long as the clock."""
        about, name = self.given.get("about"), self.table["duties"][kind]["clock"]
        if holder == "watch":
            late = self.table["duties"].get(self.view["duties"][about]["kind"], {})
            holder = late.get("escalates") or "own"
        clock = self.found.get("clocks", {}).get(name) or self.view["clocks"].get(name)
        dates = {one: clock[one] for one in ("limit", "from", "due", "calendar")} if clock else {}
        self._add(kind, self._holder(HOLDERS[holder]), about=about, **dates)

    def _bound(self, role: str) -> Document:
        now: Document = self.view["roles"].get(role, {})
        return next((one for one in self.found.get("bind", ()) if one["role"] == role), now)

    def _holder(self, holder: str) -> Document:
        org = "" if holder == "applicant" else self._bound(self.event["role"])[holder]
        return {"org": org, "node": self.event["node"]}

    def _limit(self, kind: str) -> Document | None:
        duty = self.table["duties"][kind]
        return self._shortened(duty["limit"], duty["segment"]) if duty["limit"] else None

    def _add(self, kind: str, holder: Document, **more: Any) -> None:
        duty = self.table["duties"][kind]
        self.opened.append(
            {
                "id": self._next_id(),
                "kind": kind,
                "holder": holder,
                "limit": self._limit(kind),
                "from": self.day,
                **NO_DATE,
                "basis": self.basis(duty["basis"]),
                "within": sorted(duty["within"]),
                "about": None,
                "to": None,
                "to_node": None,
                "then": None,
                **more,
            }
        )

    def _next_id(self) -> str:
        return f"{chain_of(self.event)}.{self.event['seq']}.{len(self.opened)}"

    # --- what a row does besides

    def _arrive(self) -> None:
        self.found["close"] = list(self.given["duties"])
        phase = self.view["phase"]
        for name in self.given["duties"]:
            then = self.view["duties"][name]["then"]
            if then and (not then["within"] or phase in then["within"]):
                self.opened.append(
                    {
                        "id": self._next_id(),
                        "kind": then["kind"],
                        "holder": self._holder(then["holder"]),
                        "limit": then["limit"],
                        "from": self.day,
                        **NO_DATE,
                        "basis": then["basis"],
                        "within": then["within"],
                        "about": None,
                        "to": None,
                        "to_node": None,
                        "then": None,
                    }
                )

    def _look(self) -> None:
        self.found["look"] = dict.fromkeys(self.given["duties"], self.body["actor"]["staff"])

    def _claim(self) -> None:
        self.found["claim"] = dict.fromkeys(self.given["duties"], self.given["staff"])

    def _hand_over(self) -> None:
        self.found["claim"] = dict.fromkeys(self.given["duties"], self.given["colleague"])

    def _relieve(self) -> None:
        self.found["claim"] = dict.fromkeys(self.given["duties"], "")

    def _due(self) -> None:
        self.found["due"] = self.given["due"]

    def _supervise(self) -> None:
        self.found["close"] = [self.given["duty"]]

    _drop = _supervise

    def _park(self) -> None:
        self.found["withhold"] = self.given["withhold"]

    def _release(self) -> None:
        self.found["release"] = self.given["release"]

    _settle = _release

    def _succeed(self) -> None:
        self.found["succeed"] = self.given["succeed"]

    def _redact(self) -> None:
        self.found["redact"] = dict.fromkeys(self.given["events"], self.given["under"])
