"""The supervisor's desk through its pages: who holds what, what is stuck, and the proof of it."""

from datetime import datetime

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases import commands, verifier
from tongban.cases.words import Act, Role
from tongban.exchange.models import Peer
from tongban.supervision.accounts_for import Segment
from tongban.web import charts
from tongban.web.supervisor import cases
from tongban.web.supervisor.words import trouble_of


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
        watcher.open("/supervision/")
        assert "嘉善县人力资源和社会保障局" in watcher.words
        assert "从未查看" in watcher.words
        assert "<svg" in watcher.text
        assert "社会保障卡" in watcher.open("/supervision/?where=here&unopened=1").words
        assert "没有符合筛选条件" in watcher.open("/supervision/?where=applicant").words

    def test_shows_a_mirror_of_what_the_other_county_holds(self, counties: World, number: str) -> None:
        counties.settle()
        here = staff(counties, "qingyang", "qy-supervisor")
        here.open("/supervision/?where=there")
        assert "嘉善县" in here.words
        assert "签收" in here.words

    def test_a_supervisor_of_another_county_sees_nothing(self, counties: World, number: str) -> None:
        stranger = staff(counties, "third", "tn-supervisor")
        assert "没有未了结的责任" in stranger.open("/supervision/").words
        assert stranger.open(f"/supervision/cases/{number}/").status == 404

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
        assert "督办处置" in watcher.words
        watcher.send({"note": ""}, to="/answer/")
        assert watcher.status == 422
        watcher.send({"note": "已约谈，今日签收"}, to="/answer/")
        assert "已记录：督办处置" in watcher.words

    def test_shows_no_content(self, counties: World, watcher: Browser) -> None:
        number = stories.accepted(counties)
        stories.review_all(counties, number)
        watcher.open(f"/supervision/cases/{number}/")
        assert "张三" not in watcher.text
        assert "同意" not in watcher.words.replace("同意撤回", "")

    def test_a_parked_case_is_released(self, counties: World, number: str, watcher: Browser) -> None:
        with counties.on("jiashan"):
            commands.system_act(
                case=number, act=Act.PARK, role=Role.HANDLING, at=counties.at,
                given={"reason": "not_allowed", "event": f"sm3:{'0' * 64}", "withhold": None},
            )  # fmt: skip
        watcher.open("/supervision/parked/")
        assert "按规则当时不能这样办理" in watcher.words
        watcher.open(f"/supervision/cases/{number}/").send({"note": " "}, to="/release/")
        assert watcher.status == 422
        watcher.send({"note": "已与对方核对，记录无误"}, to="/release/")
        assert "已记录：核处完毕" in watcher.words
        assert case_on(counties, "jiashan", number).parked == ""

    def test_a_release_of_what_has_moved_keeps_the_note(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        with counties.on("jiashan"):
            park = {"reason": "fork", "event": f"sm3:{'0' * 64}", "withhold": None}
            commands.system_act(case=number, act=Act.PARK, role=Role.HANDLING, at=counties.at, given=park)
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


class TestProof:
    def test_the_dossier_verifies(self, counties: World, number: str, watcher: Browser) -> None:
        watcher.open(f"/supervision/cases/{number}/").send(to="/dossier/")
        roots = [node.fingerprint for node in counties.nodes.values()]
        verdict = verifier.verify(watcher.text.encode(), roots)
        assert (verdict.ok, verdict.code) == (True, verifier.HOLDS), verdict.findings

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

    @pytest.mark.parametrize(
        ("said", "told"), [("", ""), ("消息过大。", "消息过大。"), ("HTTP 502", "HTTP 502"), ("Odd", "Odd")]
    )
    def test_lose_nothing_that_was_said(self, said: str, told: str) -> None:
        assert told in trouble_of(said)
