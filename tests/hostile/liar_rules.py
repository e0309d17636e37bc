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
        if row["to"]:
            found["phase"] = [self.view["phase"], row["to"]]
        if row["pen"]:
            found["pen"] = row["pen"]
        if facts := {name: self._fact(name, source) for name, source in row["facts"].items()}:
            found["facts"] = facts
        self._clocks()
        if row["does"]:
            getattr(self, f"_{row['does']}")()
        closed = [*found.get("close", []), *self._closes()]
        if closed:
            found["close"] = closed
        for line in row["opens"]:
            self._open(line)
        if self.opened:
            found["open"] = self.opened
        return found

    def fact(self, role: str, name: str) -> Any:
        return self.view["facts"].get(role, {}).get(name)

    def basis(self, text: str) -> str:
        return text if self.guide.get("licensing", True) else self.table["otherwise"].get(text, text)

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
                return (self.fact(self.event["role"], what) or 0) + 1
            case "append":
                return [*(own or []), self.given[what]]
            case "clock":
                return self.view["clocks"][what]["from"]
        raise ValueError(how)

    # --- clocks

    def _clocks(self) -> None:
        clocks = {
            name: {**self.view["clocks"][name], "state": "stopped", "ended": self.day}
            for name in self.row["stops"]
            if name in self.view["clocks"]
        }
        if self.row["starts"] == "notice":
            clocks["notice"] = self._clock(self.day, self.table["limits"]["notice"], "行政许可法 第三十二条")
        if self.row["starts"] == "decision":
            begin = self.view["clocks"]["notice"]["from"] if "deemed_on" in self.row["facts"] else self.day
            limits = self.guide.get("limits", {})
            limit = limits.get("promised") or limits.get("statutory") or self.table["limits"]["decision"]
            agreed = self.agreement.get("limits", {}).get("decision")
            if limit["unit"] == "working_day" and agreed is not None and agreed < limit["n"]:
                limit = {**limit, "n": agreed}
            clocks["decision"] = self._clock(begin, limit, "行政许可法 第四十二条")
        if clocks:
            self.found["clocks"] = clocks

    def _clock(self, begin: str, limit: Document, basis: str) -> Document:
        return {
            "state": "running", "from": begin, "limit": limit, "pauses": [], "basis": self.basis(basis),
            "due": None, "calendar": None,
        }  # fmt: skip

    # --- duties

    def _closes(self) -> list[str]:
        own = f"{self.event['role']}/"
        done = self.found.get("close", [])
        return sorted(
            name
            for name, duty in self.view["duties"].items()
            if name.startswith(own) and duty["kind"] in self.row["closes"] and name not in done
        )

    def _open(self, line: Document) -> None:
        kind, to = line["duty"], line["to"]
        reviewed = (
            self.found.get("facts", {}).get("reviewed", self.fact(self.event["role"], "reviewed")) or []
        )
        if kind == "review" and len(reviewed) >= len(self.guide.get("review_steps", ())):
            kind = "decide"
        if not to:
            self._add(kind, self._holder(self.event["role"], line["holder"]), about=self.given.get("about"))
            return
        bound = next(
            (one for one in self.found.get("bind", ()) if one["role"] == to), self.view["roles"].get(to)
        )
        if bound is None:
            return
        then = None
        if kind:
            hops = self.found.get("facts", {}).get("hops", self.fact(self.event["role"], "hops")) or 0
            centre = kind == "forward" and hops >= self.table["limits"]["hops"]
            duty = self.table["duties"][kind]
            then = {
                "kind": kind, "holder": "office" if centre else "org", "limit": self._limit(kind),
                "basis": self.basis(duty["basis"]), "within": sorted(duty["within"]),
            }  # fmt: skip
        self._add(
            "deliver", self._holder(self.event["role"], "own"),
            to=f"{to}/{bound['term']}", to_node=bound["node"], then=then,
        )  # fmt: skip

    def _holder(self, role: str, holder: str) -> Document:
        if holder == "applicant":
            return {"org": "", "node": self.event["node"]}
        bound = next(
            (one for one in self.found.get("bind", ()) if one["role"] == role), self.view["roles"].get(role)
        )
        return {
            "org": bound["office" if holder in ("centre", "office") else "org"],
            "node": self.event["node"],
        }

    def _limit(self, kind: str) -> Document | None:
        duty = self.table["duties"][kind]
        limit = duty["limit"]
        agreed = self.agreement.get("limits", {}).get(duty["segment"])
        if limit and agreed is not None and limit["unit"] == "working_day" and agreed < limit["n"]:
            return {**limit, "n": agreed}
        return limit

    def _add(self, kind: str, holder: Document, **more: Any) -> None:
        duty = self.table["duties"][kind]
        limit, begin = self._limit(kind), self.day
        clock = self.found.get("clocks", {}).get(duty["clock"]) or self.view["clocks"].get(duty["clock"])
        if clock:
            limit, begin = clock["limit"], clock["from"]
        self.opened.append(
            {
                "id": self._next_id(),
                "kind": kind,
                "holder": holder,
                "limit": limit,
                "from": begin,
                "due": None,
                "calendar": None,
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
                        "holder": self._holder(self.event["role"], then["holder"]),
                        "limit": then["limit"],
                        "from": self.day,
                        "due": None,
                        "calendar": None,
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
        self.found["claim"] = dict.fromkeys(self.given["duties"], self.given.get("staff", ""))

    def _due(self) -> None:
        self.found["due"] = self.given["due"]

    def _supervise(self) -> None:
        self.found["close"] = [self.given["duty"]]

    def _park(self) -> None:
        if self.given["withhold"] is not None:
            self.found["withhold"] = self.given["withhold"]

    def _release(self) -> None:
        if self.given["release"] is not None:
            self.found["release"] = self.given["release"]

    _settle = _release

    def _succeed(self) -> None:
        self.found["succeed"] = self.given["succeed"]

    def _redact(self) -> None:
        self.found["redact"] = dict.fromkeys(self.given["events"], self.given["under"])

    def _found(self) -> None:
        bind = self.given["bind"]
        self.found["pen"] = self.event["role"]
        self.found["bind"] = [
            {"role": self.event["role"], "term": 1, "node": self.event["node"]}
            | {name: bind[name] for name in ("org", "office", "papers")}
        ]

    def _bind(self) -> None:
        names = ("term", "node", "org", "office", "papers")
        self.found["bind"] = [{"role": "handling"} | {name: self.given["bind"][name] for name in names}]
