"""On shift at a window: chosen after signing in, written on what is issued there, handed over at the end."""

import io

import pypdf
import pytest

from tests import stories
from tests.web import test_counter
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.models import Shift, Window
from tongban.catalogue import seed


@pytest.fixture
def clerk(counties: World) -> Browser:
    """Give a clerk who has just signed in."""
    return staff(counties, "qingyang", "qy-window")


def windows(world: World) -> dict[str, str]:
    """Return the windows of 青阳's service centre: label to the value of its button."""
    with world.on("qingyang"):
        rows = Window.objects.filter(organisation__uscc=world["qingyang"].centre)
        return {row.label: str(row.pk) for row in rows}


def shifts(world: World) -> list[tuple[str, bool]]:
    """Return the windows of all shifts, and whether each is still open."""
    with world.on("qingyang"):
        rows = Shift.objects.select_related("window").order_by("pk")
        return [(row.window.label, row.ended_at is None) for row in rows]


class TestStart:
    def test_is_asked_after_signing_in_and_one_press_is_enough(self, counties: World, clerk: Browser) -> None:
        assert clerk.url == "/counter/shift/"
        clerk.send()
        assert clerk.url == "/counter/"
        assert "跨省通办专窗 1" in clerk.text.partition("<main")[0]
        assert shifts(counties) == [("跨省通办专窗 1", True)]

    def test_offers_the_last_window_first(self, counties: World, clerk: Browser) -> None:
        clerk.send({"window": windows(counties)["跨省通办专窗 2"]})
        again = staff(counties, "qingyang", "qy-window")
        assert again.url == "/counter/"  # still the same day, still the same window
        assert "跨省通办专窗 2" in again.text
        again.open("/counter/shift/").send({"window": windows(counties)["综合窗口 3"]})
        assert shifts(counties) == [("跨省通办专窗 2", False), ("综合窗口 3", True)]
        counties.wait_until("2026-03-03")
        tomorrow = staff(counties, "qingyang", "qy-window")
        assert tomorrow.url == "/counter/shift/"
        assert tomorrow.form().values["window"] == [windows(counties)["综合窗口 3"]]

    def test_says_who_sits_there_already(self, counties: World, clerk: Browser) -> None:
        clerk.send()
        second = staff(counties, "qingyang", "qy-window2")
        assert "已有人值班" in second.words

    @pytest.mark.parametrize("given", ["", "999999", "x"])
    def test_refuses_a_window_that_is_not_the_organisations(self, clerk: Browser, given: str) -> None:
        clerk.send({"window": given})
        assert clerk.status == 422
        assert "请选择您现在所在的窗口" in clerk.words

    def test_refuses_a_window_of_another_organisation(self, counties: World, clerk: Browser) -> None:
        with counties.on("qingyang"):
            other = Window.objects.exclude(organisation__uscc=counties["qingyang"].centre).earliest("pk")
        assert clerk.send({"window": str(other.pk)}).status == 422

    def test_is_demanded_before_a_case_is_taken_in(self, counties: World, clerk: Browser) -> None:
        clerk.open("/counter/?q=社会保障卡 嘉善").send(to=f"{counties['jiashan'].offering(stories.PROXY)}/")
        assert clerk.url.startswith("/counter/shift/")
        clerk.send()
        assert clerk.url.startswith("/counter/drafts/")  # where they were going

    def test_is_for_clerks_only(self, counties: World) -> None:
        assert staff(counties, "jiashan", "js-hrss").open("/counter/shift/").status == 403


class TestReceipt:
    def test_the_window_stands_on_the_receipt_and_in_the_vault_not_in_the_event(
        self, counties: World, clerk: Browser
    ) -> None:
        clerk.send({"window": windows(counties)["跨省通办专窗 2"]})
        taker = test_counter.Clerk(counties, client=clerk.client)
        number = test_counter.begin(taker)
        values, files = test_counter.everything(taker)
        taker.press(values, files=files, button="do=take")
        event = stories.case_on(counties, "qingyang", number).state
        assert "专窗" not in str(event)
        receipt = taker.fetch(f"/counter/cases/{number}/letters/receipt.pdf").content
        words = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(receipt)).pages)
        assert "跨省通办专窗2" in words.replace(" ", "")


class TestHandOver:
    def test_lists_what_is_still_held_and_ends_shift_and_session(
        self, counties: World, clerk: Browser
    ) -> None:
        clerk.send()
        offering = counties["jiashan"].offering(stories.PROXY)
        clerk.open("/counter/?q=社会保障卡 嘉善").send(to=f"{offering}/")
        clerk.open("/counter/handover/")
        assert seed.templates()[stories.PROXY]["name"] in clerk.words
        assert "没有由您认领的办件" in clerk.words
        clerk.send()
        assert clerk.url == "/sign-in/"
        assert shifts(counties) == [("跨省通办专窗 1", False)]
        assert clerk.open("/counter/").url.startswith("/sign-in/")

    def test_signing_out_leaves_the_window_too(self, counties: World, clerk: Browser) -> None:
        clerk.send()
        clerk._done(clerk._call("post", "/sign-out/", clerk.page.forms[0].values))
        assert shifts(counties) == [("跨省通办专窗 1", False)]


class TestSupervision:
    def test_shows_which_windows_have_nobody(self, counties: World, clerk: Browser) -> None:
        clerk.send()
        watcher = staff(counties, "qingyang", "qy-supervisor").open("/supervision/windows/")
        assert "有人值守 1" in watcher.words
        assert "无人值守 3" in watcher.words
        counties.wait_until("2026-03-03")  # forgotten overnight: nobody sits there
        watcher = staff(counties, "qingyang", "qy-supervisor").open("/supervision/windows/")
        assert "无人值守 4" in watcher.words
