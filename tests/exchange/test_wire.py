"""Of which day a message must be, to the last moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.nodes import Node, node
from tongban.exchange import wire
from tongban.kernel.crypto import canon
from tongban.kernel.journal.events import format_time

__all__ = ("node",)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(milliseconds=1)


@pytest.mark.parametrize("apart", [timedelta(0), DAY, -DAY, DAY - MOMENT, MOMENT - DAY])
def test_a_message_of_within_a_day_is_heard(apart: timedelta) -> None:
    wire.demand_of_today(format_time(NOW + apart), NOW)


@pytest.mark.parametrize(
    "stated",
    [format_time(NOW + DAY + MOMENT), format_time(NOW - DAY - MOMENT), "yesterday", "", None, 0, ["2026"]],
)
def test_a_message_of_another_day_or_of_none_is_refused(stated: Any) -> None:
    with pytest.raises(wire.MessageRefused, match="一天以上"):
        wire.demand_of_today(stated, NOW)


@pytest.mark.parametrize("chain", [5, None, True, "chain", [5], [None], {}, [], [{}], [{"number": 1}]])
def test_a_message_without_the_keys_of_its_sender_is_refused(node: Node, chain: Any) -> None:
    document = {"format": wire.SEALS, "from": node.fingerprint, "to": node.fingerprint, "chain": chain}
    with pytest.raises(wire.MessageRefused, match="密钥链"):
        wire.read_message(canon.encode(document), NOW)
    del document["chain"]
    with pytest.raises(wire.MessageRefused, match="密钥链"):
        wire.read_message(canon.encode(document), NOW)
