"""One sitting at the window with a card reader, counted: pages, submits, actions; Enter never submits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.applying import a_file
from tests.browser.chromium import Somebody
from tests.browser.seen import Seen
from tests.browser.test_live import browser, seen
from tests.browser.window import sits_down
from tests.crash.nodes import Node, copied, ended

__all__ = ["browser", "seen"]

pytestmark = [pytest.mark.slow, pytest.mark.prove("walks an intake by browser")]

CARD = "张三|341723199003070016|19900307|安徽省池州市青阳县演示路1号"
NUMBER = "341723199003070016"
# What the card cannot tell, in words of the form; the certificate's number begins with that of the card.
TYPED = {"applicant_mobile": "13800000001", "certificate_number": "43", "certificate_expires_on": "2026-12-31",
         "residence_permit": "演示居字0001号"}  # fmt: skip
CHOSEN = {
    "category": "limb",
    "level": "3",
    "changed": "no",
    "delivery_way": "intake",
    "promise": "1",
    "seen-same": "1",
}
MATERIALS = ("residence-permit", "identity", "old-certificate", "photo")


@pytest.fixture(scope="module")
def node(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Serve one node of a pair of the module's own."""
    with ended(copied(original, tmp_path_factory.mktemp("sitting"))) as nodes:
        nodes["qingyang"].start()
        yield nodes["qingyang"]


@pytest.fixture
def clerk(browser: Any, node: Node, seen: Seen) -> Somebody:
    """Give a clerk who sits at a window."""
    return sits_down(Somebody(browser, node, seen, scripts=True), "window")


@dataclass
class Count:
    """What one intake takes: an action is a field filled, a choice, a file chosen, a button pressed, a card read."""

    pages: int = 1
    submits: int = 0
    actions: int = 0
    numbers: int = 0  # how often an identity number was typed or read

    def types(self, page: Any, text: str) -> None:
        self.actions += 1
        self.numbers += NUMBER in text
        page.keyboard.type(text)

    def sends(self, page: Any, key: str) -> None:
        self.actions += 1
        self.submits += 1
        self.pages += 1
        with page.expect_navigation():
            page.keyboard.press(key)


def begins(me: Somebody, count: Count) -> Any:
    page = me.open("/counter/").page
    page.locator("#q").focus()
    count.types(page, "残疾人证 嘉善")
    expect(page.locator("#found [data-key=n]")).to_be_visible()
    count.sends(page, "Alt+n")
    expect(page.locator("[name=reader-applicant]")).to_be_focused()
    return page


def test_an_intake_of_four_materials_takes_three_pages_and_twenty_actions(clerk: Somebody) -> None:
    count = Count()
    page = begins(clerk, count)
    count.types(page, CARD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=applicant_idno]")).to_have_value(NUMBER)
    expect(page.locator("[name=applicant_mobile]")).to_be_focused()
    for name, value in TYPED.items():
        page.locator(f"[name={name}]").fill(value)
        count.actions += 1
    for name, value in CHOSEN.items():
        control = page.locator(f"[name={name}]")
        if control.first.evaluate("one => one.localName") == "select":
            control.select_option(value)
        else:
            page.locator(f"[name={name}][value='{value}']").check()
        count.actions += 1
    for code in MATERIALS:
        page.locator(f"[name=file-{code}]").set_input_files(a_file("image/png"))
        count.actions += 1
    page.locator("[data-all]").click()
    count.actions += 1
    count.sends(page, "Alt+t")
    assert "已收件，已推送" in clerk.words(), clerk.words()
    told = (
        f"{count.pages} 页，{count.submits} 次提交，{count.actions} 个动作，证件号码录入 {count.numbers} 次"
    )
    print(f"\n收件 4 份材料：{told}")  # noqa: T201 - for `scripts/count-desks`
    assert (count.pages, count.numbers) == (3, 1)
    assert count.submits <= 3
    assert count.actions <= 20


def test_enter_goes_to_the_next_field_and_never_submits(clerk: Somebody) -> None:
    page = begins(clerk, Count())
    page.evaluate("window.stays = true")
    page.keyboard.type("读不出来")
    page.keyboard.press("Enter")
    expect(page.locator("#reader-applicant-hint")).to_contain_text("没有填入")
    expect(page.locator("[name=reader-applicant]")).to_be_focused()
    for name, following in (("applicant_name", "applicant_idno"), ("applicant_idno", "applicant_mobile")):
        page.locator(f"[name={name}]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"[name={following}]")).to_be_focused()
    page.locator("[name=seen-same]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.stays === true")
