"""The main errands end to end over two nodes, in one process."""

import pytest

from tests import stories
from tests.journeys.checks import acts, consistent, kinds, same_on_both
from tests.world import World
from tongban.accounts.access.actor import ActorKind
from tongban.cases import commands
from tongban.cases.words import Act, Duty, Mode, Phase
from tongban.kernel import vault
from tongban.kernel.journal import writer as journal
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow


class TestTakenInElsewhereDecidedAtHome:
    def test_is_granted_and_delivered(self, world: World) -> None:
        number = stories.delivered(world)

        state = same_on_both(world, number)
        assert state["phase"] == Phase.DELIVERED
        assert state["facts"]["handling"]["outcome"] == "granted"
        assert state["duties"] == {}
        consistent(world)

    def test_is_denied(self, world: World) -> None:
        number = stories.decided(world, outcome="denied")
        stories.conclude(world, number)
        stories.deliver(world, number)

        state = same_on_both(world, number)
        assert (state["phase"], state["facts"]["handling"]["outcome"]) == (Phase.DELIVERED, "denied")

    def test_is_refused_with_reasons_and_remedies(self, world: World) -> None:
        number = stories.acknowledged(world)
        officer = stories.officer(world, number)
        texts = {"reason": "不属于受理范围"}
        stories.do(world, "jiashan", number, Act.REFUSE, officer, texts=texts)
        stories.conclude(world, number)
        stories.deliver(world, number)

        state = same_on_both(world, number)
        assert (state["phase"], state["facts"]["handling"]["outcome"]) == (Phase.DELIVERED, "refused")
        assert self.text(world, "qingyang", number, Act.REFUSE, "reason") == texts["reason"]
        assert "向嘉善县人民法院提起行政诉讼" in self.text(world, "qingyang", number, Act.REFUSE, "remedies")

    @staticmethod
    def text(world: World, key: str, number: str, act: Act, label: str) -> str:
        with world.on(key):
            event = next(event for event in journal.events_of(number) if event.kind == act)
            piece = next(piece for piece in event.content if piece["label"] == label)
            return vault.get(number, piece["digest"]).decode()


class TestAtTheWindow:
    def test_what_is_missing_is_told_once_and_brought(self, world: World) -> None:
        number = stories.received(world)
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "缺少照片"})
        assert kinds(stories.case_on(world, "qingyang", number).state) == [Duty.SUPPLEMENT]
        stories.do(world, "qingyang", number, Act.SUPPLEMENT, clerk, texts=stories.BROUGHT)
        with pytest.raises(ActNotAllowed, match="不得再次"):
            stories.do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "还缺一份"})
        stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
        stories.do(world, "qingyang", number, Act.PASS_REVIEW, clerk)
        stories.do(world, "qingyang", number, Act.FORWARD, clerk)
        world.settle()
        assert same_on_both(world, number)["phase"] == Phase.FORWARDED

    def test_a_case_is_returned(self, world: World) -> None:
        number = stories.received(world)
        clerk = world["qingyang"].staff("window")
        stories.do(world, "qingyang", number, Act.RETURN, clerk, texts={"reason": "应向户籍地公安机关申请"})

        state = stories.case_on(world, "qingyang", number).state
        assert (state["phase"], state["duties"]) == (Phase.RETURNED, {})
        consistent(world)

    def test_an_unchecked_identity_does_not_pass(self, world: World) -> None:
        number = stories.received(world)
        with pytest.raises(ActNotAllowed, match="核验申请人身份"):
            stories.do(world, "qingyang", number, Act.PASS_REVIEW, world["qingyang"].staff("window"))


class TestWithdrawal:
    def test_before_forwarding_is_the_applicants_own_affair(self, world: World) -> None:
        number = stories.reviewed(world)
        stories.do(world, "qingyang", number, Act.WITHDRAW, world["qingyang"].staff("window"))

        state = stories.case_on(world, "qingyang", number).state
        assert (state["phase"], state["duties"]) == (Phase.WITHDRAWN, {})

    def test_afterwards_is_granted_by_the_authority(self, world: World) -> None:
        number = stories.accepted(world)
        world.settle()
        stories.do(world, "qingyang", number, Act.REQUEST_WITHDRAWAL, world["qingyang"].staff("window"))
        world.settle()
        assert Duty.ANSWER_WITHDRAWAL in kinds(same_on_both(world, number))
        stories.do(world, "jiashan", number, Act.GRANT_WITHDRAWAL, stories.officer(world, number))
        world.settle()

        state = same_on_both(world, number)
        assert (state["phase"], state["facts"]["handling"]["withdrawal"]) == (Phase.WITHDRAWN, "granted")
        assert kinds(state) == [Duty.DROP]  # what it got, in sixty days
        consistent(world)

    def test_that_crosses_the_decision_is_answered_too_late(self, world: World) -> None:
        number = stories.accepted(world)
        world.settle()
        world["qingyang"].reachable = False
        stories.do(world, "qingyang", number, Act.REQUEST_WITHDRAWAL, world["qingyang"].staff("window"))
        stories.review_all(world, number)
        head, officer = stories.officer(world, number, post="decider"), stories.officer(world, number)
        given, texts = {"outcome": "granted"}, {"decision": "准予"}
        stories.do(world, "jiashan", number, Act.DECIDE, head, given=given, texts=texts)
        world["qingyang"].reachable = True
        world.settle()
        facts = same_on_both(world, number)["facts"]
        assert facts["intake"]["withdrawal_requested"] == 1
        assert "withdrawal_answered" not in facts["handling"]
        stories.do(world, "jiashan", number, Act.DENY_WITHDRAWAL, officer)
        stories.conclude(world, number)
        stories.deliver(world, number)

        state = same_on_both(world, number)
        assert (state["phase"], state["facts"]["handling"]["withdrawal"]) == (Phase.DELIVERED, "too_late")
        assert state["facts"]["handling"]["withdrawal_answered"] == 1
        assert state["duties"] == {}
        consistent(world)


class TestUrging:
    def test_is_answered(self, world: World) -> None:
        number = stories.acknowledged(world)
        world.settle()
        clerk, officer = world["qingyang"].staff("window"), stories.officer(world, number)
        stories.do(world, "qingyang", number, Act.URGE, clerk)
        stories.do(world, "qingyang", number, Act.URGE, clerk)
        world.settle()
        assert kinds(same_on_both(world, number)).count(Duty.HEED_URGING) == 2
        stories.do(world, "jiashan", number, Act.REPLY_URGING, officer, texts={"reply": "今日受理"})
        world.settle()

        state = same_on_both(world, number)
        assert Duty.HEED_URGING not in kinds(state)
        assert not state["facts"]["intake"].get("parked")
        consistent(world)


class TestLimits:
    def test_stand_still_during_a_special_procedure_and_are_extended_once(self, world: World) -> None:
        number = stories.accepted(world)
        officer, head = stories.officer(world, number), stories.officer(world, number, post="decider")
        review = {"given": {"step": "review"}, "texts": {"opinion": "同意"}}
        stories.do(world, "jiashan", number, Act.REVIEW, officer, **review)
        first = stories.case_on(world, "jiashan", number).decide_by
        suspend = {"given": {"procedure": "检验检测"}, "texts": {"reason": "需要检验"}}
        stories.do(world, "jiashan", number, Act.SUSPEND, head, **suspend)
        assert stories.case_on(world, "jiashan", number).decide_by is None
        world.wait_until("2026-03-09")
        stories.do(world, "jiashan", number, Act.RESUME, head)
        second = stories.case_on(world, "jiashan", number).decide_by
        assert second > first  # type: ignore[operator]
        stories.do(world, "jiashan", number, Act.EXTEND, head, texts={"reason": "案情复杂"})
        case = stories.case_on(world, "jiashan", number)
        assert case.decide_by > second  # type: ignore[operator]
        with pytest.raises(ActNotAllowed, match="已经延长过"):
            stories.do(world, "jiashan", number, Act.EXTEND, head, texts={"reason": "再延"})
        due = [duty["due"] for duty in case.state["duties"].values() if duty["kind"] == Duty.DECIDE]
        assert due == [f"{case.decide_by}"]
        world.settle()
        assert same_on_both(world, number)["facts"]["handling"]["extended"]
        consistent(world)

    def test_missed_are_put_to_whoever_holds_the_duty(self, world: World) -> None:
        number = stories.forwarded(world)
        world.wait_until("2026-03-05")
        world.watch()
        world.settle()
        state = same_on_both(world, number)
        watching = [duty for duty in state["duties"].values() if duty["kind"] == Duty.SUPERVISE]
        assert [duty["holder"]["org"] for duty in watching] == [stories.officer(world, number).organisation]
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        world.settle()

        assert Duty.SUPERVISE not in kinds(same_on_both(world, number))
        consistent(world)


class TestFullyOnline:
    @pytest.mark.parametrize("handling", ["jiashan", "qingyang"])
    def test_goes_to_the_authority_at_once_and_is_granted(self, world: World, handling: str) -> None:
        applicant = world["qingyang"].applicant(assurance=3)
        number = stories.draft(world, "qingyang", handling, stories.PROXY, applicant)
        with world.on("qingyang"):
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=applicant, at=world.at)
        world.settle()
        assert stories.case_on(world, handling, number).phase == Phase.FORWARDED
        officer = stories.officer(world, number, handling)
        stories.do(world, handling, number, Act.ACKNOWLEDGE, officer)
        stories.do(world, handling, number, Act.ACCEPT, officer)
        stories.review_all(world, number, handling)
        head = stories.officer(world, number, handling, "decider")
        given, texts = {"outcome": "granted"}, {"decision": "准予"}
        stories.do(world, handling, number, Act.DECIDE, head, given=given, texts=texts)
        stories.conclude(world, number, handling)
        # Nobody at a window has to hand out what is electronic.
        stories.do(world, "qingyang", number, Act.CONFIRM_DELIVERY, applicant)
        world.settle()

        state = same_on_both(world, number, "qingyang", handling)
        assert (state["phase"], state["duties"]) == (Phase.DELIVERED, {})
        consistent(world)

    def test_is_refused_to_an_applicant_whose_identity_is_not_known_well_enough(self, world: World) -> None:
        applicant = world["qingyang"].applicant(assurance=1)
        number = stories.draft(world, "qingyang", "jiashan", stories.PROXY, applicant)
        with world.on("qingyang"), pytest.raises(ActNotAllowed, match="实名等级"):
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=applicant, at=world.at)
        assert applicant.kind is ActorKind.APPLICANT
        assert not acts(world, "qingyang", number)
