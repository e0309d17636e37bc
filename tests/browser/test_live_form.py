"""A step of the form in a real browser: fields that apply, rows that come and go, and what keeps itself."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Somebody
from tests.browser.seen import Seen
from tests.browser.test_live import SAID, browser, inspect, is_the_same_page, seen, stays
from tests.crash.nodes import Node, copied, ended

__all__ = ["browser", "seen"]

pytestmark = [pytest.mark.slow, pytest.mark.prove("types into forms in a browser")]

COMPANY = "内资企业设立登记"
DEPENDENT = "[data-when=handled_by]"


@pytest.fixture(scope="module")
def node(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Serve one node of a pair of the module's own."""
    with ended(copied(original, tmp_path_factory.mktemp("forms"))) as nodes:
        nodes["qingyang"].start()
        yield nodes["qingyang"]


@pytest.fixture
def applicant(browser: Any, node: Node, seen: Seen) -> Somebody:
    """Give an applicant at the first step of a new draft."""
    me = Somebody(browser, node, seen, scripts=True)
    me.open(f"/items/?q={COMPANY}&division=330421").click(COMPANY)
    me.open(f"{me.page.url.removeprefix(node.built.url)}start/").sign_in("chen", staff=False)
    me.page.get_by_label("异地代收代办").check()
    return stays(me.click("开始填写"))


def go_to(me: Somebody, what: str) -> None:
    """Go to the step on which something is."""
    steps = me.page.locator(".steps a[href*='/steps/']").evaluate_all("all => all.map(a => a.pathname)")
    for step in steps:
        if me.page.locator(what).count():
            break
        me.open(step)
    stays(me)
    assert me.page.locator(what).count(), what


class TestAFieldThatDependsOnAnother:
    def test_is_there_while_it_applies(self, applicant: Somebody) -> None:
        go_to(applicant, DEPENDENT)
        page = applicant.page
        agent = page.locator(DEPENDENT)
        expect(agent).to_be_hidden()
        page.locator("[name=handled_by][value=agent]").check()
        expect(agent).to_be_visible()
        inspect(applicant, "form with an agent")
        page.locator("[name=agent-name]").fill("王五")
        page.locator("[name=handled_by]:not([value=agent])").first.check()
        expect(agent).to_be_hidden()
        page.locator("[name=handled_by][value=agent]").check()
        expect(page.locator("[name=agent-name]")).to_have_value("王五")
        assert is_the_same_page(applicant)


class TestRows:
    def test_come_and_go_without_the_page(self, applicant: Somebody) -> None:
        go_to(applicant, "[name=add]")
        page = applicant.page
        group = page.locator("[name=add]").first.get_attribute("value")
        field = page.locator(f"[name^='{group}-0-'][type=text]").first
        name = str(field.get_attribute("name"))
        field.fill("甲")
        page.locator("[name=add]").first.click()
        expect(page.locator(f"#f-{group}-1")).to_be_focused()
        expect(field).to_have_value("甲")
        page.locator(f"[name='{name.replace('-0-', '-1-')}']").fill("乙")
        inspect(applicant, "form with two rows")
        page.locator(f"[name=remove][value='{group}-0']").click()
        expect(page.locator(f"#f-{group}")).to_be_focused()
        expect(page.locator(f"#f-{group}-1")).to_have_count(0)
        expect(field).to_have_value("乙")
        assert is_the_same_page(applicant)
        page.reload()
        expect(field).to_have_value("乙")


class TestWhatIsTyped:
    def test_keeps_itself(self, applicant: Somebody, browser: Any, node: Node, seen: Seen) -> None:
        page = applicant.page
        field = page.locator("#step input[type=text]").first
        field.press_sequentially("慢慢写")
        expect(page.locator(SAID)).to_have_text(re.compile(r"已自动保存 \d\d:\d\d"))
        expect(field).to_be_focused()
        field.press_sequentially("完了")
        with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            pass
        assert answer.value.status == 200
        inspect(applicant, "form that was kept")
        assert is_the_same_page(applicant)
        # Nobody pressed a button.
        page.goto("about:blank")
        page.go_back()
        page.reload()
        expect(field).to_have_value("慢慢写完了")

    def test_stays_on_the_page_when_it_may_not_be_kept(self, applicant: Somebody) -> None:
        page = applicant.page
        other = applicant.context.new_page()
        other.goto(page.url)
        other.locator("#step input[type=text]").first.fill("在另一个页面写的")
        expect(other.locator(SAID)).to_contain_text("已自动保存")
        other.close()
        field = page.locator("#step input[type=text]").first
        field.press_sequentially("在这个页面写的")
        expect(page.locator(f"{SAID} [role=alert]")).to_contain_text("没有自动保存")
        expect(field).to_have_value("在这个页面写的")
        inspect(applicant, "form that was not kept")
        applicant.click("存好，以后再填")
        applicant.page.go_back()
        expect(field).to_have_value("在这个页面写的")

    def test_comes_back_after_the_session_has_ended(self, applicant: Somebody) -> None:
        page = applicant.page
        session = next(c["name"] for c in applicant.context.cookies() if "session" in c["name"])
        applicant.context.clear_cookies(name=session)
        field = page.locator("#step input[type=text]").first
        field.press_sequentially("没有白写")
        expect(page.locator(SAID)).to_contain_text("登录后找回")
        expect(field).to_have_value("没有白写")
        with page.expect_navigation():
            page.locator(f"{SAID} a").click()
        applicant.sign_in("chen", staff=False)
        expect(field).to_have_value("没有白写")
        expect(page.locator("main")).to_contain_text("已经找回")
