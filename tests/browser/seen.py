"""What a walk through the pages brings back."""

import json
from dataclasses import asdict, dataclass, field

from django.urls import Resolver404, resolve


@dataclass
class Visit:
    """A page that somebody looked at."""

    route: str
    role: str
    path: str


@dataclass
class Seen:
    """The visits, every route that was asked for, and what is wrong, by kind: axe, scroll, console, weight."""

    visits: list[Visit] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)  # (method, route)
    examined: list[str] = field(default_factory=list)  # pages that differ by more than their case
    findings: list[tuple[str, str]] = field(default_factory=list)  # (kind, sentence)
    broke_off: str = ""

    def to_text(self) -> str:
        return json.dumps({**asdict(self), "asked": sorted(self.asked)}, ensure_ascii=False, indent=1)

    @classmethod
    def of_text(cls, text: str) -> "Seen":
        told = json.loads(text)
        told["visits"] = [Visit(**visit) for visit in told["visits"]]
        told["asked"] = {(method, route) for method, route in told["asked"]}
        return cls(**told)

    def of_kind(self, kind: str) -> list[str]:
        return [said for one, said in self.findings if one == kind]


def route_of(path: str) -> str:
    """Return the name of the route that answers a path, or nothing."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return match.view_name if match.namespace == "web" else ""
