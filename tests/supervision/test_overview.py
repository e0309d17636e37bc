"""What is open, cut by office, item, places and month: a heading is named once, however many duties stand under it."""

from tests import stories
from tests.world import World
from tongban.kernel.time.clock import official_day
from tongban.supervision import overview, queries


def named(world: World) -> list[str]:
    """Return which divisions were asked for by name, one after the other."""
    asked: list[str] = []

    def name(code: str) -> str:
        asked.append(code)
        return code

    with world.on("jiashan"):
        duties = queries.open_duties(world["jiashan"].staff("supervisor"))
        assert overview.cuts(duties, official_day(world.at), name).whole.total > 0
    return asked


def test_looks_up_a_division_for_each_heading_and_not_for_each_duty(world: World) -> None:
    stories.forwarded(world)
    world.settle()
    once = named(world)
    stories.forwarded(world)
    world.wait_until("2026-03-04")
    stories.forwarded(world)
    world.settle()
    assert named(world) == once
