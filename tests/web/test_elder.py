"""长辈版: a mode of its own for the public: few large tiles, help at hand on every page; staff keep their desks."""

import re

import pytest

from tests.stories import PNG
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, fill_in, flat
from tests.web.test_officer import staff
from tests.world import World
from tongban.catalogue import seed
from tongban.materials import queries as material_queries

pytestmark = pytest.mark.database


def elder(browser: Browser) -> Browser:
    return browser.open("/display/?elder=1&next=/")


def test_begins_with_few_tiles(counties: World) -> None:
    page = elder(Browser(counties))
    for tile in ("办事", "查进度", "请人帮办"):
        assert tile in page.words
    assert 'href="tel:12345"' in page.text
    assert '<nav class="nav' not in page.text
    assert 'id="division"' not in page.text


def test_has_help_at_hand_on_every_page(counties: World) -> None:
    elder(page := Browser(counties)).open("/items/")
    assert 'href="/helpers/"' in page.text
    assert "data-listen hidden" in page.text
    page.open("/helpers/")
    assert "0566-0000001" in page.words
    assert "代理人" in page.words
    assert "listen.js" not in Browser(counties).open("/items/").text


def test_is_no_mode_of_staff(counties: World) -> None:
    officer = elder(staff(counties, "jiashan", "js-hrss")).open("/desk/")
    assert '<nav class="nav' in officer.text
    assert "data-listen" not in officer.text


class TestFillingIn:
    """One question a page; the same answers as on the pages of a step."""

    @pytest.fixture
    def chen(self, counties: World) -> Browser:
        chen = Browser(counties).sign_in("qy-chen")
        page = f"/drafts/{begin(chen, DRIVING)}/steps/1/"
        return elder(chen).open(page)

    def test_asks_one_question_a_page(self, chen: Browser) -> None:
        assert re.search(r"第 1 题，共 \d+ 题", chen.words)
        one = asked(chen)
        assert {name for name in chen.form().values if not name.startswith(one)} <= {
            "ask",
            "seen",
            "csrfmiddlewaretoken",
        }
        assert 'class="steps"' not in chen.text

    def test_comes_to_the_same_form_as_the_steps(self, chen: Browser, counties: World) -> None:
        pages = answer_all(chen)
        assert pages > 5
        other = Browser(counties).sign_in("qy-chen")
        begin(other, DRIVING)
        fill_in(other, DRIVING)
        with counties.on("qingyang"):
            one, step = (material_queries.form_of(page.url.split("/")[2]) for page in (chen, other))
        assert one == step

    def test_refuses_a_blank_and_stays(self, chen: Browser) -> None:
        one = asked(chen)
        chen.send({name: "" for name in chen.form().values if name.startswith(one)})
        assert (chen.status, asked(chen)) == (422, one)

    def test_goes_back_to_the_question_before(self, chen: Browser) -> None:
        first = asked(chen)
        chen.send(told(chen))
        assert asked(chen) != first
        back = re.search(r'href="([^"]+)">上一步', chen.text)
        assert back
        assert asked(chen.open(back[1])) == first

    def test_a_page_of_a_whole_step_still_counts_as_one(self, chen: Browser, counties: World) -> None:
        page, number = chen.url, chen.url.split("/")[2]
        chen.open("/display/?elder=0&next=/").open(page)
        whole = chen.form()
        elder(chen)  # in another window
        chen._done(chen._call("post", page, {**whole.values, "applicant_address": "演示路1号"}))
        with counties.on("qingyang"):
            kept = material_queries.form_of(number)
        assert kept["applicant_address"] == "演示路1号"
        assert len(kept) > 1

    def test_a_question_that_no_longer_applies_blanks_nothing(self, chen: Browser, counties: World) -> None:
        chen.send(told(chen))
        number, values = chen.url.split("/")[2], chen.form().values
        with counties.on("qingyang"):
            before = material_queries.form_of(number)
        chen._done(chen._call("post", chen.url, {**values, "ask": "no-such-question"}))
        assert "/steps/1/?ask=" in chen.url
        with counties.on("qingyang"):
            assert material_queries.form_of(number) == before

    def test_asks_for_one_material_a_page(self, chen: Browser) -> None:
        answer_all(chen)
        codes = []
        while "第 " in chen.words and "下一步：核对提交" not in chen.words:
            codes.append(material(chen))
            chen.open(next_page(chen))
        codes.append(material(chen))
        assert len(codes) > 1
        assert len(codes) == len(set(codes))

    def test_stays_at_the_material_that_was_handed_in(self, chen: Browser) -> None:
        answer_all(chen)
        code = material(chen)
        chen.send(to=code, file=("scan.png", PNG))
        assert (material(chen), "已经上传" in chen.words) == (code, True)

    def test_says_what_is_wrong_with_a_file_at_its_material(self, chen: Browser) -> None:
        answer_all(chen)
        code = material(chen)
        chen.send(to=code, file=("scan.png", b"no picture"))
        assert (chen.status, material(chen)) == (422, code)


def material(browser: Browser) -> str:
    """Return the code of the one material that a page asks for."""
    found = [form.values["code"][0] for form in browser.page.forms if "code" in form.values]
    assert len(set(found)) == 1, found
    return str(found[0])


def next_page(browser: Browser) -> str:
    found = re.search(r'href="(\?ask=[^"]+)">下一步<', browser.text)
    assert found, browser.words
    return browser.url.partition("?")[0] + found[1]


def asked(browser: Browser) -> str:
    """Return the name of the question that a page asks."""
    return str(browser.form().values["ask"][0])


def told(browser: Browser) -> dict[str, str]:
    """Return the example's answer to the question of a page."""
    one, example = asked(browser), flat(seed.example(DRIVING))
    return {name: said for name, said in example.items() if name == one or name.startswith(f"{one}-")}


def answer_all(browser: Browser) -> int:
    """Answer question by question to the materials; return how many pages that were."""
    pages = 0
    while "/steps/" in browser.url:
        assert pages < 60, browser.words
        browser.send(told(browser))
        assert browser.status == 200, browser.words
        pages += 1
    return pages
