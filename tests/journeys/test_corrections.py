"""一次告知补正: asked for once, told at the window, answered online, at the window, or in a third county."""

import pytest

from tests import stories
from tests.journeys.checks import acts, consistent, kinds, same_on_both
from tests.world import World
from tongban.accounts.access.actor import ActorKind
from tongban.cases import answer_code, commands
from tongban.cases.words import Act, Duty, Mode, Phase
from tongban.catalogue import queries as catalogue
from tongban.exchange import third_party
from tongban.kernel import vault
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.procedures.deciding import ActNotAllowed
from tongban.procedures.queries import timeline

pytestmark = pytest.mark.slow


def asked(world: World, number: str) -> str:
    """The authority has asked for a correction, and the applicant was told."""
    officer = stories.officer(world, number)
    stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "请补照片"})
    world.settle()
    if Duty.TELL in kinds(stories.case_on(world, "qingyang", number).state):  # online, the system has told
        stories.do(world, "qingyang", number, Act.TELL, world["qingyang"].staff("window"))
    world.settle()
    return number


class TestACorrection:
    def test_answered_at_the_window_leads_to_acceptance(self, world: World) -> None:
        number = asked(world, stories.acknowledged(world))
        assert kinds(same_on_both(world, number)) == [Duty.ANSWER]
        stories.do(
            world, "qingyang", number, Act.ANSWER, world["qingyang"].staff("window"), texts=stories.BROUGHT
        )
        world.settle()
        assert kinds(same_on_both(world, number)) == [Duty.RECHECK]
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()

        state = same_on_both(world, number)
        assert (state["phase"], kinds(state)) == (Phase.ACCEPTED, [Duty.REVIEW])
        consistent(world)

    def test_is_answered_online_by_the_applicant_alone(self, world: World) -> None:
        applicant = world["qingyang"].applicant(assurance=3)
        number = stories.draft(world, "qingyang", "jiashan", stories.PROXY, applicant)
        with world.on("qingyang"):
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=applicant, at=world.at)
        world.settle()
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        asked(world, number)
        stranger = world["qingyang"].applicant("B2", assurance=3)
        with pytest.raises(NotFound):
            stories.do(world, "qingyang", number, Act.ANSWER, stranger, texts=stories.BROUGHT)
        stories.do(world, "qingyang", number, Act.ANSWER, applicant, texts=stories.BROUGHT)
        world.settle()

        assert kinds(same_on_both(world, number)) == [Duty.RECHECK]

    def test_is_asked_for_once(self, world: World) -> None:
        number = asked(world, stories.acknowledged(world))
        officer = stories.officer(world, number)
        with pytest.raises(ActNotAllowed):
            stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "再补一份"})

    def test_that_is_never_answered_ends_in_refusal_after_the_time_for_it(self, world: World) -> None:
        number = asked(world, stories.acknowledged(world))
        officer = stories.officer(world, number)
        texts = {"reason": "逾期未补正"}
        with pytest.raises(ActNotAllowed, match="期限未满"):
            stories.do(world, "jiashan", number, Act.REFUSE, officer, texts=texts)
        world.wait_until("2026-04-20")
        stories.do(world, "jiashan", number, Act.REFUSE, officer, texts=texts)
        world.settle()

        assert same_on_both(world, number)["phase"] == Phase.REFUSED
        consistent(world)


@pytest.mark.attack("A8")
class TestAThirdCounty:
    """The applicant answers where they happen to be; that window never writes into the case."""

    def send(self, world: World, number: str, **more: object) -> str:
        with world.on("qingyang"):
            code = more.get("code") or answer_code.of(number)
        with world.on("third"):
            return third_party.send_answer(
                case=number, intake=world["qingyang"].fingerprint, note="本人到场，原件已核",
                files=[(self.material(world, number), "photo.png", stories.PNG)],
                code=code, seen="id_card", by=more.get("by") or world["third"].staff("window"), at=world.at,  # type: ignore[arg-type]
            )  # fmt: skip

    @staticmethod
    def material(world: World, number: str) -> str:
        state = stories.case_on(world, "qingyang", number).state
        with world.on("qingyang"):
            guide = catalogue.guide_by_digest(state["roles"]["intake"]["papers"][0]["digest"]).body
        return next(m["code"] for m in guide["materials"] if "image/png" in m["accept"])

    def test_sends_a_signed_statement_that_intake_adopts(self, make_world: object) -> None:
        world: World = make_world("qingyang", "jiashan", "third")  # type: ignore[operator]
        number = asked(world, stories.acknowledged(world))
        digest = self.send(world, number)
        world.settle()
        assert kinds(same_on_both(world, number)) == [Duty.ANSWER, Duty.CONFIRM_ANSWER]
        clerk = world["qingyang"].staff("window")
        with world.on("qingyang"):
            line = timeline(stories.Case.objects.get(number=number), clerk)[-1]
        assert line.how == "由第三地窗口代收"
        assert line.organisation == ""
        with pytest.raises(InvalidInput, match="已有一份第三地代收的答复"):
            self.send(world, number)
        with pytest.raises(NotPermitted):
            stories.do(world, "qingyang", number, Act.CONFIRM_ANSWER, world["qingyang"].staff("supervisor"))
        stories.do(world, "qingyang", number, Act.CONFIRM_ANSWER, clerk)
        world.settle()

        state = same_on_both(world, number)
        assert kinds(state) == [Duty.RECHECK]
        for key in ("qingyang", "jiashan"):
            with world.on(key):
                event = next(event for event in journal.events_of(number) if event.kind == Act.TAKE_ANSWER)
                assert event.node == world["qingyang"].fingerprint
                assert event.given["taken_by"] == world["third"].fingerprint
                assert event.actor["kind"] == ActorKind.SYSTEM
                assert digest in [piece["digest"] for piece in event.content]
                assert b'"signatures"' in vault.get(number, digest)
                labels = [piece["label"] for piece in event.content]
                assert len(labels) == 2
        assert not acts(world, "third", number)
        consistent(world)

    @pytest.mark.prove("a case over three nodes")
    def test_can_be_turned_down_and_leaves_the_applicant_their_answer(self, make_world: object) -> None:
        world: World = make_world("qingyang", "jiashan", "third")  # type: ignore[operator]
        number = asked(world, stories.acknowledged(world))
        self.send(world, number)
        clerk, officer = world["qingyang"].staff("window"), stories.officer(world, number)
        world.settle()
        world.wait_until("2026-04-20")  # the time to answer is over, and an answer waits at intake
        texts = {"reason": "逾期未补正"}
        with pytest.raises(ActNotAllowed, match="待收件地确认"):
            stories.do(world, "jiashan", number, Act.REFUSE, officer, texts=texts)
        stories.do(
            world, "qingyang", number, Act.REJECT_ANSWER, clerk, texts={"reason": "不是申请人本人的材料"}
        )
        world.settle()
        assert Duty.ANSWER in kinds(same_on_both(world, number))
        self.send(world, number)
        stories.do(world, "qingyang", number, Act.CONFIRM_ANSWER, clerk)
        world.settle()
        assert Duty.RECHECK in kinds(same_on_both(world, number))
        consistent(world)

    def test_is_told_why_its_answer_is_not_adopted(self, make_world: object) -> None:
        world: World = make_world("qingyang", "jiashan", "third")  # type: ignore[operator]
        number = stories.acknowledged(world)
        before = acts(world, "qingyang", number)
        with pytest.raises(InvalidInput, match=number):
            self.send(world, number)
        with pytest.raises(InvalidInput, match="答复码不对"):
            self.send(world, number, code="0000-000-000")
        with pytest.raises(NotPermitted):
            self.send(world, number, by=world["third"].staff("officer"))
        assert acts(world, "qingyang", number) == before
        consistent(world)
