"""A neighbour that was updated first: one more phase, duty, fact and act, of which nobody here has heard (docs/protocol.md §12)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from tests import stories
from tests.api import front
from tests.forging import last_of
from tests.journeys.checks import consistent, kinds, same_on_both
from tests.web import test_officer
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts.access.actor import Permission
from tongban.cases.procedure import CASE, DUTIES, VERSION_1
from tongban.cases.words import Act, Duty, Phase, Role
from tongban.exchange.models import Peer
from tongban.kernel.models import Duty as DutyRow
from tongban.kernel.models import Outstanding
from tongban.kernel.pauses import LONGEST
from tongban.procedures import holding
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule

INSPECT, ON_SITE = cast("Act", "inspect_on_site"), cast("Phase", "on_site")
VIDEO, REPORT = cast("Duty", "tell_by_video"), cast("Duty", "write_report")
REVIEW = VERSION_1.rules[Act.REVIEW]
RULES = {
    **VERSION_1.rules,
    INSPECT: Rule(
        title="现场核查", role=Role.HANDLING, start=frozenset({Phase.ACCEPTED}), end=ON_SITE,
        permission=Permission.CASE_REVIEW, basis="行政许可法 第三十四条", closes=(Duty.REVIEW,),
        opens=(Opens(REPORT), Opens(VIDEO, to=Role.INTAKE)), facts={"inspected_on": DAY},
    ),
    Act.REVIEW: replace(REVIEW, start=(REVIEW.start or frozenset()) | {ON_SITE}, closes=(Duty.REVIEW, REPORT)),
}  # fmt: skip
WIDER = {
    **DUTIES,
    VIDEO: DutyRule("视频告知", Limit(1), "通办协议", frozenset({ON_SITE})),
    REPORT: DutyRule("写核查报告", Limit(5), "通办协议", frozenset({ON_SITE})),
}
NEWER = replace(VERSION_1, version=2, rules=RULES, duties=WIDER)


@pytest.fixture
def newer(counties: World) -> World:
    """嘉善 runs the next table beside this one; 青阳 has only this one."""
    counties["jiashan"].tables = [CASE.present, NEWER]
    return counties


@pytest.fixture
def number(newer: World) -> str:
    """A case that was inspected on the spot, as only the newer table has it."""
    number = stories.accepted(newer)
    stories.do(newer, "jiashan", number, INSPECT, stories.officer(newer, number))
    newer.settle()
    return number


@pytest.fixture
def let_in(newer: World, number: str) -> str:
    """A human at 青阳 has let it in, although nobody here knows the rule."""
    supervisor = newer["qingyang"].staff("supervisor")
    stories.do(newer, "qingyang", number, Act.RELEASE, supervisor, texts={"note": "已与对方核对"})
    newer.settle()
    return number


class TestAWordNobodyHereKnows:
    def test_is_adopted_receipted_and_put_before_a_human(self, newer: World, number: str) -> None:
        state = same_on_both(newer, number)
        case = stories.case_on(newer, "qingyang", number)
        assert (case.parked, case.phase) == ("newer_rules", Phase.ACCEPTED)
        assert Duty.RESOLVE in kinds(state)
        assert last_of(newer, "qingyang", number, "handling").kind == INSPECT
        for key in ("qingyang", "jiashan"):
            with newer.on(key):
                assert not Outstanding.objects.filter(subject=number, lacking=True).exists()

    def test_counts_on_both_sides_once_it_is_let_in(self, newer: World, let_in: str) -> None:
        state = same_on_both(newer, let_in)
        assert (state["phase"], state["pen"], state["withheld"]) == (ON_SITE, "handling", {})
        assert state["facts"]["handling"]["inspected_on"] == "2026-03-02"
        # The duty opens on the other side as its sender wrote it.
        (video,) = (duty for duty in state["duties"].values() if duty["kind"] == VIDEO)
        assert video["holder"]["node"] == newer["qingyang"].fingerprint
        assert (video["limit"], video["within"], video["due"]) == (
            {"n": 1, "unit": "working_day"}, [ON_SITE], "2026-03-03",
        )  # fmt: skip
        consistent(newer)

    def test_is_watched_like_any_other(self, newer: World, let_in: str) -> None:
        newer.wait_until("2026-03-05")
        newer.watch()
        with newer.on("qingyang"):
            late = DutyRow.objects.get(subject=let_in, kind=VIDEO)
            watch = DutyRow.objects.get(subject=let_in, about=late.name, closed_at=None)
        assert (watch.kind, watch.organisation) == (Duty.SUPERVISE, late.organisation)

    def test_goes_on_to_its_end(self, newer: World, let_in: str) -> None:
        supervisor = newer["qingyang"].staff("supervisor")
        stories.review_all(newer, let_in)
        newer.settle()
        # The first step leaves from a phase that the table here does not have.
        assert stories.case_on(newer, "qingyang", let_in).parked == "newer_rules"
        stories.do(newer, "qingyang", let_in, Act.RELEASE, supervisor, texts={"note": "已核对"})
        newer.settle()
        head = stories.officer(newer, let_in, post="decider")
        given, texts = {"outcome": "granted"}, {"decision": "准予"}
        stories.do(newer, "jiashan", let_in, Act.DECIDE, head, given=given, texts=texts)
        stories.conclude(newer, let_in)
        stories.deliver(newer, let_in)
        assert same_on_both(newer, let_in)["phase"] == Phase.DELIVERED
        consistent(newer)

    def test_stands_as_its_code_on_every_page_and_in_the_api(self, newer: World, let_in: str) -> None:
        shown = 0
        desks = (
            ("qingyang", "qy-supervisor", ("/desk/", f"/desk/{let_in}/", "/supervision/", f"/supervision/cases/{let_in}/")),
            ("qingyang", "qy-window", ("/counter/", "/counter/cases/", f"/counter/cases/{let_in}/")),
        )  # fmt: skip
        for node, login, pages in desks:
            browser: Browser = test_officer.staff(newer, node, login)
            if browser.url == "/counter/shift/":
                browser.send()
            for page in pages:
                browser.open(page)
                assert browser.status in (200, 403, 404), (page, browser.status)
                shown += browser.status == 200 and ON_SITE in browser.text
        assert shown
        caller = front.staff(newer, "qingyang", "window")
        case = caller.get(f"/cases/{let_in}")
        assert (case.status_code, case.json()["phase"]) == (200, ON_SITE)
        assert caller.get("/cases").status_code == 200
        told: Any = caller.get("/duties").json()
        assert VIDEO in {duty["kind"] for duty in told["duties"]}

    def test_keeps_no_other_case_waiting(self, newer: World) -> None:
        first, second = stories.accepted(newer), stories.reviewed(newer)
        stories.do(newer, "jiashan", first, INSPECT, stories.officer(newer, first))
        stories.do(newer, "qingyang", second, Act.FORWARD, newer["qingyang"].staff("window"))
        here = stories.delivered(newer, handling="qingyang")
        newer.settle()
        assert stories.case_on(newer, "qingyang", first).parked == "newer_rules"
        assert same_on_both(newer, second)["phase"] == Phase.FORWARDED
        assert stories.case_on(newer, "qingyang", here).phase == Phase.DELIVERED


class TestARefusedTransfer:
    def test_is_tried_again_with_growing_pauses_and_keeps_nothing_else_back(self, world: World) -> None:
        number = stories.forwarded(world)
        other = stories.acknowledged(world)
        world.settle()
        stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
        with world.on("jiashan"):
            Outstanding.objects.filter(subject=number).update(procedure="node")
        pauses = []
        for _ in range(4):
            before = world.network.sent
            world.round("jiashan")
            with world.on("jiashan"):
                row = Outstanding.objects.get(subject=number)
            assert world.network.sent == before + 1
            assert (row.lacking, "节点自己的记录" in row.trouble) == (True, True)
            pauses.append((row.attempts, (row.next_at - world.at).total_seconds()))
            world.round("jiashan")
            assert world.network.sent == before + 1, "tried again before its time"
            world.at = row.next_at
        assert [attempts for attempts, _ in pauses] == [1, 2, 3, 4]
        seconds = [pause for _, pause in pauses]
        assert seconds == sorted(set(seconds))
        assert seconds[-1] <= LONGEST.total_seconds()

        stories.do(world, "jiashan", other, Act.ACCEPT, stories.officer(world, other))
        world.at += timedelta(seconds=1)
        world.round("jiashan")
        assert stories.case_on(world, "qingyang", other).phase == Phase.ACCEPTED
        with world.on("jiashan"):
            assert (Peer.objects.get().state, Peer.objects.get().attempts) == (Peer.State.ACTIVE, 0)

    def test_waits_for_a_peer_that_signs_for_nothing_any_more(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = stories.acknowledged(world)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        monkeypatch.setattr(holding, "is_good_statement", lambda *_: False)
        world.round("jiashan")
        with world.on("jiashan"):
            row = Outstanding.objects.get(subject=number)
            assert (row.lacking, row.attempts, row.next_at > world.at) == (True, 1, True)
        before = world.network.sent
        world.round("jiashan")
        assert world.network.sent == before, "asked again at once"
        monkeypatch.undo()
        world.at = row.next_at
        world.round("jiashan")
        with world.on("jiashan"):
            assert not Outstanding.objects.get(subject=number).lacking
