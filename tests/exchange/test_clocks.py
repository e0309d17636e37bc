"""Clocks that stand elsewhere: what cannot be undone is not written, says why, and goes on once they are right."""

from datetime import timedelta

import pytest

from tests import stories
from tests.world import World
from tongban.cases.words import Act
from tongban.exchange import trust, worker
from tongban.exchange.looks import Looks
from tongban.kernel import memo, timekeeping
from tongban.kernel.models import ClockWitness, Event
from tongban.kernel.timekeeping import ClockDisagrees


def heard(world: World, node: str, *skews: int) -> None:
    """Let a node have heard that many peers, with clocks that far ahead of its own."""
    with world.on(node):
        ClockWitness.objects.all().delete()
        for place, skew in enumerate(skews):
            timekeeping.witness(f"sm3:{place:064x}", world.at + timedelta(seconds=skew), world.at)
    memo.forget()


class TestAnAct:
    def test_is_refused_while_the_clock_is_ahead_of_the_peers(self, world: World) -> None:
        number = stories.forwarded(world)
        heard(world, "jiashan", -20 * 86400)

        with pytest.raises(
            ClockDisagrees, match=r"本节点的时钟比 1 个对方节点快约 28800 分钟.*校准"
        ) as refused:
            stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        assert (refused.value.code, refused.value.status) == ("clock_disagrees", 503)
        assert stories.case_on(world, "jiashan", number).phase == "forwarded"

    def test_goes_on_by_itself_once_the_clock_is_right(self, world: World) -> None:
        number = stories.forwarded(world)
        heard(world, "jiashan", 3600)
        with pytest.raises(ClockDisagrees, match="慢约 60 分钟"):
            stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        heard(world, "jiashan", 2)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        assert stories.case_on(world, "jiashan", number).phase == "acknowledged"

    def test_may_annotate_all_the_same(self, world: World) -> None:
        number = stories.forwarded(world)
        heard(world, "jiashan", -86400)
        officer = stories.officer(world, number)
        names = [
            n for n in stories.case_on(world, "jiashan", number).state["duties"] if n.startswith("handling")
        ]
        stories.do(world, "jiashan", number, Act.LOOK, officer, given={"duties": names})

    @pytest.mark.parametrize(
        ("skews", "is_wrong"),
        [
            ((300,), False), ((301,), True), ((-301,), True), ((301, 0), False), ((301, 301, 0), True),
            ((301, 0, 0), False), ((), False),
        ],
    )  # fmt: skip
    def test_is_judged_by_most_of_the_peers(
        self, world: World, skews: tuple[int, ...], is_wrong: bool
    ) -> None:
        stories.forwarded(world)
        heard(world, "jiashan", *skews)
        with world.on("jiashan"):
            assert (timekeeping.disagreement(world.at) is not None) is is_wrong

    def test_without_peers_is_judged_by_the_last_seal(self, world: World) -> None:
        stories.forwarded(world)
        heard(world, "jiashan")
        with world.on("jiashan"):
            assert timekeeping.disagreement(world.at - timedelta(minutes=4)) is None
            assert "封存声明" in str(timekeeping.disagreement(world.at - timedelta(days=1)))

    def test_what_peers_showed_an_hour_ago_counts_no_more(self, world: World) -> None:
        stories.forwarded(world)
        heard(world, "jiashan", 3600)
        with world.on("jiashan"):
            assert timekeeping.disagreement(world.at + timedelta(minutes=60)) is not None
            assert timekeeping.disagreement(world.at + timedelta(minutes=61)) is None


class TestTheWatch:
    def test_rests_while_the_clock_disagrees_and_tells_no_lie(self, world: World) -> None:
        stories.forwarded(world)
        world.wait_until("2026-04-20")
        heard(world, "jiashan", -20 * 86400)
        with world.on("jiashan"):
            before = Event.objects.count()
            assert worker.watch(world.at) == 0
            assert Event.objects.count() == before
        heard(world, "jiashan", 0)
        with world.on("jiashan"):
            assert worker.watch(world.at) > 0

    def test_hears_the_peers_before_it_acts(self, world: World) -> None:
        stories.forwarded(world)
        with world.on("jiashan"):
            ClockWitness.objects.all().delete()
            trust.ask_clocks(world.at)
            assert [row.skew for row in ClockWitness.objects.all()] == [0]


class TestTwoLooks:
    def test_agree_where_the_clock_goes_as_time_does(self) -> None:
        shows, count = iter([1000.0, 1030.0, 1060.5]), iter([5.0, 35.0, 65.0])
        looks = Looks(lambda: next(shows), lambda: next(count))
        assert [looks.agree(), looks.agree()] == [True, True]

    @pytest.mark.parametrize("jump", [20 * 86400, -86400, 6, -6])
    def test_a_clock_that_jumped_is_not_believed_until_it_has_stood_still(self, jump: int) -> None:
        shows, count = iter([1000.0, 1030.0 + jump, 1060.0 + jump]), iter([5.0, 35.0, 65.0])
        looks = Looks(lambda: next(shows), lambda: next(count))
        assert [looks.agree(), looks.agree()] == [False, True]
