"""What a page may offer is what the command then does."""

import pytest

from tests import stories
from tests.world import World
from tongban.cases.words import Act
from tongban.procedures.possible import possible_acts

pytestmark = pytest.mark.slow

ALWAYS = {Act.LOOK, Act.CLAIM}


def offered(world: World, node: str, number: str, by: object) -> set[Act]:
    with world.on(node):
        return {
            act for act, _ in possible_acts(stories.Case.objects.get(number=number), by, world.at)
        } - ALWAYS


class TestPossibleActs:
    def test_follow_the_window_through_the_case(self, world: World) -> None:
        clerk = world["qingyang"].staff("window")
        number = stories.filed(world)
        assert offered(world, "qingyang", number, clerk) == {Act.RECEIVE, Act.RETURN, Act.WITHDRAW}
        stories.do(world, "qingyang", number, Act.RECEIVE, clerk)
        before = {Act.CHECK_IDENTITY, Act.GIVE_NOTICE, Act.RETURN, Act.WITHDRAW}
        assert offered(world, "qingyang", number, clerk) == before
        stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
        assert offered(world, "qingyang", number, clerk) == before | {Act.PASS_REVIEW}
        stories.do(world, "qingyang", number, Act.PASS_REVIEW, clerk)
        assert offered(world, "qingyang", number, clerk) == {Act.FORWARD, Act.WITHDRAW}

    def test_are_those_of_the_post_and_the_place(self, world: World) -> None:
        number = stories.forwarded(world)
        officer = stories.officer(world, number)
        assert offered(world, "jiashan", number, officer) == {Act.ACKNOWLEDGE, Act.REDIRECT, Act.WRITE}
        assert not offered(world, "qingyang", number, officer)
        assert Act.ACKNOWLEDGE not in offered(world, "qingyang", number, world["qingyang"].staff("window"))

    def test_name_the_next_review_step_only_to_whom_the_guide_names(self, world: World) -> None:
        number = stories.accepted(world)
        head = stories.officer(world, number, post="decider")
        assert Act.REVIEW in offered(world, "jiashan", number, stories.officer(world, number))
        assert Act.REVIEW not in offered(world, "jiashan", number, head)
        stories.review_all(world, number)
        assert Act.DECIDE in offered(world, "jiashan", number, head)
