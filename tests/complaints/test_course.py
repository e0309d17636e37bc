"""A complaint across two counties, through the pages: taken in where somebody lives, looked into where it happened."""

from typing import Any

import pytest

from tests import stories
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.complaints.commands import open_complaint
from tongban.complaints.procedure import COMPLAINT, NAME
from tongban.complaints.words import Act, Clock, Duty, Phase, Role, Track
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, tasks
from tongban.procedures import queries as matters
from tongban.procedures.audit import journal_audit
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import Matter

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
        do(world, "qingyang", number, Act.RATE, clerk, given={"rating": "4"})
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
            assert [row.number for row in matters.matters(clerk, NAME)] == [number]

    def test_comes_back_once_and_not_again(self, world: World) -> None:
        case = stories.acknowledged(world)
        clerk, handler = world["qingyang"].staff("window"), world["jiashan"].staff("supervisor")
        number = opened(world, case, clerk)
        for _ in range(2):
            do(world, "qingyang", number, Act.ACCEPT_CENTRE, clerk)
            world.settle()
            if on(world, "jiashan", number).state["facts"].get(Role.HANDLING, {}).get("returned"):
                break
            do(world, "jiashan", number, Act.RETURN, handler, texts={"reason": "不属本县"})
            world.settle()
        with pytest.raises(DomainError, match="指定承办后不得再退回") as refusal:
            do(world, "jiashan", number, Act.RETURN, handler, texts={"reason": "不属本县"})
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
    def test_nobody_looks_into_a_complaint_about_themselves(self, world: World) -> None:
        clerk = world["qingyang"].staff("window")
        number = opened(world, stories.acknowledged(world), clerk, against="intake")
        target = on(world, "qingyang", number).facts["target"]
        assert target["org"] == target["office"]  # the window is the centre's own
        with pytest.raises(DomainError, match="不能由它自己核查") as refusal:
            do(world, "qingyang", number, Act.ACCEPT_CENTRE, clerk)
        assert refusal.value.code == "act_not_allowed"

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
        do(world, "jiashan", number, Act.RECUSE, first, texts={"reason": "当事人是亲属"})
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

    def test_an_applicant_complains_about_the_own_case_only(self, world: World) -> None:
        case = stories.acknowledged(world)
        stranger = world["qingyang"].applicant("B9")
        with pytest.raises(NotFound):
            opened(world, case, stranger)


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
