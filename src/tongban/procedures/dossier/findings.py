"""What a check found wrong, in words. Pure."""

from dataclasses import dataclass

from tongban.kernel.journal.events import Event


@dataclass(frozen=True, slots=True)
class Finding:
    """One wrong thing: where it is and what it is. `too_new`: it is only beyond this program's knowledge."""

    where: str
    problem: str
    too_new: bool = False

    def __str__(self) -> str:
        return f"{self.where}：{self.problem}"


def at_event(event: Event, problem: str, *, too_new: bool = False) -> Finding:
    """Return a finding about one event, named by chain, place and kind."""
    return Finding(f"{event.chain} 第 {event.seq} 条（{event.kind}）", problem, too_new)
