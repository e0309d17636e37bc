"""What a case costs an officer, and a question a supervisor, counted in a browser: pages, submits, clicks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import window
from tests.browser.chromium import Somebody
from tests.browser.seen import Seen
from tests.browser.test_live import browser, seen
from tests.crash.nodes import Node, copied, ended

__all__ = ["browser", "seen"]

pytestmark = [pytest.mark.slow, pytest.mark.prove("walks desks by browser and counts")]

ACTS = "#acts"
FILE = "#form, .file"  # the form that was filed, on the page of a case and beside an act


@pytest.fixture(scope="module")
def nodes(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    """Serve a pair of nodes of the module's own."""
    with ended(copied(original, tmp_path_factory.mktemp("counted"))) as pair:
        for node in pair.values():
            node.start()
        yield pair


@dataclass
class Count:
    """What somebody goes through: a page is an address, however often it comes back."""

    me: Somebody
    pages: set[str] = field(default_factory=set)
    submits: int = 0

    def looks(self) -> None:
        """The page that is there now; the file lies on it."""
        self.pages.add(urlsplit(self.me.page.url).path)
        expect(self.me.page.locator(FILE).first).to_be_visible()
        expect(self.me.page.locator(FILE).first.locator("th", has_text="身份证号码").first).to_be_visible()

    def goes(self, link: str) -> None:
        self.me.click(link, within=ACTS)
        self.looks()

    def presses(self, button: str, *, within: str = "main") -> None:
        self.submits += 1
        self.me.click(button, within=within)
        self.looks()


def test_an_officer_needs_four_pages_from_acknowledging_to_sending(
    browser: Any, nodes: dict[str, Node], seen: Seen
) -> None:
    clerk = window.sits_down(Somebody(browser, nodes["qingyang"], seen, scripts=True), "window")
    number = window.takes_in(clerk)
    window.pushes(clerk)
    officer = (
        Somebody(browser, nodes["jiashan"], seen, scripts=True).open("/desk/").sign_in("hrss", staff=True)
    )
    officer.wait_for("/desk/", f"a[href*='/desk/{number}/']")
    count = Count(officer.open(f"/desk/{number}/"))
    count.looks()
    count.presses("签收", within=ACTS)
    count.goes("受理")
    count.presses("签发")
    count.goes("审查")
    officer.click("建议准予").fill({"opinion": "材料真实完整，符合条件。"})
    count.presses("确定")
    # By another hand: who reviews does not decide.
    head = (
        Somebody(browser, nodes["jiashan"], seen, scripts=True)
        .open("/desk/")
        .sign_in("hrss-head", staff=True)
    )
    count.me = head.open(f"/desk/{number}/")
    count.looks()
    count.goes("作出决定")
    head.click("准予").fill({"decision": "符合条件。"})
    count.presses("看文书")
    head.fill({"after": "electronic", "after-result": "社会保障卡一张（演示）"})
    count.presses("签发")
    assert "已记录：寄出结果" in head.words()
    print(f"\n从签收到送出：{len(count.pages)} 页，{count.submits} 次提交")  # noqa: T201 - for `scripts/count-desks`
    assert len(count.pages) <= 4, count.pages


def test_a_supervisor_needs_three_clicks_to_who_is_late_as_a_table(
    browser: Any, nodes: dict[str, Node], seen: Seen
) -> None:
    me = Somebody(browser, nodes["qingyang"], seen, scripts=True).open("/supervision/")
    page, clicks = me.sign_in("supervisor", staff=True).page, 0
    with page.expect_navigation():
        page.locator(".lamps div").filter(has=page.get_by_text("已逾期", exact=True)).locator("a").click()
    clicks += 1
    assert "late=1" in page.url
    with page.expect_download() as got:
        page.locator("main a", has_text="导出 xlsx").click()
    clicks += 1
    assert got.value.suggested_filename.endswith(".xlsx")
    print(f"\n谁逾期、逾期多久（xlsx）：{clicks} 次点击")  # noqa: T201 - for `scripts/count-desks`
    assert clicks <= 3
