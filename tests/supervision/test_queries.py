"""What nobody has opened (从未查看): only what had a whole working day, and that its own holder did not bring about."""

import pytest

from tests import stories
from tests.stories import do
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.cases.words import Act, Duty
from tongban.kernel.time.clock import official_day
from tongban.supervision import queries


def unopened(world: World, key: str, by: Actor) -> list[str]:
    with world.on(key):
        return sorted(
            duty.kind for duty in queries.never_opened(queries.open_duties(by), official_day(world.at))
        )


class TestNeverOpened:
    @pytest.mark.parametrize(
        ("day", "told"),
        [("2026-03-02", []), ("2026-03-03", []), ("2026-03-04", ["acknowledge"])],
        ids=["just come", "its first morning", "a whole working day"],
    )
    def test_begins_after_a_whole_working_day(self, world: World, day: str, told: list[str]) -> None:
        stories.forwarded(world)  # Monday, 2 March
        world.settle()
        if day > f"{official_day(world.at)}":
            world.wait_until(day)
        assert unopened(world, "jiashan", world["jiashan"].staff("supervisor")) == told

    def test_leaves_out_what_the_holder_s_own_act_has_opened(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.wait_until("2026-03-16")
        watcher = world["jiashan"].staff("supervisor")
        assert Duty.ACCEPT_OR_CORRECT not in unopened(world, "jiashan", watcher)
        by = world["qingyang"].staff("window")
        do(world, "qingyang", number, Act.URGE, by)
        world.settle()
        assert Duty.HEED_URGING not in unopened(world, "jiashan", watcher)
        world.wait_until("2026-03-18")
        assert Duty.HEED_URGING in unopened(world, "jiashan", watcher), "it came from the other side"
