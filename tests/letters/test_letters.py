"""The letters of a case: when each is due, for whom, what it says; that it can be read back from paper."""

import io
import re

import pypdf
import pytest
import zxingcpp
from PIL import Image

from tests import stories
from tests.crowds import crowd, others
from tests.looked import readings
from tests.stories import case_on, do
from tests.world import World
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.cases import checklist, commands, papers
from tongban.cases.checklist import Answer, Checked
from tongban.cases.words import Act, Mode
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.gates import Busy
from tongban.kernel.journal.fold import State
from tongban.letters import printing, queries
from tongban.letters.queries import LETTERS, Reader
from tongban.letters.sources import LetterNotDue
from tongban.materials import queries as materials

pytestmark = [
    pytest.mark.slow,
    pytest.mark.drawn,
    pytest.mark.once("a letter is made of what was read already"),
]

REASON = "户籍不在本县，不属于本机关职权范围。"


def taken_in(world: World, template: str = stories.PROXY, *, lacking: str = "") -> str:
    """Take a case in at a window that attests every check."""
    clerk, number = world["qingyang"].staff("window"), stories.filed(world, template=template)
    with world.on("qingyang"):
        guide = papers.terms_of(State.from_dict(case_on(world, "qingyang", number).state)).guide
        checks = checklist.compiled(guide, materials.form_of(number))
    answers = {
        one.code: Answer.LACKING if one.code == lacking else Answer.OK for one in checks if one.mandatory
    }
    do(
        world, "qingyang", number, Act.RECEIVE, clerk,
        texts={checklist.LABEL: Checked(answers).to_text(), "window": "办事大厅（演示） 跨省通办专窗 1"},
    )  # fmt: skip
    return number


def pushed(world: World, template: str = stories.PROXY) -> str:
    clerk, number = world["qingyang"].staff("window"), taken_in(world, template)
    do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    do(world, "qingyang", number, Act.PASS_REVIEW, clerk)
    do(world, "qingyang", number, Act.FORWARD, clerk)
    world.settle()
    do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
    return number


def refused(world: World, template: str = stories.PROXY) -> str:
    number = pushed(world, template)
    texts = {"reason": REASON}
    do(world, "jiashan", number, Act.REFUSE, stories.officer(world, number), texts=texts)
    world.settle()
    return number


def decided(world: World, template: str = stories.PROXY, outcome: str = "granted") -> str:
    number = pushed(world, template)
    do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
    stories.review_all(world, number)
    head = stories.officer(world, number, post="decider")
    do(
        world,
        "jiashan",
        number,
        Act.DECIDE,
        head,
        given={"outcome": outcome},
        texts={"decision": "准予补领一张。"},
    )
    world.settle()
    return number


def kinds(world: World, node: str, number: str, by: Actor) -> list[str]:
    with world.on(node):
        return list(queries.due(case_on(world, node, number), by=by))


def printed(world: World, node: str, number: str, kind: str, by: Actor) -> str:
    """Print a letter and return its words without spaces."""
    with world.on(node):
        data = queries.printed(kind, case_on(world, node, number), by=by, at=world.at).pdf
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def clerk_of(world: World) -> Actor:
    return world["qingyang"].staff("window")


class TestWhenAndForWhom:
    def test_says_for_every_letter_who_prints_it_and_after_what(self) -> None:
        assert {kind for kind, rule in LETTERS.items() if not rule.after or not rule.readers} == set()
        internal = {kind for kind, rule in LETTERS.items() if Reader.APPLICANT not in rule.readers}
        assert internal == {"handover", "delivery"}

    def test_is_due_from_its_act_on_and_in_every_later_state(self, world: World) -> None:
        clerk, number = clerk_of(world), stories.filed(world)
        assert kinds(world, "qingyang", number, clerk) == []
        number = taken_in(world)
        assert kinds(world, "qingyang", number, clerk) == ["receipt"]
        number = refused(world)
        assert kinds(world, "qingyang", number, clerk) == ["refusal", "delivery", "handover", "receipt"]
        head = stories.officer(world, number, post="decider")
        do(world, "jiashan", number, Act.CONCLUDE, head)
        world.settle()
        assert "refusal" in kinds(world, "qingyang", number, clerk)
        words = printed(world, "qingyang", number, "receipt", clerk)
        assert "收件凭证" in words
        # Whoever has no account is told how to look without one.
        assert "您不用注册" in words
        assert "/lookup/" in words

    def test_is_offered_to_the_authority_but_for_the_windows_receipt(self, world: World) -> None:
        number = refused(world)
        officer = stories.officer(world, number)
        assert kinds(world, "jiashan", number, officer) == ["refusal", "delivery", "handover"]
        with world.on("jiashan"), pytest.raises(NotPermitted):
            queries.compose("receipt", case_on(world, "jiashan", number), by=officer, at=world.at)

    def test_is_offered_to_whom_the_case_belongs_and_to_no_other_applicant(self, world: World) -> None:
        owner = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="A1", assurance=3)
        number = stories.draft(world, "qingyang", "jiashan", stories.PROXY, owner)
        with world.on("qingyang"):
            commands.file(number=number, mode=Mode.PROXY_INTAKE, by=owner, at=world.at)
        clerk = clerk_of(world)
        do(world, "qingyang", number, Act.RECEIVE, clerk)
        do(world, "qingyang", number, Act.RETURN, clerk, texts={"reason": "应由户籍地办理"})
        assert kinds(world, "qingyang", number, owner) == ["return"]
        words = printed(world, "qingyang", number, "return", owner)
        assert "应由户籍地办理" in words
        assert "经办人" not in words or clerk.staff not in words
        with world.on("qingyang"):
            stranger = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="B2", assurance=3)
            with pytest.raises(NotPermitted):
                queries.compose("return", case_on(world, "qingyang", number), by=stranger, at=world.at)

    def test_is_refused_before_its_time_and_where_there_is_none(self, world: World) -> None:
        number = taken_in(world)
        with world.on("qingyang"):
            case = case_on(world, "qingyang", number)
            with pytest.raises(LetterNotDue):
                queries.compose("refusal", case, by=clerk_of(world), at=world.at)
            with pytest.raises(NotFound):
                queries.compose("nonsense", case, by=clerk_of(world), at=world.at)


class TestWhatItSays:
    def test_refusal_gives_reason_basis_and_remedies(self, world: World) -> None:
        words = printed(world, "qingyang", refused(world), "refusal", clerk_of(world))
        assert "不予受理通知书" in words
        assert REASON in words
        assert "向嘉善县人民政府申请行政复议" in words
        assert "向嘉善县人民法院提起行政诉讼" in words
        assert "行政许可法" not in words
        assert "嘉善县人力资源和社会保障局" in words

    def test_refusal_of_a_licence_names_the_permit_law(self, world: World) -> None:
        words = printed(world, "qingyang", refused(world, stories.LICENSING), "refusal", clerk_of(world))
        assert "《中华人民共和国行政许可法》第三十二条" in words

    def test_acceptance_says_by_when_it_is_decided(self, world: World) -> None:
        number = decided(world)
        words = printed(world, "qingyang", number, "acceptance", clerk_of(world))
        due = case_on(world, "qingyang", number).decide_by
        assert due
        assert "本机关决定：予以受理。" in words
        assert "10个工作日" in words
        assert f"{due.year}年{due.month}月{due.day}日前" in words

    def test_decision_is_called_after_what_it_is(self, world: World) -> None:
        assert "准予办理决定书" in printed(world, "qingyang", decided(world), "granted", clerk_of(world))
        denied = decided(world, stories.LICENSING, "denied")
        assert "不予行政许可决定书" in printed(world, "qingyang", denied, "denied", clerk_of(world))

    def test_delivery_names_what_is_delivered_and_how(self, world: World) -> None:
        number = decided(world)
        stories.conclude(world, number)
        before = printed(world, "qingyang", number, "delivery", clerk_of(world))
        assert "准予办理决定书" in before
        assert "□当面领取" in before
        do(
            world, "qingyang", number, Act.HAND_OUT, clerk_of(world), given={"way": "signature"},
            texts={"remark": "签收人：张三"},
        )  # fmt: skip
        after = printed(world, "qingyang", number, "delivery", clerk_of(world))
        assert "当面领取，签字" in after
        assert "签收人：张三" in after
        assert "□" not in after

    def test_extension_gives_both_days_and_the_reason(self, world: World) -> None:
        number = pushed(world)
        do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        do(
            world, "jiashan", number, Act.REVIEW, stories.officer(world, number), given={"step": "review"},
            texts={"opinion": "同意"},
        )  # fmt: skip
        before = case_on(world, "jiashan", number).decide_by
        head = stories.officer(world, number, post="decider")
        do(world, "jiashan", number, Act.EXTEND, head, texts={"reason": "需要外地协查"})
        after = case_on(world, "jiashan", number).decide_by
        words = printed(world, "jiashan", number, "extension", head)
        assert before
        assert after
        assert "需要外地协查" in words
        for day in (before, after):
            assert f"{day.year}年{day.month}月{day.day}日" in words

    def test_the_windows_notice_promises_nothing_for_the_authority(self, world: World) -> None:
        number, clerk = taken_in(world, lacking="see-photo"), clerk_of(world)
        do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "1．照片：请补交"})
        words = printed(world, "qingyang", number, "notice", clerk)
        assert "1．照片：请补交" in words
        assert "不会再要求" not in words
        assert "网上提交" not in words
        assert "收件凭证" in printed(world, "qingyang", number, "receipt", clerk)

    def test_receipt_counts_from_the_windows_day_and_says_when_it_was(self, world: World) -> None:
        words = printed(world, "qingyang", taken_in(world), "receipt", clerk_of(world))
        assert "自本窗口收件之日起五个工作日内" in words
        assert "视为受理" not in words
        assert "收件时间2026-" in words
        assert "跨省通办专窗1" in words

    def test_handover_gives_back_nothing_twice(self, world: World) -> None:
        words = printed(world, "qingyang", pushed(world), "handover", clerk_of(world))
        assert "当场退还" in words
        assert "用后返还" not in words

    def test_shows_part_of_an_identity_number_and_is_on_record(self, world: World) -> None:
        number = taken_in(world)
        words = printed(world, "qingyang", number, "receipt", clerk_of(world))
        assert not re.search(r"\d{17}[\dX]", words.replace(number, ""))
        with world.on("qingyang"):
            assert readings().filter(matter=number).exists()


class TestOnPaper:
    def test_waits_for_its_turn(self, world: World) -> None:
        number, clerk = taken_in(world), clerk_of(world)
        with others(printing.GATE, crowd(printing.GATE)), pytest.raises(Busy, match="正在生成的文书太多"):
            printed(world, "qingyang", number, "receipt", clerk)
        assert printing.GATE.at_once == 1
        assert printed(world, "qingyang", number, "receipt", clerk)

    @pytest.mark.parametrize("kind", ["delivery", "handover", "receipt"])
    def test_every_code_reads_back(self, world: World, kind: str) -> None:
        number = refused(world)
        with world.on("qingyang"):
            case = case_on(world, "qingyang", number)
            letter = queries.compose(kind, case, by=clerk_of(world), at=world.at)
            codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(printing.picture(letter))))
        assert any(number in code.text for code in codes)
        assert len(codes) == len(letter.head.codes)
