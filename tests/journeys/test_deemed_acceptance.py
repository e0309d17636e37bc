"""视为受理: a licensing case that nobody accepted or asked about in time (行政许可法 第三十二条)."""

import pytest

from tests import stories
from tests.journeys.checks import acts, consistent, kinds, same_on_both
from tests.world import World
from tongban.cases.words import Act, Duty, Phase
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow
LAST_DAY, SIXTH_DAY = "2026-03-09", "2026-03-10"  # received on Monday, 2 March


class TestALicensingCase:
    def test_is_deemed_accepted_on_the_sixth_working_day_from_the_day_of_receipt(self, world: World) -> None:
        number = stories.acknowledged(world, template=stories.LICENSING)
        world.wait_until(LAST_DAY, hour=20)
        world.watch()
        assert stories.case_on(world, "jiashan", number).phase == Phase.ACKNOWLEDGED
        world.wait_until(SIXTH_DAY, hour=1)
        world.watch()
        world.settle()

        state = same_on_both(world, number)
        assert state["phase"] == Phase.ACCEPTED
        assert (state["facts"]["handling"]["accepted_on"], state["facts"]["handling"]["deemed_on"]) == (
            "2026-03-02",
            SIXTH_DAY,
        )
        assert state["clocks"]["decision"]["from"] == "2026-03-02"
        assert kinds(state) == [Duty.REVIEW]
        consistent(world)

    def test_counts_from_the_day_on_which_the_window_had_everything_it_asked_for(self, world: World) -> None:
        number = stories.received(world, template=stories.LICENSING)
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "缺检验报告"})
        world.wait_until("2026-03-16")
        stories.do(world, "qingyang", number, Act.SUPPLEMENT, clerk, texts=stories.BROUGHT)
        stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
        stories.do(world, "qingyang", number, Act.PASS_REVIEW, clerk)
        stories.do(world, "qingyang", number, Act.FORWARD, clerk)
        world.settle()
        world.watch()
        assert stories.case_on(world, "jiashan", number).phase == Phase.FORWARDED

        world.wait_until("2026-03-24")
        world.watch()
        state = stories.case_on(world, "jiashan", number).state
        assert state["phase"] == Phase.ACCEPTED
        assert (
            state["facts"]["handling"]["accepted_on"] == state["clocks"]["decision"]["from"] == "2026-03-16"
        )

    def test_is_deemed_accepted_before_any_other_act_after_a_downtime(self, world: World) -> None:
        number = stories.acknowledged(world, template=stories.LICENSING)
        officer = stories.officer(world, number)
        world.wait_until("2026-03-16")
        with pytest.raises(ActNotAllowed):
            stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "缺一份"})

        assert acts(world, "jiashan", number)[-1] == Act.DEEM_ACCEPTED
        assert stories.case_on(world, "jiashan", number).phase == Phase.ACCEPTED

    def test_is_deemed_accepted_when_it_arrives_too_late_to_be_looked_at(self, world: World) -> None:
        world["jiashan"].reachable = False
        number = stories.forwarded(world, template=stories.LICENSING)
        world["jiashan"].reachable = True
        world.wait_until("2026-03-16")
        world.settle()
        world.watch()
        world.settle()

        state = same_on_both(world, number)
        assert (state["phase"], kinds(state)) == (Phase.ACCEPTED, [Duty.REVIEW])

    def test_is_deemed_accepted_if_the_applicant_was_told_of_a_correction_too_late(
        self, world: World
    ) -> None:
        number = stories.acknowledged(world, template=stories.LICENSING)
        officer = stories.officer(world, number)
        world.wait_until(LAST_DAY)
        stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "缺一份"})
        world.settle()
        world.wait_until(SIXTH_DAY)
        stories.do(world, "qingyang", number, Act.TELL, world["qingyang"].staff("window"))
        world.settle()
        world.watch()
        world.settle()

        assert same_on_both(world, number)["phase"] == Phase.ACCEPTED
        consistent(world)

    def test_is_not_deemed_accepted_if_the_applicant_was_told_in_time(self, world: World) -> None:
        number = stories.acknowledged(world, template=stories.LICENSING)
        officer = stories.officer(world, number)
        stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "缺一份"})
        world.settle()
        stories.do(world, "qingyang", number, Act.TELL, world["qingyang"].staff("window"))
        world.settle()
        world.wait_until("2026-03-20")
        world.watch()

        assert stories.case_on(world, "jiashan", number).phase == Phase.CORRECTING


class TestAnyOtherCase:
    def test_is_only_late(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.wait_until("2026-03-20")
        world.watch()

        state = stories.case_on(world, "jiashan", number).state
        assert (state["phase"], kinds(state)) == (
            Phase.ACKNOWLEDGED,
            [Duty.ACCEPT_OR_CORRECT, Duty.SUPERVISE],
        )
