"""A complaint across two counties, through the pages: taken in where somebody lives, looked into where it happened."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.looked import readings
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Post
from tongban.cases import answer_code
from tongban.complaints.commands import open_complaint
from tongban.complaints.procedure import COMPLAINT, NAME
from tongban.complaints.words import Act, Clock, Duty, Phase, Role, Track
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, possible, tasks
from tongban.procedures import queries as matters
from tongban.procedures.audit import journal_audit
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import Matter
from tongban.procedures.words import Standard

pytestmark = pytest.mark.database

TEXT = "窗口排队两个小时，工作人员态度冷淡"
CONTACT = "13800007731"


def values(number: str, **more: str) -> dict[str, str]:
    return {
        "mode": "centre", "channel": "window", "against": "handling", "number": number, "complaint": TEXT, "contact": CONTACT,
        **more,
    }  # fmt: skip


def opened(world: World, number: str, by: Actor, **more: str) -> str:
    with world.on("qingyang"):
        return open_complaint(values(number, **more), by, world.at).number


def do(world: World, node: str, number: str, act: Act, by: Actor, **more: Any) -> Matter:
    with world.on(node):
        return commands.act(matter=number, act=act, by=by, at=world.at, **more)


def on(world: World, node: str, number: str) -> Matter:
    with world.on(node):
        return Matter.objects.get(number=number)


def taken_over(world: World, track: Track = Track.CENTRE) -> str:
    """A complaint about 嘉善 that its centre has begun to look into."""
    case = stories.acknowledged(world)
    number = opened(world, case, world["qingyang"].staff("window"), mode=track)
    do(world, "qingyang", number, Act(f"accept_{track}"), world["qingyang"].staff("window"))
    world.settle()
    do(world, "jiashan", number, Act.TAKE_OVER, world["jiashan"].staff("supervisor"))
    world.settle()
    return number


class TestTheCourse:
    def test_goes_from_the_window_to_the_other_place_and_back(self, world: World) -> None:
        number = taken_over(world)
        handler = world["jiashan"].staff("supervisor")
        do(world, "jiashan", number, Act.NOTE, handler, texts={"record": "调看了监控"})
        do(
            world,
            "jiashan",
            number,
            Act.REPLY,
            handler,
            given={"outcome": "partly"},
            texts={"reply": "已增开窗口"},
        )
        world.settle()
        clerk = world["qingyang"].staff("window")
        do(world, "qingyang", number, Act.TELL, clerk)
        said = {"callback": "电话回访，本人表示满意"}
        do(world, "qingyang", number, Act.RATE_FOR, clerk, given={"rating": "4"}, texts=said)
        with pytest.raises(DomainError, match="已经评价过") as refusal:
            do(world, "qingyang", number, Act.RATE_FOR, clerk, given={"rating": "1"}, texts=said)
        assert refusal.value.code == "act_not_allowed"
        world.settle()

        for node in ("qingyang", "jiashan"):
            row = on(world, node, number)
            assert (row.phase, row.live, row.parked) == (Phase.CLOSED, False, "")
            assert (row.facts["outcome"], row.facts["rating"]) == ("partly", "4")
            assert row.state["duties"] == {}
            with world.on(node):
                assert journal_audit.verify_journal(deep=True).findings == []
        with world.on("jiashan"):
            dossier = exporting.export(number, by=handler, at=world.at)
        roots = [world[node].fingerprint for node in ("qingyang", "jiashan")]
        assert (verdict := verifier.verify(dossier, roots)).code == 0, verdict
        assert verdict.summary["phase_name"] == "已办结"

    def test_is_found_by_the_matter_it_is_about(self, world: World) -> None:
        case = stories.acknowledged(world)
        clerk = world["qingyang"].staff("window")
        number = opened(world, case, clerk)
        with world.on("qingyang"):
            assert Matter.objects.get(number=number).about == case
            assert [row.number for row in matters.matters(clerk).filter(procedure=NAME)] == [number]

    def test_comes_back_once_and_not_again(self, world: World) -> None:
        case = stories.acknowledged(world)
        clerk, handler = world["qingyang"].staff("window"), world["jiashan"].staff("supervisor")
        number = opened(world, case, clerk)
        for _ in range(2):
            do(world, "qingyang", number, Act.ACCEPT_CENTRE, clerk)
            world.settle()
            if on(world, "jiashan", number).state["facts"].get(Role.HANDLING, {}).get("returned"):
                break
            do(world, "jiashan", number, Act.RETURN, handler, texts={"objection": "不属本县"})
            world.settle()
        with pytest.raises(DomainError, match="指定承办后不得再退回") as refusal:
            do(world, "jiashan", number, Act.RETURN, handler, texts={"objection": "不属本县"})
        assert refusal.value.code == "act_not_allowed"

    def test_ends_where_a_decision_itself_is_meant(self, world: World) -> None:
        clerk = world["qingyang"].staff("window")
        number = opened(world, stories.acknowledged(world), clerk)
        do(
            world,
            "qingyang",
            number,
            Act.DECLINE,
            clerk,
            given={"way": "review"},
            texts={"reason": "可以申请行政复议"},
        )
        assert on(world, "qingyang", number).phase == Phase.DECLINED


class TestTheTracks:
    @pytest.mark.parametrize(
        ("track", "duty", "limit", "extended"),
        [
            (Track.CENTRE, Duty.ANSWER_CENTRE, {"n": 10, "unit": "working_day"}, None),
            (Track.HOTLINE, Duty.ANSWER_HOTLINE, {"n": 5, "unit": "working_day"}, 10),
            (Track.PETITION, Duty.ANSWER_PETITION, {"n": 60, "unit": "day"}, 90),
        ],
    )
    def test_have_limits_of_their_own(
        self, world: World, track: Track, duty: Duty, limit: dict[str, Any], extended: int | None
    ) -> None:
        number = taken_over(world, track)
        (owed,) = [
            one for one in on(world, "jiashan", number).state["duties"].values() if one["kind"] == duty
        ]
        assert owed["limit"] == limit
        head = world["jiashan"].staff("supervisor")
        for kind in (Act.EXTEND_HOTLINE, Act.EXTEND_PETITION):
            if extended and kind == f"extend_{track}":
                row = do(world, "jiashan", number, kind, head, texts={"reason": "需要外调"})
                assert row.state["clocks"][track]["limit"]["n"] == extended
                with pytest.raises(DomainError, match="已经延长过一次"):
                    do(world, "jiashan", number, kind, head, texts={"reason": "需要外调"})
            else:
                with pytest.raises(DomainError, match="没有“延长期限"):
                    do(world, "jiashan", number, kind, head, texts={"reason": "需要外调"})

    def test_the_centres_ten_days_count_from_the_day_of_taking_in(self, world: World) -> None:
        clerk = world["qingyang"].staff("window")
        number = opened(world, stories.acknowledged(world), clerk)
        day = on(world, "qingyang", number).state["clocks"][Clock.RECEIVED]["from"]
        world.wait_until("2026-03-04")
        row = do(world, "qingyang", number, Act.ACCEPT_CENTRE, clerk)
        assert row.state["clocks"][Clock.CENTRE]["from"] == day

    def test_who_is_late_is_told_to_the_centre(self, world: World) -> None:
        number = taken_over(world, Track.HOTLINE)
        world.wait_until("2026-03-30")
        with world.on("jiashan"):
            assert tasks.escalate_all(world.at) >= 1
        kinds = [duty["kind"] for duty in on(world, "jiashan", number).state["duties"].values()]
        assert "supervise" in kinds


class TestRecusal:
    @pytest.mark.prove("a complaint over three nodes")
    @pytest.mark.attack("A4")
    def test_a_complaint_about_the_centre_itself_goes_to_who_stands_above_it(self, counties: World) -> None:
        clerk, case = counties["qingyang"].staff("window"), stories.acknowledged(counties)
        for about, more in ((case, {"against": "intake"}), ("", {"against": "intake"})):
            number = opened(counties, about, clerk, **more)
            row = on(counties, "qingyang", number)
            assert row.facts["target"]["org"] == counties["qingyang"].centre
            office = counties["qingyang"].staff("county-office", "county_office")
            assert row.state["roles"][Role.RECEIVING]["org"] == office.organisation
            with counties.on("qingyang"):
                for own in (clerk, counties["qingyang"].staff("supervisor")):
                    with pytest.raises(DomainError) as refusal:
                        matters.contents(Matter.objects.get(number=number), own)
                    assert refusal.value.code == "not_permitted"
                with pytest.raises(NotFound):
                    matters.matter(number, clerk)
            do(counties, "qingyang", number, Act.ACCEPT_CENTRE, office)
            counties.settle()
            row = do(counties, "qingyang", number, Act.TAKE_OVER, office)
            assert row.state["roles"][Role.HANDLING]["org"] == office.organisation

    def test_is_not_taken_where_nobody_stands_above_the_centre(self, counties: World) -> None:
        with counties.on("qingyang"):
            Post.objects.exclude(organisation__uscc=counties["qingyang"].centre).update(permissions=[])
        with pytest.raises(DomainError, match="12345") as refusal:
            opened(counties, "", counties["qingyang"].staff("window"), against="intake")
        assert refusal.value.code == "invalid_input"

    def test_nobody_sends_a_complaint_to_the_place_complained_of(self, world: World) -> None:
        # 嘉善's window is complained of at 青阳: over there nobody but itself could look into it.
        case = stories.acknowledged(world, intake="jiashan", handling="qingyang")
        number = opened(world, case, world["qingyang"].staff("window"), against="intake")
        with pytest.raises(DomainError, match="不能由它自己办理") as refusal:
            do(world, "qingyang", number, Act.ACCEPT_CENTRE, world["qingyang"].staff("window"))
        assert refusal.value.code == "act_not_allowed"

    def test_only_a_complaint_about_the_window_needs_no_number(self, world: World) -> None:
        with pytest.raises(DomainError, match="须写明办件编号") as refusal:
            opened(world, "", world["qingyang"].staff("window"))
        assert refusal.value.code == "invalid_input"

    def test_whoever_steps_aside_does_nothing_more_and_others_go_on(self, world: World) -> None:
        number = taken_over(world)
        first = world["jiashan"].staff("supervisor")
        second = Actor(
            first.kind,
            first.channel,
            first.organisation,
            first.post,
            "JSOTHER",
            permissions=first.permissions,
        )
        do(world, "jiashan", number, Act.RECUSE, first, texts={"recusal": "当事人是亲属"})
        duties = [
            name for name in on(world, "jiashan", number).state["duties"] if name.startswith("handling/")
        ]
        for act, more in (
            (Act.RECUSE, {"texts": {"recusal": "再次"}}), (Standard.CLAIM, {"given": {"duties": duties}}),
        ):  # fmt: skip
            with pytest.raises(DomainError, match="您已回避") as refusal:
                do(world, "jiashan", number, act, first, **more)
            assert refusal.value.code == "act_not_allowed"
        with world.on("jiashan"):
            row = Matter.objects.get(number=number)
            assert "作出答复" in [rule.title for rule, _ in possible.tried(row, first, world.at).withheld]
        with pytest.raises(DomainError, match="您已回避") as refusal:
            do(
                world,
                "jiashan",
                number,
                Act.REPLY,
                first,
                given={"outcome": "upheld"},
                texts={"reply": "属实"},
            )
        assert refusal.value.code == "act_not_allowed"
        assert do(
            world, "jiashan", number, Act.REPLY, second, given={"outcome": "upheld"}, texts={"reply": "属实"}
        )


class TestWhoSeesIt:
    def test_whom_it_is_about_neither_sees_nor_reads_it(self, world: World) -> None:
        case = stories.acknowledged(world)
        number = opened(world, case, world["qingyang"].staff("window"))
        do(world, "qingyang", number, Act.ACCEPT_CENTRE, world["qingyang"].staff("window"))
        world.settle()
        officer = stories.officer(world, case)
        assert on(world, "jiashan", number).facts["target"]["org"] == officer.organisation
        with world.on("jiashan"):
            assert not matters.matters(officer).filter(number=number).exists()
            with pytest.raises(NotFound):
                matters.matter(number, officer)

    def test_nothing_of_it_stands_in_an_event(self, world: World) -> None:
        number = opened(world, stories.acknowledged(world), world["qingyang"].staff("window"))
        with world.on("qingyang"):
            raw = "".join(
                event.raw.decode() + (event.body_raw or b"").decode() for event in journal.events_of(number)
            )
        assert TEXT not in raw
        assert CONTACT not in raw

    def test_an_applicant_learns_nothing_of_a_case_that_is_not_theirs(self, world: World) -> None:
        case = stories.acknowledged(world)
        stranger = world["qingyang"].applicant("B9")
        number = opened(world, case, stranger)
        with world.on("qingyang"):
            assert [one["head"] for one in Matter.objects.get(number=number).facts["about"]] == [None]
            assert case not in [row.number for row in matters.matters(stranger)]

    def test_the_reason_for_stepping_aside_is_not_for_the_complainant(self, world: World) -> None:
        case = stories.acknowledged(world)
        owner = world["qingyang"].applicant("B9")
        number = opened(world, case, owner)
        clerk = world["qingyang"].staff("window")
        do(world, "qingyang", number, Act.RECUSE, clerk, texts={"recusal": "当事人是亲属"})
        with world.on("qingyang"):
            row = Matter.objects.get(number=number)
            assert {piece.label for piece in matters.contents(row, owner)} == {"complaint", "contact"}
            assert "recusal" in {piece.label for piece in matters.contents(row, clerk)}

    def test_who_has_nothing_to_do_with_complaints_gets_the_same_answer_at_both_doors(
        self, counties: World
    ) -> None:
        number = taken_over(counties)
        for post in ("archive", "accounts", "signer"):
            caller = front.staff(counties, "jiashan", post)
            for path in ("", "/timeline", "/contents", "/receipt"):
                answer = caller.get(f"/matters/{number}{path}")
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (post, path)
            assert number not in caller.get("/matters").content.decode()

    def test_whoever_reads_the_text_on_its_page_is_written_down_once_a_day(self, counties: World) -> None:
        number = taken_over(counties)
        watcher = staff(counties, "jiashan", "js-supervisor")
        for _ in range(2):
            assert TEXT in watcher.open(f"/matters/complaint/{number}/").words
        with counties.on("jiashan"):
            seen = list(readings().filter(matter=number).values_list("content", flat=True))
        assert len(seen) == len(set(seen)) == 2  # text and contact


class TestTime:
    def test_no_limit_is_made_longer_that_has_passed(self, world: World) -> None:
        number = taken_over(world, Track.HOTLINE)
        due = on(world, "jiashan", number).state["clocks"][Clock.HOTLINE]["due"]
        head = world["jiashan"].staff("supervisor")
        world.wait_until(f"{date.fromisoformat(due) + timedelta(days=1)}")
        with pytest.raises(DomainError, match="期限已过") as refusal:
            do(world, "jiashan", number, Act.EXTEND_HOTLINE, head, texts={"reason": "需要外调"})
        assert refusal.value.code == "act_not_allowed"

    def test_a_limit_is_made_longer_on_its_last_day(self, world: World) -> None:
        number = taken_over(world, Track.HOTLINE)
        world.wait_until(on(world, "jiashan", number).state["clocks"][Clock.HOTLINE]["due"])
        head = world["jiashan"].staff("supervisor")
        assert do(world, "jiashan", number, Act.EXTEND_HOTLINE, head, texts={"reason": "需要外调"})

    @pytest.mark.parametrize("end", [Act.DECLINE, Act.WITHDRAW_FOR])
    def test_nothing_runs_on_after_the_end(self, world: World, end: Act) -> None:
        case = stories.acknowledged(world)
        clerk, handler = world["qingyang"].staff("window"), world["jiashan"].staff("supervisor")
        number = opened(world, case, clerk, mode="hotline")
        do(world, "qingyang", number, Act.ACCEPT_HOTLINE, clerk)
        world.settle()
        do(world, "jiashan", number, Act.RETURN, handler, texts={"objection": "不属本县"})
        world.settle()
        texts = {"reason": "可以申请行政复议", "request": "本人来电要求撤回"}
        given = {"way": "review"} if end == Act.DECLINE else {}
        row = do(world, "qingyang", number, end, clerk, given=given, texts=texts)
        assert {clock["state"] for clock in row.state["clocks"].values()} == {"stopped"}


class TestThePages:
    def test_take_a_complaint_in_and_through(self, counties: World) -> None:
        case = stories.acknowledged(counties)
        clerk = staff(counties, "qingyang", "qy-window")
        clerk = clerk.send() if clerk.url == "/counter/shift/" else clerk
        clerk.open("/matters/complaint/")
        assert "没有投诉" in clerk.text
        clerk.open("/matters/complaint/new/").send(values(case))
        number = clerk.url.split("/")[3]
        assert TEXT in clerk.words
        clerk.is_sound()
        clerk.open(f"/matters/complaint/{number}/do/accept_centre/").send({})
        counties.settle()

        watcher = staff(counties, "jiashan", "js-supervisor").open("/matters/complaint/")
        assert "承接" in watcher.words
        watcher.open(f"/matters/complaint/{number}/")
        watcher.is_sound()
        watcher.open(f"/matters/complaint/{number}/do/take_over/").send({})
        page = watcher.open(f"/matters/complaint/{number}/do/reply/").send({"reply": "已增开窗口"})
        assert page.status == 422
        assert "请选择一项" in page.text
        page.send({"outcome": "upheld", "reply": "已增开窗口"})
        assert "已记录" in watcher.words
        counties.settle()
        clerk.open(f"/matters/complaint/{number}/do/tell/").send({})
        assert "已办结" in clerk.words
        for box in ("todo", "doing", "done", "all"):
            clerk.open(f"/matters/complaint/?box={box}")
            assert (number[-4:] in clerk.text) == (box in ("done", "all")), box

    def test_a_slip_in_the_number_loses_nothing_that_was_typed(self, counties: World) -> None:
        clerk = staff(counties, "qingyang", "qy-window")
        clerk = clerk.send() if clerk.url == "/counter/shift/" else clerk
        page = clerk.open("/matters/complaint/new/").send(values("341723-NHGT"))
        assert page.status == 422
        assert TEXT in page.text
        assert "27" in page.text

    def test_somebody_without_an_account_complains_and_looks_it_up(self, counties: World) -> None:
        nobody = Browser(counties, "qingyang").open("/matters/complaint/new/")
        assert nobody.status == 200
        nobody.is_sound()
        page = nobody.send(
            {
                "mode": "centre",
                "against": "handling",
                "number": stories.acknowledged(counties),
                "complaint": TEXT,
            }
        )
        assert page.status == 200
        assert "已收到" in page.words
        assert TEXT not in page.text
        with counties.on("qingyang"):
            row = Matter.objects.get(procedure=NAME)
            code = answer_code.of(row.number)
        assert row.applicant == ""
        assert code in page.words
        assert "已收到" not in nobody.open(f"/lookup/?number={row.number}").words
        # The telephone of a case that happens to lie here opens no complaint.
        assert nobody.send({"proof": stories.proof()}).status == 404
        assert "已收到" in nobody.open(f"/lookup/?number={row.number}").send({"proof": code}).words
        assert nobody.open(f"/matters/complaint/{row.number}/").url.startswith("/sign-in/")
        for _ in range(5):
            page = nobody.open("/matters/complaint/new/").send(
                {"mode": "centre", "against": "intake", "complaint": TEXT}
            )
        assert page.status == 429

    def test_what_goes_to_others_is_said_to_whoever_noted_it_down(self, counties: World) -> None:
        clerk = staff(counties, "qingyang", "qy-window")
        clerk = clerk.send() if clerk.url == "/counter/shift/" else clerk
        page = clerk.open("/matters/complaint/new/").send(values("", against="intake"))
        assert page.status == 200
        assert "已转有权办理的机构" in page.words
        office = staff(counties, "qingyang", "qy-office").open("/matters/complaint/")
        assert "判断是否受理" in office.words

    def test_are_printed_and_found_by_number(self, counties: World) -> None:
        case = stories.acknowledged(counties)
        clerk = staff(counties, "qingyang", "qy-window")
        clerk = clerk.send() if clerk.url == "/counter/shift/" else clerk
        clerk.open("/matters/complaint/new/").send(values(case))
        number = clerk.url.split("/")[3]
        assert "新建" not in clerk.text
        assert "已记录" in clerk.words
        page = clerk.open(f"/matters/complaint/{number}/print/")
        assert TEXT in page.words
        page.is_sound()
        assert clerk.open(f"/counter/?q={number}").url == f"/matters/complaint/{number}/"
        assert clerk.open(f"/numbers/{case}/").url == f"/counter/cases/{case}/"

    def test_whoever_supervises_is_led_from_what_is_open_to_the_complaint(self, counties: World) -> None:
        number = taken_over(counties)
        watcher = staff(counties, "qingyang", "qy-supervisor").open("/supervision/")
        assert number[-4:] in watcher.text
        watcher.open(f"/supervision/cases/{number}/")
        assert watcher.status == 200
        assert watcher.url == f"/matters/complaint/{number}/"

    def test_are_refused_to_whom_they_are_not_for(self, counties: World) -> None:
        officer = staff(counties, "jiashan", "js-hrss").open("/matters/complaint/")
        assert officer.status == 403
        assert officer.open("/matters/nothing/").status == 404
        watcher = staff(counties, "jiashan", "js-supervisor")
        assert watcher.open("/matters/nothing/").status == 404
        assert watcher.open("/matters/case/").status == 404


def test_of_a_state_that_nobody_wrote_is_about_nobody() -> None:
    assert COMPLAINT.label(State(NAME, "N")) == ""
