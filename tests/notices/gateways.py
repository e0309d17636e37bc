"""A gateway in memory: takes, refuses, is down, and reports, as a test wants it; and a world that has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.world import World
from tongban.configuration.gateways import NoticesConfig
from tongban.notices import ports
from tongban.notices.ports import Refused, Report, Unreachable

CONFIG = NoticesConfig(
    sms_url="http://sms.test", smtp_url="smtp://mail.test:25", mail_from="tongban@qingyang.test"
)


@dataclass
class Gateway:
    """What was sent: (key, number, text); and what becomes of it."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    down: bool = False
    refuses: str = ""
    said: dict[str, Report] = field(default_factory=dict)

    def send(self, key: str, number: str, text: str) -> str:
        if self.down:
            raise Unreachable("down")
        if self.refuses:
            raise Refused(self.refuses)
        self.sent.append((key, number, text))
        return f"S{len(self.sent)}"

    def reports(self, references: Iterable[str]) -> Mapping[str, Report]:
        if self.down:
            raise Unreachable("down")
        return {one: self.said[one] for one in references if one in self.said}

    def arrived(self, *codes: str) -> None:
        """Say what became of all that was sent; a code is why it did not arrive."""
        self.said = {
            f"S{n + 1}": Report(delivered=not code, code=code)
            for n, code in enumerate([*codes, *[""] * (len(self.sent) - len(codes))])
        }


def with_gateway(world: World, gateway: Gateway, monkeypatch: object) -> World:
    """Give all nodes of a world this gateway."""
    for node in world.nodes.values():
        node.config = replace(node.config, notices=CONFIG)
    monkeypatch.setattr(ports, "sms", lambda: gateway)  # type: ignore[attr-defined]
    return world
