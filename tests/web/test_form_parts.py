"""A step of the form with htmx: rows that come and go, and what is kept without anybody's word."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.web.browser import Browser, Reader
from tests.web.test_applicant import COMPANY, DRIVING, begin
from tests.web.test_parts import said, text, tidy
from tests.world import World
from tongban.materials import queries as materials

pytestmark = pytest.mark.slow


@pytest.fixture
def chen(counties: World) -> Browser:
    return Browser(counties).sign_in("qy-chen")


@pytest.fixture
def number(chen: Browser) -> str:
    """Give a draft at its first step, which is open."""
    return begin(chen, DRIVING)


def kept(browser: Browser, number: str) -> dict[str, Any]:
    with browser.world.on(browser.node):
        return materials.form_of(number)


def quietly(browser: Browser, **typed: str) -> Any:
    return browser.ask(browser.url, {**typed, "keep": "1"})


def seen(answer: Any) -> str:
    found = re.search(r'id="seen" name="seen" value="([\w:]*)"', text(answer))
    assert found, text(answer)
    return found[1]


class TestWhatIsTyped:
    def test_is_kept_without_being_judged(self, chen: Browser, number: str) -> None:
        answer = quietly(chen, applicant_name="陈", applicant_idno="1")
        assert answer.status_code == 200
        assert re.fullmatch(r"已自动保存 \d\d:\d\d", said(answer))
        assert kept(chen, number)["applicant_idno"] == "1"
        assert "<form" not in text(answer)  # nobody's form is taken from under their hands

    def test_is_kept_again_from_the_same_page(self, chen: Browser, number: str) -> None:
        first = quietly(chen, applicant_name="陈")
        quietly(chen, applicant_name="陈一", seen=seen(first))
        assert kept(chen, number)["applicant_name"] == "陈一"

    def test_never_replaces_by_itself_what_came_from_elsewhere(self, chen: Browser, number: str) -> None:
        other = Browser(chen.world).sign_in("qy-chen").open(chen.url)
        quietly(other, applicant_name="陈在别处")
        answer = quietly(chen, applicant_name="陈")
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#said"
        assert "没有自动保存" in text(answer)
        assert kept(chen, number)["applicant_name"] == "陈在别处"
        # Who presses the button means what they see.
        chen.send({"applicant_name": "陈"})
        assert kept(chen, number)["applicant_name"] == "陈"

    def test_waits_for_its_author_when_the_session_has_ended(self, chen: Browser, number: str) -> None:
        page = chen.url
        chen.world.at += timedelta(hours=2)
        answer = quietly(chen, applicant_name="陈没有白写")
        assert answer.status_code == 401
        assert "登录后找回" in text(answer)
        chen.sign_in("qy-chen")
        assert chen.open(page).form().values["applicant_name"] == ["陈没有白写"]

    def test_is_nobody_elses_to_keep(self, chen: Browser, number: str) -> None:
        lin = Browser(chen.world).sign_in("qy-lin")
        begin(lin, DRIVING)
        assert lin.ask(chen.url, {"keep": "1"}).status_code == 404


class TestARow:
    @pytest.fixture
    def group(self, counties: World, chen: Browser) -> str:
        """Go to a step with a repeating group; return its name."""
        number = begin(chen, COMPANY, "PROXY_INTAKE")
        for step in range(1, 9):
            chen.open(f"/drafts/{number}/steps/{step}/")
            for name, _ in chen.form().buttons:
                if name == "add":
                    return next(value for name, value in chen.form().buttons if name == "add")
        raise AssertionError("no step with rows")

    def press(self, browser: Browser, button: str, **typed: str) -> Any:
        name, _, value = button.partition("=")
        return browser.ask(browser.url, {**typed, name: value})

    def first_field(self, browser: Browser, group: str) -> str:
        return next(name for name in browser.form().values if name.startswith(f"{group}-0-"))

    def test_comes_as_in_the_page_and_has_the_focus(self, chen: Browser, group: str) -> None:
        field = self.first_field(chen, group)
        answer = self.press(chen, f"add={group}", **{field: "甲"})
        assert json.loads(answer.headers["HX-Trigger"]) == {"tongban:focus": {"target": f"#f-{group}-1"}}
        assert f'id="f-{group}-1"' in text(answer)
        assert tidy(text(answer)) in tidy(chen.open(chen.url).text)
        assert chen.form().values[field] == ["甲"]

    def test_goes_and_the_group_has_the_focus(self, chen: Browser, group: str) -> None:
        field = self.first_field(chen, group)
        chen.send({field: "甲"}, button=f"add={group}")
        answer = self.press(chen, f"remove={group}-0")
        assert json.loads(answer.headers["HX-Trigger"]) == {"tongban:focus": {"target": f"#f-{group}"}}
        assert f'id="f-{group}-1"' not in text(answer)

    def test_of_no_group_is_no_accident(self, chen: Browser, group: str) -> None:
        for name in ("nothing", f"{group}-7-x", "-", "a-b"):
            assert self.press(chen, f"add={name}").status_code == 200

    def test_may_be_kept_on_from_there(self, chen: Browser, group: str) -> None:
        answer = self.press(chen, f"add={group}", **{self.first_field(chen, group): "甲"})
        reader = Reader()
        reader.feed(text(answer))
        assert seen(answer)
        assert reader.forms[0].values["seen"] == [seen(answer)]


class TestAFieldThatDependsOnAnother:
    def test_names_for_the_script_what_it_depends_on(self, chen: Browser, number: str) -> None:
        found = re.findall(r'<div data-when="(\w+)" data-is="([\w ]+)">', self.all_steps(chen, number))
        assert ("handled_by", "agent") in found
        assert ("delivery_way", "post") in found

    def test_is_there_without_a_script(self, chen: Browser, number: str) -> None:
        page = self.all_steps(chen, number)
        assert "data-when" in page
        assert not re.search(r"<div data-when[^>]* hidden", page)

    def all_steps(self, chen: Browser, number: str) -> str:
        pages, step = "", 1
        while chen.open(f"/drafts/{number}/steps/{step}/").status == 200:
            pages, step = pages + chen.text, step + 1
        return pages
