"""Which review step comes next, whose it is; and for how many days each holder answers."""

import pytest

from tests import stories
from tests.stories import do
from tests.world import World
from tongban.accounts.access.actor import Permission
from tongban.cases import steps
from tongban.cases.models import Case
from tongban.cases.words import Act, Duty
from tongban.kernel.time.clock import official_day
from tongban.procedures import listing, queues
from tongban.supervision import accounts_for


class TestNextStep:
    def test_is_named_by_the_guide_with_its_place_and_permission(self, world: World) -> None:
        number = stories.accepted(world)
        with world.on("jiashan"):
            step = steps.of_cases([number])[number]
            assert (step.name, step.place, step.of, step.permission) == (
                "审查", 1, 1, Permission.CASE_REVIEW,
            )  # fmt: skip

    def test_is_none_without_a_guide_and_when_all_are_done(self) -> None:
        assert steps.of_case(None, {}) is None
        guide = {"review_steps": [{"code": "review", "name": "审查", "permission": "case.review"}]}
        assert steps.of_case(guide, {"reviewed": ["review"]}) is None

    def test_stands_in_the_queue_with_whose_it_is(self, world: World) -> None:
        number = stories.accepted(world)
        officer, head = stories.officer(world, number), stories.officer(world, number, post="decider")
        with world.on("jiashan"):
            for actor, for_others in ((officer, False), (head, True)):
                rows = listing.lines(list(queues.held(actor)), actor, official_day(world.at))
                line = next(row for row in rows if row.duty.kind == Duty.REVIEW)
                assert (line.step, line.for_others) == ("", for_others)  # called as the act is


@pytest.mark.slow
class TestWhoIsLate:
    def test_each_segment_counts_its_own_days(self, world: World) -> None:
        number = stories.accepted(world)  # the decision is due on 2026-03-16
        world.wait_until("2026-03-18")
        by = stories.officer(world, number)
        do(world, "jiashan", number, Act.REVIEW, by, given={"step": "review"}, texts={"opinion": "同意"})
        world.wait_until("2026-03-20")
        with world.on("jiashan"):
            case = Case.objects.get(number=number)
            late = [one.overrun for one in accounts_for.segments(case, world.at) if one.title == "审查"]
            assert late == [2]  # 17 and 18
            rows = listing.lines(list(queues.held(by)), by, official_day(world.at))
            assert [row.standing.days_late for row in rows if row.duty.kind == Duty.DECIDE] == [
                2
            ]  # 19 and 20
