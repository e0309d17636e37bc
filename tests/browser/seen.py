"""What a walk through the pages brings back."""

import json
from dataclasses import asdict, dataclass, field

from django.urls import Resolver404, resolve


@dataclass(frozen=True)
class Visit:
    """An address that somebody asked for, and how it was answered; `taken`: it is a file, not a page."""

    node: str
    role: str
    method: str
    route: str
    path: str
    status: int
    taken: bool = False


@dataclass
class Seen:
    """The visits, and what is wrong, by kind: axe, ibm, scroll, tab, console, weight."""

    visits: list[Visit] = field(default_factory=list)
    examined: list[str] = field(default_factory=list)  # pages that differ by more than their case
    findings: list[tuple[str, str]] = field(default_factory=list)  # (kind, sentence)
    keys: dict[str, int] = field(default_factory=dict)  # what it took to take a case in by keyboard alone
    broke_off: str = ""

    def to_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def of_text(cls, text: str) -> "Seen":
        told = json.loads(text)
        told["visits"] = [Visit(**visit) for visit in told["visits"]]
        return cls(**told)

    def of_kind(self, kind: str) -> list[str]:
        return [said for one, said in self.findings if one == kind]

    def shown(self) -> list[Visit]:
        """Return what people asked for by its address and were let see."""
        return [visit for visit in self.visits if visit.method == "GET" and visit.status < 400]


def route_of(path: str) -> str:
    """Return the name of the route that answers a path, or nothing."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return match.view_name if match.namespace == "web" else ""
