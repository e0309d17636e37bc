"""A letter that weighs against the applicant is served: how, on which day and to whom is asked, and remedies run from that day."""

from datetime import date, timedelta

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.test_counter import Clerk
from tests.world import World
from tongban.cases.words import Act, Phase
from tongban.kernel.time.clock import official_day
from tongban.letters import queries as letters

SERVED = {"service": "left", "served": "拒收；社区工作人员两人见证，全程录像"}


def handed_out(world: World, outcome: str, **more: str) -> str:
    """A case whose result the window has handed out."""
    number = stories.decided(world, outcome, **more)
    stories.conclude(world, number)
    clerk = world["qingyang"].staff("window")
    stories.do(world, "qingyang", number, Act.HAND_OUT, clerk, given={"way": "post"})
    return number


@pytest.fixture
def denied(counties: World) -> str:
    return handed_out(counties, "denied", template=stories.LICENSING)


def at_the_window(world: World, number: str) -> Clerk:
    return Clerk(world).arrive("qy-window").open(f"/counter/cases/{number}/")


def test_is_asked_for_way_day_and_who_signed(counties: World, denied: str) -> None:
    clerk = at_the_window(counties, denied)
    clerk.press({"served_on": ""}, to="/acts/confirm_delivery/")
    assert clerk.status == 422
    for sentence in ("送达方式：请选择一项", "送达日期：请填写", "签收情况：请填写"):
        assert sentence in clerk.words
    assert case_on(counties, "qingyang", denied).phase == Phase.CONCLUDED


def test_of_a_day_that_has_not_come_is_refused_with_what_was_typed(counties: World, denied: str) -> None:
    clerk, tomorrow = at_the_window(counties, denied), official_day(counties.at) + timedelta(days=1)
    clerk.press({**SERVED, "served_on": tomorrow.isoformat()}, to="/acts/confirm_delivery/")
    assert (clerk.status, "送达日期不对" in clerk.words) == (409, True)
    assert SERVED["served"] in clerk.text
    assert case_on(counties, "qingyang", denied).phase == Phase.CONCLUDED


def test_counts_remedies_from_the_day_it_was_served_on_both_sides(counties: World, denied: str) -> None:
    served = official_day(counties.at)
    counties.wait_until((served + timedelta(days=3)).isoformat())
    clerk = at_the_window(counties, denied)
    clerk.press({**SERVED, "served_on": served.isoformat()}, to="/acts/confirm_delivery/").press(
        button="sure=1"
    )
    counties.settle()
    for node in ("qingyang", "jiashan"):
        with counties.on(node):
            found = letters.remedies_end(case_on(counties, node, denied))
        assert found == (date(2026, 5, 6), date(2026, 9, 2))
    assert f"留置送达，{served.isoformat()}" in at_the_window(counties, denied).words


def test_is_not_asked_of_who_gets_what_they_applied_for(counties: World) -> None:
    number = handed_out(counties, "granted")
    clerk = at_the_window(counties, number)
    assert "怎样送达的" not in clerk.words
    clerk.press(to="/acts/confirm_delivery/").press(button="sure=1")
    assert case_on(counties, "qingyang", number).phase == Phase.DELIVERED
