"""The watch goes through all there is, in batches of whatever size; what waits or fails keeps nothing behind it waiting."""

import pytest

from tests import stories
from tests.journeys.checks import kinds
from tests.journeys.test_afterwards import TestACalendarNotPublished
from tests.world import World
from tongban.cases.words import Act, Duty, Role
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Duty as DutyRow
from tongban.kernel.time import calendars
from tongban.procedures import commands as procedures
from tongban.procedures import tasks as watch

THREE = range(3)


@pytest.mark.slow
class TestInBatchesOfOne:
    def test_every_late_duty_is_escalated_once(self, world: World) -> None:
        numbers = [stories.forwarded(world) for _ in THREE]
        world.wait_until("2026-03-05")
        with world.on("jiashan"):
            assert watch.escalate_all(world.at, batch=1) == 3
            assert watch.escalate_all(world.at, batch=1) == 0
            watched = DutyRow.objects.filter(kind=Duty.SUPERVISE, closed_at=None)
            assert sorted(watched.values_list("subject", flat=True)) == sorted(numbers)

    def test_one_that_is_late_again_is_told_behind_two_that_were_told(self, world: World) -> None:
        for _ in THREE[:2]:
            stories.forwarded(world)
        world.wait_until("2026-03-05")
        world.watch()
        later = stories.forwarded(world)
        world.wait_until("2026-03-09")
        with world.on("jiashan"):
            assert watch.escalate_all(world.at, batch=1) == 1
            assert DutyRow.objects.filter(subject=later, kind=Duty.SUPERVISE).exists()

    def test_what_a_role_owes_that_is_unknown_here_is_left_to_who_knows_it(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        number = stories.forwarded(world)
        with world.on("jiashan") as node:
            DutyRow.objects.create(
                procedure="case", subject=number, name="review/1.1.0", kind="check", role="review", node=node.fingerprint,
                organisation=node.centre, due_on="2026-03-02", since=world.at, basis="", limit="",
            )  # fmt: skip
            world.wait_until("2026-03-03")
            assert watch.escalate_all(world.at) == 0
        assert not caplog.records

    def test_a_case_that_fails_keeps_no_other_from_being_told(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = [stories.forwarded(world) for _ in THREE]
        world.wait_until("2026-03-05")
        act = procedures.system_act

        def failing(*, matter: str, **more: object) -> object:
            if matter == numbers[0]:
                raise RuntimeError("一处毛病")
            return act(matter=matter, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(procedures, "system_act", failing)
        with world.on("jiashan"):
            assert watch.escalate_all(world.at, batch=1) == 2

    def test_all_that_was_sent_here_arrives(self, world: World) -> None:
        numbers = []
        for _ in THREE:
            numbers.append(stories.reviewed(world, handling="qingyang"))
            stories.do(world, "qingyang", numbers[-1], Act.FORWARD, world["qingyang"].staff("window"))
        with world.on("qingyang"):
            assert watch.arrive_all(world.at, batch=1) == 3
            assert watch.arrive_all(world.at, batch=1) == 0
        for number in numbers:
            assert kinds(stories.case_on(world, "qingyang", number).state) == [Duty.ACKNOWLEDGE]

    def test_dates_are_set_once_there_is_a_calendar_and_one_year_without_keeps_none_waiting(
        self, world: World
    ) -> None:
        world.wait_until("2026-12-21")
        numbers = [stories.accepted(world) for _ in THREE]
        with world.on("jiashan"):
            assert watch.set_dues(world.at, batch=1) == 0
            calendars.load(TestACalendarNotPublished.next_year())
            assert watch.set_dues(world.at, batch=1) == 3
            assert watch.set_dues(world.at, batch=1) == 0
        for number in numbers:
            case = stories.case_on(world, "jiashan", number)
            assert f"{case.decide_by}" == "2027-01-05"

    def test_everything_that_is_to_be_destroyed_is(self, world: World) -> None:
        numbers = []
        for _ in THREE:
            numbers.append(stories.received(world))
            clerk = world["qingyang"].staff("window")
            stories.do(world, "qingyang", numbers[-1], Act.RETURN, clerk, texts={"reason": "不属于本事项"})
            archivist = world["qingyang"].staff("archive")
        world.wait_until("2028-01-02")
        supervisor = world["qingyang"].staff("supervisor")
        for number in numbers:
            stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
            stories.do(world, "qingyang", number, Act.APPROVE_DESTRUCTION, supervisor)
        world.wait_until("2028-01-13")
        with world.on("qingyang"):
            assert watch.destroy_all(world.at, batch=1) == 3
            assert watch.destroy_all(world.at, batch=1) == 0
        for number in numbers:
            assert stories.case_on(world, "qingyang", number).state["duties"] == {}


class TestTheDueDay:
    def test_is_not_late_yet(self, world: World) -> None:
        number = stories.forwarded(world)  # to be signed for within one working day
        (name,) = stories.case_on(world, "jiashan", number).state["duties"]
        for day, expected in (("2026-03-03", 0), ("2026-03-04", 1)):
            world.wait_until(day, 23)
            with world.on("jiashan"):
                if not expected:
                    # Nor by whoever asks past the list that the watch reads.
                    with pytest.raises(DomainError, match="没有逾期"):
                        procedures.system_act(
                            matter=number, act=Act.ESCALATE, role=Role.HANDLING, at=world.at, given={"about": name}
                        )  # fmt: skip
                assert watch.escalate_all(world.at) == expected
