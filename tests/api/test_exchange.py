"""The door for other nodes."""

from typing import Any

import pytest

from tests import stories
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.cases.models import Case
from tongban.exchange import commands as exchange
from tongban.exchange import gateway, wire
from tongban.kernel.crypto import canon

MESSAGES = "/exchange/v1/messages"

pytestmark = pytest.mark.database


def knock(world: World, node: str, raw: bytes) -> Any:
    show = Caller(world, node)
    return show.call("POST", MESSAGES, raw, headers={"Idempotency-Key": ""})


class TestCard:
    def test_is_signed_by_the_node(self, counties: World) -> None:
        answer = Caller(counties, "qingyang").call("GET", "/exchange/v1/card")
        with counties.on("jiashan"):
            assert exchange.read_card(answer.content)["node"] == counties["qingyang"].fingerprint


class TestMessages:
    def test_carry_a_case_to_the_other_node(self, counties: World) -> None:
        def over_http(url: str, raw: bytes) -> bytes:
            node = next(one for one in counties.nodes.values() if one.config.url == url)
            answer = knock(counties, node.key, raw)
            if answer.headers["Content-Type"] != "application/json":
                raise gateway.Unreachable("refused")
            return bytes(answer.content)

        gateway.post = over_http
        number = stories.forwarded(counties)

        with counties.on("jiashan"):
            assert Case.objects.get(number=number).phase == "forwarded"

    def test_that_are_none_are_refused(self, counties: World) -> None:
        for raw in (b"", b"{}", b"\xff", b'{"from": 1}', b"[]"):
            is_problem(knock(counties, "qingyang", raw), 403, "message_refused")

    def test_of_a_peer_that_is_paused_are_refused(self, counties: World) -> None:
        with counties.on("qingyang"):
            operator = counties["qingyang"].operator()
            exchange.pause(node=counties["jiashan"].fingerprint, by=operator, at=counties.at)
        with counties.on("jiashan"):
            raw = wire.message(wire.PAPERS_REQUEST, counties["qingyang"].fingerprint, counties.at, held=[])
        is_problem(knock(counties, "qingyang", raw), 403, "peer_not_active")

    def test_with_a_flipped_bit_are_refused(self, counties: World) -> None:
        with counties.on("jiashan"):
            raw = wire.message(wire.PAPERS_REQUEST, counties["qingyang"].fingerprint, counties.at, held=[])
        is_problem(
            knock(counties, "qingyang", raw.replace(b'"held":[]', b'"held":[1]')), 403, "message_refused"
        )

    def test_signed_by_a_peer_and_still_nonsense_are_answered(self, counties: World) -> None:
        with counties.on("jiashan"):
            raw = wire.message(wire.TRANSFER, counties["qingyang"].fingerprint, counties.at)
        answer = knock(counties, "qingyang", raw)
        assert answer.status_code == 200
        assert "refused" in canon.decode(answer.content)
