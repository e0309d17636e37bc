"""The supervisor's desk through its pages: who holds what, what is stuck, and the proof of it."""

import html
import io
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pypdf
import pytest
from django.utils import translation

from tests import stories
from tests.held import hold_back
from tests.materials.scanner import listening
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases.models import Case
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import Act, Role
from tongban.exchange.models import Peer
from tongban.exchange.unreached import in_words
from tongban.figures import commands
from tongban.kernel import memo
from tongban.kernel.errors import NotFound
from tongban.kernel.journal.events import Event as Written
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Access, Duty, Event, Outstanding
from tongban.procedures import commands as procedures
from tongban.procedures import watched
from tongban.procedures.dossier import verifier
from tongban.procedures.queries import contents, open_content
from tongban.supervision.accounts_for import Segment
from tongban.web import charts
from tongban.web.supervisor import cases
from tongban.web.supervisor.words import PARKED
from tongban.web.templatetags.tongban_web import grouped


@pytest.fixture
def watcher(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-supervisor")


@pytest.fixture
def number(counties: World) -> str:
    return stories.forwarded(counties)


class TestOverview:
    def test_shows_who_holds_what_and_that_nobody_opened_it(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        assert "没有符合筛选条件" in watcher.open("/supervision/?where=here&unopened=1").words
        counties.wait_until("2026-03-04")  # a whole working day
        watcher = staff(counties, "jiashan", "js-supervisor").open("/supervision/")
        assert "嘉善县人力资源和社会保障局" in watcher.words
        assert "已逾期 1 个工作日（自3月4日）" in watcher.words
        assert "<svg" in watcher.text
        assert "社会保障卡" in watcher.open("/supervision/?where=here&unopened=1").words
        assert "没有符合筛选条件" in watcher.open("/supervision/?where=applicant").words

    def test_who_is_late_and_by_how_much_is_two_clicks_from_signing_in(
        self, counties: World, number: str
    ) -> None:
        counties.wait_until("2026-03-06")
        watcher = staff(counties, "jiashan", "js-supervisor")
        assert watcher.url == "/supervision/"
        assert 'href="?late=1"' in watcher.text
        watcher.open("/supervision/?late=1")  # the first
        assert 'href="/supervision/export.xlsx?late=1"' in watcher.text
        sheet = openpyxl.load_workbook(
            io.BytesIO(watcher.fetch("/supervision/export.xlsx?late=1").content)
        ).active
        assert sheet is not None
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        told = dict(zip(rows[0], rows[1], strict=True))
        assert len(rows) == 2
        assert told["编号"] == grouped(number)
        assert (told["承办单位"], told["逾期自"], told["逾期工作日"]) == (
            "嘉善县人力资源和社会保障局（演示）", "2026-03-04", "3",
        )  # fmt: skip
        with counties.on("jiashan"):
            assert Access.objects.filter(doing="supervision-export").count() == 1
        assert (
            "嘉善县人力资源和社会保障局" in watcher.fetch("/supervision/export.csv?late=1").content.decode()
        )
        assert grouped(number) not in watcher.fetch("/supervision/export.csv?place=500152").content.decode()
        assert watcher.fetch("/supervision/export.ods").status_code == 404

    def test_cuts_obey_the_filters_and_lead_to_them(self, counties: World, number: str) -> None:
        counties.wait_until("2026-03-06")
        watcher = staff(counties, "jiashan", "js-supervisor")
        links = [html.unescape(one) for one in re.findall(r'class="cut"><a href="(\?[^"]+)"', watcher.text)]
        assert {one[1:].partition("=")[0] for one in links} == {"office", "item", "place", "month"}
        for link in links:
            assert grouped(number) in watcher.open(f"/supervision/{link}").words, link
        for nothing in ("office=X", "item=case:none", "place=500152", "month=2026-02", "soon=1", "asked=1"):
            watcher.open(f"/supervision/?{nothing}")
            assert grouped(number) not in watcher.words, nothing
            assert 'class="cut"><a' not in watcher.text

    def test_tells_the_share_in_time_of_a_month(self, counties: World) -> None:
        stories.acknowledged(counties)
        with counties.on("jiashan"):
            commands.recompute()
        assert "2026-03 按期率 100.0%" in staff(counties, "jiashan", "js-supervisor").words

    def test_shows_a_mirror_of_what_the_other_county_holds(self, counties: World, number: str) -> None:
        counties.settle()
        here = staff(counties, "qingyang", "qy-supervisor")
        here.open("/supervision/?where=there")
        assert "嘉善县" in here.words
        assert "签收" in here.words

    def test_a_supervisor_of_another_county_sees_nothing(self, counties: World, number: str) -> None:
        stranger = staff(counties, "third", "tn-supervisor")
        assert "没有在办事项" in stranger.open("/supervision/").words
        assert stranger.open(f"/supervision/cases/{number}/").status == 404

    def test_says_that_files_are_not_scanned(self, counties: World, watcher: Browser, tmp_path: Path) -> None:
        absent = "本节点没有配置查毒服务：上传的文件没有查过病毒。请联系系统管理员。"
        away = "查毒服务没有应答：新上传的文件待查毒，暂时谁都不能打开。请联系系统管理员。"
        node = counties["jiashan"]
        assert absent in watcher.open("/supervision/").words
        with listening(tmp_path) as scanner:
            node.config = replace(node.config, scanner=scanner.address)
            memo.forget()
            assert "查毒" not in watcher.open("/supervision/").words
        memo.forget()
        assert away in watcher.open("/supervision/").words

    def test_begins_at_the_overview(self, watcher: Browser) -> None:
        assert watcher.url == "/supervision/"

    @pytest.mark.parametrize("page", ["", "parked/", "unattended/", "peers/", "journal/"])
    def test_is_closed_to_officers(self, counties: World, page: str) -> None:
        assert staff(counties, "jiashan", "js-hrss").open(f"/supervision/{page}").status == 403


class TestCase:
    def test_draws_nothing_backwards_when_the_clocks_of_two_places_differ(self) -> None:
        def held(since: str, until: str) -> Segment:
            moments = (datetime.fromisoformat(f"2026-03-{day}T09:00:00+08:00") for day in (since, until))
            return Segment("d", "受理", "某局", *moments, "", None, None, "", "", of_system=False)

        drawn = cases._chart(
            [held("03", "02"), held("02", "06")], datetime.fromisoformat("2026-03-06T09:00:00+08:00")
        )
        assert 'width="100.0%"' in drawn
        assert '="-' not in drawn

    def test_tells_who_held_it_and_which_segment_overran(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        counties.wait_until("2026-03-06")
        counties.watch()
        watcher = staff(counties, "jiashan", "js-supervisor").open(f"/supervision/cases/{number}/")
        assert "逾期 3 个工作日" in watcher.words
        assert "从未查看" in watcher.words
        assert "等答复" in watcher.words

    def test_what_was_asked_and_answered_is_shown_to_who_watches(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        counties.wait_until("2026-03-06")
        counties.watch()
        officer = staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        assert "待答复" in officer.words
        page = f"/numbers/{number}/answer-supervision/"
        officer.open(page)
        assert "已逾期 3 个工作日（自3月4日）" in officer.words
        assert officer.send({"note": " ", "until": "2026-03-09"}).status == 422
        assert officer.send({"note": "经办人病假", "until": "2026-03-05"}).status == 409
        assert "从今天起选一个日期" in officer.words
        assert "经办人病假" in officer.words
        officer.send({"note": "经办人病假，已换人", "until": "2026-03-09"})
        assert "已记录" in officer.words
        assert "没有待答复的督办" in officer.open(page).words
        for day, raised in (("2026-03-09", 1), ("2026-03-10", 2)):
            counties.wait_until(day)
            counties.watch()
            with counties.on("jiashan"):
                told = Event.objects.filter(subject=number, kind=Act.ESCALATE).count()
            assert told == raised, "again only when the day that was promised has passed"
        watcher = staff(counties, "jiashan", "js-supervisor").open(f"/supervision/cases/{number}/")
        assert "经办人病假，已换人" in watcher.words
        assert "没有待答复的督办" in watcher.open(page).words

    def test_a_letter_of_supervision_goes_to_who_owes_it_once(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        watcher.open(f"/supervision/cases/{number}/")
        assert watcher.send({"note": ""}, to="/press/").status == 422
        watcher.send({"note": "申请人急用，请今日签收"}, to="/press/")
        assert "已记录：发出督办单" in watcher.words
        assert "申请人急用，请今日签收" in watcher.words
        assert "督办哪一项" not in watcher.words, "everything that is open here was asked about"
        counties.wait_until("2026-03-06")
        counties.watch()
        with counties.on("jiashan"):
            assert not Event.objects.filter(subject=number, kind=Act.ESCALATE).exists()
        assert "申请人急用" in staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/").words

    def test_one_text_goes_to_the_offices_of_all_that_was_chosen(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        other, fresh = stories.forwarded(counties), "341723AAAA20260302BBBBBBBBB handling/1.1.0"
        counties.wait_until("2026-03-06")
        watcher = staff(counties, "jiashan", "js-supervisor").open("/supervision/?late=1&where=here")
        chosen = [
            one
            for one in re.findall(r'name="duty" value="([^"]+)"', watcher.text)
            if one.partition(" ")[0] in (number, other)
        ]
        assert len(chosen) == 2, "what is late and owed here can be chosen"
        press = {**watcher.form("/supervision/press/").values, "duty": [*chosen, fresh]}

        def send(**more: str) -> Browser:
            return watcher._done(watcher._call("post", "/supervision/press/", {**press, **more}))

        assert "2 项" not in send().words
        assert send(note=" ").status == 422
        assert "请写明要求什么" in watcher.words
        send(note="申请人急用，本周五前办结")
        assert ("已发出 2 项" in watcher.words, "没有发出 1 项" in watcher.words) == (True, True)
        assert "可能已经办结" in watcher.words
        for one in (number, other):
            assert [asked.about for asked in watched.open_in(case_on(counties, "jiashan", one))], one
        assert send(note="再催一次").status == 422, "each is put once"
        printed = watcher._call("post", "/supervision/press/sheet.pdf", {**press, "duty": chosen})
        words = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed.content)).pages)
        words = re.sub(r"\s", "", words)
        for told in ("督办单", "嘉善县人力资源和社会保障局", "申请人急用，本周五前办结", "逾期", number):
            assert told in words.replace("-", ""), told
        assert (
            watcher._call("post", "/supervision/press/sheet.pdf", {**press, "duty": [fresh]}).status_code
            == 422
        )

    @pytest.mark.attack("A7")
    def test_shows_why_it_was_decided_so_and_nothing_that_was_handed_in(
        self, counties: World, watcher: Browser
    ) -> None:
        number = stories.accepted(counties)
        stories.review_all(counties, number)
        watcher.open(f"/supervision/cases/{number}/")
        assert "张三" not in watcher.text
        assert "意见 ：同意" in watcher.words
        with counties.on("jiashan"):
            found = Case.objects.get(number=number)
            supervisor = counties["jiashan"].staff("supervisor")
            pieces = contents(found, supervisor)
            assert {piece.label for piece in pieces} == {"opinion"}
            read = Access.objects.filter(matter=number, content=pieces[0].digest)
            assert read.exists()
            form = next(
                p.digest for p in contents(found, stories.officer(counties, number)) if p.label == "form"
            )
            with pytest.raises(NotFound):
                open_content(found, form, supervisor)

    def test_a_parked_case_is_released(self, counties: World, number: str, watcher: Browser) -> None:
        with counties.on("jiashan"):
            procedures.system_act(
                matter=number, act=Act.PARK, role=Role.HANDLING, at=counties.at,
                given={"reason": "not_allowed", "event": f"sm3:{'0' * 64}", "withhold": None},
            )  # fmt: skip
        watcher.open("/supervision/parked/")
        assert "按规则当时不能这样办理" in watcher.words
        assert re.search(rf'href="/supervision/cases/{number}/">[^<\d]*社会保障卡', watcher.text)
        watcher.open(f"/supervision/cases/{number}/").send({"note": " "}, to="/release/")
        assert watcher.status == 422
        watcher.send({"note": "已与对方核对，记录无误"}, to="/release/")
        assert "已记录：核处完毕" in watcher.words
        assert case_on(counties, "jiashan", number).parked == ""

    def test_every_reason_to_park_has_its_words(self) -> None:
        page = (Path(__file__).parents[2] / "docs/protocol.md").read_text(encoding="utf-8")
        reasons = page.partition("Reasons: ")[2].partition(". What follows")[0]
        assert set(re.findall(r"`(\w+)`", reasons)) == set(PARKED)

    def test_a_release_of_what_has_moved_keeps_the_note(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        with counties.on("jiashan"):
            park = {"reason": "fork", "event": f"sm3:{'0' * 64}", "withhold": None}
            procedures.system_act(matter=number, act=Act.PARK, role=Role.HANDLING, at=counties.at, given=park)
        watcher.open(f"/supervision/cases/{number}/")
        stories.do(
            counties,
            "jiashan",
            number,
            Act.RELEASE,
            counties["jiashan"].staff("supervisor"),
            texts={"note": "一"},
        )
        watcher.send({"note": "写好的说明"}, to="/release/")
        assert watcher.status == 409
        assert "已被他人处理" in watcher.words
        assert "写好的说明" in watcher.words


class TestOnePlaceForBoth:
    def test_is_pressed_on_either_side(self, counties: World) -> None:
        """Where one node has both roles, a late duty of the side without the pen is answered for too."""
        number = stories.accepted(counties, intake="jiashan", handling="jiashan")
        stories.do(counties, "jiashan", number, Act.URGE, counties["jiashan"].staff("window"))
        with counties.on("jiashan"):
            state = case_on(counties, "jiashan", number).state
            late = next(name for name, one in state["duties"].items() if one["kind"] == "deliver")
            assert (late.partition("/")[0], state["pen"]) == ("intake", "handling")
            watcher = counties["jiashan"].staff("supervisor")
            case = Case.objects.get(number=number)
            watched.press(matter=case, about=late, note="请查明为什么没有送到", by=watcher, at=counties.at)
        state = case_on(counties, "jiashan", number).state
        assert [one.about for one in watched.open_in(case_on(counties, "jiashan", number))] == [late]
        assert {duty["about"] for duty in state["duties"].values()} == {None, late}


class TestHeldBack:
    @pytest.fixture
    def held(self, counties: World, number: str) -> Written:
        clerk = counties["qingyang"].staff("window")
        for act in (Act.URGE, Act.REQUEST_WITHDRAWAL):
            stories.do(counties, "qingyang", number, act, clerk)
        counties.settle()
        return hold_back(counties, "jiashan", Role.HANDLING, number, Act.URGE)

    def pending(self, counties: World, number: str) -> bool:
        return is_withdrawal_pending(State.from_dict(case_on(counties, "jiashan", number).state))

    def test_asks_whether_to_let_in_or_to_strike(
        self, counties: World, number: str, held: Written, watcher: Browser
    ) -> None:
        watcher.open(f"/supervision/cases/{number}/")
        assert "“催办”这一条不生效" in watcher.words
        assert "它后面已收到的 1 条都不生效" in watcher.words
        watcher.send({"note": "写好的说明"}, to="/release/")
        assert watcher.status == 422
        assert "请选择是否准予计入" in watcher.words
        assert "写好的说明" in watcher.words
        watcher.send({"struck": "no", "note": "核对无误"}, to="/release/")
        assert "已记录：核处完毕" in watcher.words
        assert self.pending(counties, number)

    @pytest.mark.parametrize(("more", "pending"), [(0, True), (1, False)])
    def test_strikes_one_or_all(
        self, counties: World, number: str, held: Written, watcher: Browser, more: int, pending: bool
    ) -> None:
        watcher.open(f"/supervision/cases/{number}/")
        watcher.send({"struck": str(held.seq + more), "note": "误催"}, to="/release/")
        assert "已记录：核处完毕" in watcher.words
        assert self.pending(counties, number) is pending
        assert case_on(counties, "jiashan", number).parked == ""

    @pytest.mark.parametrize("nonsense", ["99", "-1", "甲", "1" * 30])
    def test_strikes_nothing_else(
        self, counties: World, number: str, held: Written, watcher: Browser, nonsense: str
    ) -> None:
        before = case_on(counties, "jiashan", number).version
        watcher.open(f"/supervision/cases/{number}/")
        answer = watcher.ask(
            f"/supervision/cases/{number}/release/",
            {"struck": nonsense, "note": "核对", "version": str(before)},
        )
        assert answer.status_code == 422
        assert case_on(counties, "jiashan", number).version == before


class TestANewerNeighbour:
    def test_is_shown_by_its_codes(self, counties: World, number: str, watcher: Browser) -> None:
        """What only a newer neighbour knows is told by its code on every page, and breaks none."""
        with counties.on("jiashan"):
            found = Case.objects.get(number=number)
            duty = next(name for name, one in found.state["duties"].items() if one["kind"] == "acknowledge")
            state = {
                **found.state, "phase": "weighed", "duties": {
                    **found.state["duties"],
                    duty: {**found.state["duties"][duty], "kind": "weigh_again", "within": ["weighed"]},
                },
                "facts": {**found.state["facts"], "handling": {"parked": "too_new_a_reason"}},
                "clocks": {**found.state["clocks"], "weighing": {**found.state["clocks"]["notice"], "state": "running"}},
            }  # fmt: skip
            Case.objects.filter(number=number).update(state=state, phase="weighed", parked="too_new_a_reason")
            Duty.objects.filter(subject=number, name=duty).update(kind="weigh_again")
        watcher.open(f"/supervision/cases/{number}/")
        for code in ("weighed", "weigh_again", "too_new_a_reason", "weighing"):
            assert code in watcher.words, code
        for page in ("/supervision/", "/supervision/parked/", "/supervision/?kind=case:weigh_again"):
            assert watcher.open(page).status == 200, page
        officer = staff(counties, "jiashan", "js-hrss")
        for page in ("/desk/", f"/desk/{number}/"):
            assert "weigh_again" in officer.open(page).words, page
        stranger = Browser(counties, "jiashan").open(f"/lookup/?number={number}")
        assert "weighed" in stranger.send({"proof": stories.proof()}).words


class TestProof:
    def test_the_dossier_verifies(self, counties: World, number: str, watcher: Browser) -> None:
        watcher.open(f"/supervision/cases/{number}/").send(button="form=json", to="/dossier/")
        roots = [node.fingerprint for node in counties.nodes.values()]
        verdict = verifier.verify(watcher.text.encode(), roots)
        assert (verdict.ok, verdict.code) == (True, verifier.HOLDS), verdict.findings

    def test_the_dossier_is_read_as_pages_with_the_proof_attached(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        counties.settle()
        page = watcher.open(f"/supervision/cases/{number}/")
        answer = page.ask(f"/supervision/cases/{number}/dossier/", {"form": "pdf"})
        assert answer.headers["Content-Type"] == "application/pdf"
        pdf = pypdf.PdfReader(io.BytesIO(answer.content))
        text = "".join(one.extract_text() for one in pdf.pages)
        for said in (
            "目录",
            "办理经过",
            "谁在何时承担",
            "已核对",
            "成立：记录完整",
            f"共 {len(pdf.pages)} 页",
            number,
        ):
            assert said in text, said
        assert "张三" not in text
        ((name, (attached, *_)),) = pdf.attachments.items()
        assert name == f"{number}.dossier.json"
        roots = [node.fingerprint for node in counties.nodes.values()]
        assert verifier.verify(attached, roots).code == verifier.HOLDS

    def test_the_journal_is_verified_on_demand(self, counties: World, number: str, watcher: Browser) -> None:
        watcher.open("/supervision/journal/")
        assert "全部相符" not in watcher.words
        assert "全部相符" in watcher.send().words

    def test_peers_and_their_lag(self, counties: World, number: str, watcher: Browser) -> None:
        watcher.open("/supervision/peers/")
        assert "青阳" in watcher.words

    def test_organisations_in_which_nobody_signed_in(self, watcher: Browser) -> None:
        watcher.open("/supervision/unattended/?days=7")
        assert "嘉善县公安局" in watcher.words
        assert "从未登录" in watcher.words
        assert "嘉善县政务服务中心" not in watcher.words


class TestBars:
    def test_are_sorted_and_carry_their_numbers(self) -> None:
        drawn = charts.bars([("少", 2, 0), ("<多>", 8, 3)], title="图", part="逾期")
        assert drawn.index("&lt;多&gt; 8（逾期 3）") < drawn.index("少 2")
        assert 'width="25.0%"' in drawn

    def test_nothing_to_draw_is_no_error(self) -> None:
        assert "<svg" in charts.bars([], title="图", part="逾期")


class TestPeers:
    def test_say_in_words_why_one_is_not_reached_and_where(self, counties: World, watcher: Browser) -> None:
        with counties.on("jiashan"):
            Peer.objects.filter(name="qingyang").update(attempts=3, trouble="ReadTimeout")
        watcher.open("/supervision/peers/")
        assert "对方没有按时答复" in watcher.words
        assert "联系不上" in watcher.words
        assert "ReadTimeout" not in watcher.words
        assert "青阳县 qingyang" in watcher.words

    def test_name_each_case_that_does_not_get_through(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        with counties.on("jiashan"):
            waiting = Outstanding.objects.filter(subject=number)
            waiting.update(attempts=4, trouble="对方没有采用：越出界限。", next_at=counties.at)
            Peer.objects.filter(name="qingyang").update(
                speaks={"case": [{"version": 0, "digest": f"sm3:{'0' * 64}"}]}
            )
        watcher.open("/supervision/peers/")
        assert "送不到的办件" in watcher.words
        assert grouped(number) in watcher.words
        assert "对方没有采用：越出界限。" in watcher.words
        assert "4 次" in watcher.words
        assert "对方县的系统尚未升级" in watcher.words

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("", ""),
            ("ConnectError", "连接不上"),
            ("消息过大。", "消息过大。"),
            ("HTTP 502", "HTTP 502"),
            ("Odd", "Odd"),
        ],
    )
    def test_lose_nothing_that_was_said(self, said: str, told: str) -> None:
        assert told in in_words(said)

    def test_are_told_in_english_too(self) -> None:
        with translation.override("en"):
            assert in_words("ConnectError").startswith("No connection")
            assert in_words("HTTP 502") == "What answers at that address is no node (HTTP 502)"
