"""Clocks that stand elsewhere: what cannot be undone is not written, says why, and goes on once they are right."""

import time
from datetime import datetime, timedelta

import pytest

from tests import stories
from tests.world import World
from tongban.cases import commands
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.exchange import fetching, sending, trust, worker
from tongban.exchange.looks import Looks
from tongban.exchange.models import Peer
from tongban.kernel import memo
from tongban.kernel.models import ClockWitness, Content, Event, Outstanding
from tongban.kernel.time import clock, timekeeping
from tongban.kernel.time.clock import Jump
from tongban.kernel.time.timekeeping import ClockDisagrees
from tongban.procedures import commands as procedures
from tongban.procedures.deciding import MatterParked


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


class TestAClockThatJumped:
    @pytest.fixture(autouse=True)
    def nobody_watches_afterwards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "_ahead", None)
        monkeypatch.setattr(clock, "_jump", None)

    def test_is_noticed_where_somebody_watches(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        with world.on("jiashan"):
            (world.folder / "clock").write_text("0")
            clock.now()
            assert clock.jump() is None
            clock.watch()
            (world.folder / "clock").write_text("50")
            clock.now()
            assert clock.jump() is None
            (world.folder / "clock").write_text("-3600")
            clock.now()
            jumped = clock.jump()
            assert jumped is not None
            assert abs((jumped.to - clock.now()).total_seconds()) < 30

    def test_is_believed_once_a_peer_was_heard_since(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stories.forwarded(world)
        heard(world, "jiashan", 0)
        with world.on("jiashan"):
            assert timekeeping.disagreement(world.at) is None
            for by in (timedelta(minutes=20), timedelta(days=9), -timedelta(minutes=20)):
                monkeypatch.setattr(clock, "_jump", Jump(world.at + by, time.monotonic()))
                assert "跳变" in str(timekeeping.disagreement(world.at + by))
                timekeeping.witness(f"sm3:{0:064x}", world.at, world.at + by)
                memo.forget()
                assert "1 个对方节点" in str(timekeeping.disagreement(world.at + by))
            monkeypatch.setattr(clock, "_jump", Jump(world.at, time.monotonic()))
            timekeeping.witness(f"sm3:{0:064x}", world.at, world.at)
            memo.forget()
            assert timekeeping.disagreement(world.at) is None

    def test_is_believed_after_a_minute_where_nobody_answers(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stories.forwarded(world)
        heard(world, "jiashan")
        at = world.at + timedelta(days=2)
        with world.on("jiashan"):
            monkeypatch.setattr(clock, "_jump", Jump(at, time.monotonic()))
            assert timekeeping.disagreement(at) is not None
            monkeypatch.setattr(clock, "_jump", Jump(at, time.monotonic() - timekeeping.PATIENCE))
            assert timekeeping.disagreement(at) is None

    def test_that_is_days_ahead_is_found_out_by_the_answer_of_a_peer(self, world: World) -> None:
        stories.forwarded(world)
        at = world.at + timedelta(days=9)
        with world.on("jiashan"):
            ClockWitness.objects.all().delete()
            hear_all(at)
            memo.forget()
            assert "快约 12960 分钟" in str(timekeeping.disagreement(at))


class TestWhatANodeDoesOfItself:
    def test_waits_while_its_clock_is_wrong_where_people_may_annotate(self, world: World) -> None:
        number = stories.forwarded(world)
        (about,) = stories.case_on(world, "jiashan", number).state["duties"]
        heard(world, "jiashan", -20 * 86400)
        with world.on("jiashan"), pytest.raises(ClockDisagrees):
            procedures.system_act(
                matter=number, act=Act.ESCALATE, role=Role.HANDLING, at=world.at, given={"about": about}
            )

    def test_is_not_done_while_the_other_side_holds_it_back(self, world: World) -> None:
        number = stories.forwarded(world)
        (about,) = stories.case_on(world, "jiashan", number).state["duties"]
        world.wait_until("2026-04-20")
        with world.on("jiashan"):
            case = Case.objects.get(number=number)
            case.state["withheld"] = {f"sm3:{0:064}": ["handling/1", 1, None, "intake"]}
            case.save()
            with pytest.raises(MatterParked, match="另一方暂停"):
                procedures.system_act(
                    matter=number, act=Act.ESCALATE, role=Role.HANDLING, at=world.at, given={"about": about}
                )

    def test_parks_nothing_for_the_future_that_it_lags_behind_itself(self, world: World) -> None:
        number = stories.forwarded(world)
        heard(world, "qingyang", 3600)
        later = world.at + timedelta(hours=1)
        with world.on("jiashan"):
            commands.act(case=number, act=Act.ACKNOWLEDGE, by=stories.officer(world, number), at=later)
            worker.seal(later)
            sending.send_to(Peer.objects.get(), later)
            (row,) = Outstanding.objects.filter(subject=number)
            assert "校准" in row.trouble
        assert stories.case_on(world, "qingyang", number).parked == ""
        heard(world, "qingyang", 0)
        with world.on("jiashan"):
            sending.send_to(Peer.objects.get(), later + timedelta(minutes=10))
        assert stories.case_on(world, "qingyang", number).parked == "at_in_future"

    def test_waits_for_no_date_that_a_clock_from_the_future_set(self, world: World) -> None:
        number = stories.forwarded(world)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        with world.on("jiashan"):
            tomorrow = world.at + timedelta(days=9)
            Peer.objects.update(next_at=tomorrow, attempts=3)
            Outstanding.objects.update(next_at=tomorrow, attempts=3)
            Content.objects.update(complete=False, chunks=0, sealed=None, next_at=tomorrow)
            assert fetching.fetch_from(world["qingyang"].fingerprint, world.at)
        world.settle()
        assert stories.case_on(world, "qingyang", number).phase == "acknowledged"

    def test_takes_no_peer_for_back_that_was_heard_by_a_clock_from_the_future(self, world: World) -> None:
        number = stories.forwarded(world)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        with world.on("jiashan"):
            worker.seal(world.at)
            later = world.at + timedelta(seconds=4)
            Peer.objects.update(next_at=later, attempts=3, heard_at=world.at + timedelta(days=1))
            Outstanding.objects.update(next_at=later, attempts=3)
            assert sending.send_to(Peer.objects.get(), world.at) == 0
            Peer.objects.update(heard_at=world.at + timedelta(seconds=1))
            assert sending.send_to(Peer.objects.get(), world.at + timedelta(seconds=1)) == 1

    def test_is_not_sealed_at_a_false_time(self, world: World) -> None:
        number = stories.forwarded(world)
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        heard(world, "jiashan", -3600)
        with world.on("jiashan"):
            assert worker.seal(world.at) == 0
        heard(world, "jiashan", 0)
        with world.on("jiashan"):
            assert worker.seal(world.at) == 1


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
            hear_all(world.at)
            assert [row.skew for row in ClockWitness.objects.all()] == [0]


def hear_all(at: datetime) -> None:
    """Let every peer of the present node be heard once."""
    for peer in Peer.active():
        trust.hear(peer, at)


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
