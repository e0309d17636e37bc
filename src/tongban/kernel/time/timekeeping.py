"""
Whether this node's clock can be believed: by its own last seal, and by what the clocks of its peers show.

What cannot be undone is not written while they disagree (docs/protocol.md §13a); the refusal says so in words, and ends by
itself once the clock is right. Peers' clocks count before our own past: after a false tomorrow our seal is the liar.
A clock that has just jumped is not believed until a peer was heard since, or for a minute where none answers.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from tongban.kernel import identity, memo
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import seals
from tongban.kernel.journal.events import parse_time
from tongban.kernel.models import ClockWitness
from tongban.kernel.time import clock

TOLERANCE = timedelta(minutes=5)
FRESH = timedelta(hours=1)
PATIENCE = 60.0  # seconds after a jump in which only what peers say since counts
SLACK = timedelta(seconds=10)


class ClockDisagrees(DomainError):
    """This node's clock stands elsewhere than its own last seal or its peers' clocks; acts wait until it is right."""

    code = "clock_disagrees"
    status = 503


def witness(node: str, told: datetime, at: datetime) -> None:
    """Keep how far a peer's clock, which showed `told` as ours showed `at`, stands ahead of ours."""
    skew = max(min(round((told - at).total_seconds()), 2**31 - 1), -(2**31 - 1))
    with write():
        ClockWitness.objects.update_or_create(node=node, defaults={"skew": skew, "at": at})


def disagreement(at: datetime) -> str | None:
    """Return in words what speaks against a clock that shows `at`, or nothing."""
    last_seal, witnesses = _known()
    jump = clock.jump()
    if jump is not None:
        witnesses = [(skew, heard) for skew, heard in witnesses if jump.to - SLACK <= heard <= at + SLACK]
    fresh = [skew for skew, heard in witnesses if abs(at - heard) <= FRESH]
    off = [skew for skew in fresh if abs(skew) > TOLERANCE.total_seconds()]
    if fresh:
        # With as many for us as against us nobody can say who is wrong: it is not we who then stop.
        if 2 * len(off) <= len(fresh):
            return None
        minutes = sorted(off)[len(off) // 2] // 60
        way = "慢" if minutes > 0 else "快"
        return f"本节点的时钟比 {len(off)} 个对方节点{way}约 {abs(minutes)} 分钟"
    if jump is not None and time.monotonic() - jump.noticed < PATIENCE:
        return "本节点的时钟刚刚跳变，正与对方节点核对"
    if last_seal is not None and at < last_seal - TOLERANCE:
        return f"本节点的时钟早于自己在 {last_seal:%Y-%m-%d %H:%M} UTC 的封存声明"
    return None


def demand_right(at: datetime) -> None:
    """
    Ask whether something may be written for good at the time this node's clock shows.

    Raises:
        ClockDisagrees: not before the clock is right.
    """
    why = disagreement(at)
    if why is not None:
        raise ClockDisagrees(f"{why}，未办理，没有改动任何内容。请管理员校准服务器时间；校准后即可继续办理。")


@memo.for_a_moment
def _known() -> tuple[datetime | None, Sequence[tuple[int, datetime]]]:
    latest = seals.latest(identity.fingerprint())
    return (
        parse_time(latest["at"]) if latest else None,
        list(ClockWitness.objects.values_list("skew", "at")),
    )
