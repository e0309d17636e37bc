"""A few errands end to end over two nodes, in one process."""

from typing import Any

from tests import stories
from tests.world import World
from tongban.cases.words import Act, Mode, Phase
from tongban.cases import commands


def same_on_both(world: World, number: str) -> dict[str, Any]:
    """Return the state both nodes hold, after checking that it is the same."""
    states = [stories.case_on(world, key, number).state for key in ("qingyang", "jiashan")]
    assert states[0] == states[1]
    return dict(states[0])


class TestTakenInElsewhereDecidedAtHome:
    def test_is_granted_and_delivered(self, world: World) -> None:
        number = stories.delivered(world)

        state = same_on_both(world, number)
        assert state["phase"] == Phase.DELIVERED
        assert state["facts"]["outcome"] == "granted"
        assert state["duties"] == {}
