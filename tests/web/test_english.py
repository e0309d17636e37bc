"""The English pages: every sentence has English, the compiled catalogue is that of the source, nothing stays Chinese."""

import re
import runpy
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.utils import translation

from tests import stories
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases.words import Act
from tongban.catalogue import seed
from tongban.web import english

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "src/tongban/locale/en/LC_MESSAGES/django.po"
GUIDES = ROOT / "src/tongban/catalogue/data"  # what counties write stays in their language
HAN = re.compile(r"[\u4e00-\u9fff]")
KEPT = {
    "例如：社保卡、驾照到期、残疾证",
    "每项一个“环节=工作日”，如 推送=1 签收=1；只能缩短。可写的环节：{segments}",
    "例如：社保卡 嘉善。扫描收件凭证上的二维码可直接打开办件。",
}  # what is typed is Chinese


# Told to operators, machines and other nodes; or said in English by the page itself.
NOT_ON_PAGES = {
    "bad_api_key", "branch_seen", "calendar_invalid", "calendar_not_newer", "content_needs_reason", "event_malformed", "material_malformed",
    "not_a_party", "out_of_bounds", "procedure_unknown", "refused", "seal_does_not_extend", "seal_missing",
    "transfer_not_authentic", "transfer_refused", "unknown_node", "unknown_suite",
}  # fmt: skip


@pytest.fixture(autouse=True)
def afterwards_chinese() -> Iterator[None]:
    yield
    translation.deactivate()


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts/messages"))


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE), wrapwidth=0)


class Texts(HTMLParser):
    """Collects what is read of a page: its texts, and the names that are only spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value or "" for name, value in attrs if name in ("aria-label", "data-label", "placeholder")
        ]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def chinese(page: str) -> list[str]:
    """Return the texts of a page with Chinese in them, but for the link to the Chinese page."""
    reader = Texts()
    reader.feed(page)
    return [text.strip() for text in reader.found if HAN.search(text) and text.strip() != "中文"]


def in_english(browser: Browser) -> Browser:
    browser.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return browser


class TestCatalogue:
    def test_has_english_for_all_that_pages_say(self, tool: dict[str, Any], catalogue: polib.POFile) -> None:
        lacking = {one for one, _ in tool["messages"]()} - {
            entry.msgid for entry in catalogue.translated_entries()
        }
        assert not lacking, "run scripts/messages --write and fill in what it names"

    def test_has_nothing_that_no_page_says(self, tool: dict[str, Any], catalogue: polib.POFile) -> None:
        assert not {entry.msgid for entry in catalogue} - {one for one, _ in tool["messages"]()}

    def test_is_compiled_as_it_stands(self, catalogue: polib.POFile) -> None:
        assert CATALOGUE.with_suffix(".mo").read_bytes() == catalogue.to_binary()

    def test_keeps_what_is_put_in(self, catalogue: polib.POFile) -> None:
        marks = re.compile(r"%\(\w+\)s")
        for entry in catalogue:
            for said in [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values():
                assert sorted(marks.findall(entry.msgid)) == sorted(marks.findall(said)), entry.msgid

    def test_is_english(self, catalogue: polib.POFile) -> None:
        assert {e.msgid for e in catalogue if HAN.search(e.msgstr)} <= KEPT


class TestPages:
    def test_the_home_page_is_in_english_but_for_names_of_places(self, counties: World) -> None:
        page = in_english(Browser(counties)).open("/").text
        places = re.compile(r"(^|^Home · )(安徽省|浙江省|重庆市)[\u4e00-\u9fff]+$|^青阳县政务服务中心$")
        assert '<html lang="en"' in page
        assert not [text for text in chinese(page) if not places.search(text)]

    def test_the_switch_is_kept(self, counties: World) -> None:
        browser = Browser(counties).open("/").open("/display/?language=en&next=/")
        assert "Browse by subject" in browser.text
        assert "按主题找" in browser.open("/display/?language=zh-hans&next=/").text

    @pytest.mark.parametrize("page", ["/items/", "/sign-in/", "/lookup/", "/no-such-page/"])
    def test_what_anybody_sees_has_no_words_of_ours_in_chinese(
        self, counties: World, catalogue: polib.POFile, page: str
    ) -> None:
        shown = chinese(in_english(Browser(counties)).open(page).text)
        assert not {entry.msgid for entry in catalogue}.intersection(shown)

    @pytest.mark.prove("every page of every desk")
    @pytest.mark.slow
    def test_the_desks_have_no_words_of_ours_in_chinese(
        self, counties: World, catalogue: polib.POFile
    ) -> None:
        forms = "".join(path.read_text(encoding="utf-8") for path in GUIDES.rglob("*.json"))
        ours = {entry.msgid for entry in catalogue if f'"{entry.msgid}"' not in forms}
        number = stories.forwarded(counties)
        counties.settle()
        visits = {
            ("qingyang", "qy-window"): ["/counter/", f"/counter/cases/{number}/"],
            ("jiashan", "js-hrss"): ["/desk/", f"/desk/{number}/", f"/desk/{number}/acts/redirect/"],
            ("jiashan", "js-supervisor"): [
                "/supervision/",
                f"/supervision/cases/{number}/",
                "/supervision/peers/",
            ],
        }
        for (node, who), pages in visits.items():
            browser = in_english(staff(counties, node, who))
            for page in pages:
                browser.open(page)
                assert browser.status == 200, page
                left = ours.intersection(chinese(browser.text))
                assert not left, page


class Unmarked(HTMLParser):
    """Collects Chinese that is read aloud as if it were English."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._marks: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            marked = any(name == "lang" and (value or "").startswith("zh") for name, value in attrs)
            self._marks.append(marked or bool(self._marks and self._marks[-1]) or tag in ("title", "script"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self._marks.pop()

    def handle_data(self, data: str) -> None:
        if HAN.search(data) and not self._marks[-1] and data.strip() != "中文":
            self.found.append(data.strip())


def unmarked(page: str) -> list[str]:
    reader = Unmarked()
    reader.feed(page)
    return [text for text in reader.found if text not in KEPT]


class TestWhatCountiesWrote:
    def test_is_called_by_its_english_name_where_its_guide_has_one(self, counties: World) -> None:
        browser = in_english(Browser(counties))
        assert "Renewal of an expiring driving licence" in browser.open("/items/?q=driving").words
        page = browser.open(f"/items/{counties['jiashan'].offering(DRIVING)}/")
        assert "<title>Renewal of an expiring driving licence" in page.text
        assert "published in Chinese only" in page.words
        assert "1 copy" in page.words
        assert "3 copies" in page.words

    def test_is_marked_as_chinese(self, counties: World) -> None:
        chen = in_english(Browser(counties).sign_in("qy-chen"))
        offering = counties["jiashan"].offering(DRIVING)
        number = begin(chen, DRIVING)
        pages = [
            "/", "/items/", f"/items/{offering}/", f"/items/{offering}/start/", "/my-cases/",
            *(f"/drafts/{number}/{page}/" for page in ("steps/1", "steps/2", "steps/4", "materials", "confirm")),
        ]  # fmt: skip
        left = {page: unmarked(chen.open(page).text) for page in pages}
        chen.open(f"/drafts/{number}/steps/1/").send()
        left["faults"] = unmarked(chen.text)
        assert not {page: texts for page, texts in left.items() if texts}

    def test_is_marked_on_a_case_too(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen")
        number = filed(chen)
        counties.settle()
        stories.do(counties, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(counties, number))
        counties.settle()
        chen = in_english(chen)
        for page in (f"/my-cases/{number}/", f"/my-cases/{number}/receipt/"):
            assert not unmarked(chen.open(page).text), page
        shown = chen.open("/lookup/").send({"number": number, "proof": stories.proof(DRIVING)})
        assert shown.status == 200
        assert not unmarked(shown.text)

    def test_has_an_english_name_in_every_guide_of_ours(self) -> None:
        for template in seed.templates().values():
            assert template["name_in"]["en"]


class TestRefusals:
    def test_of_the_lower_layers_are_said_in_english_and_shown_as_they_were(self, counties: World) -> None:
        browser = in_english(staff(counties, "qingyang", "qy-window")).open("/counter/cases/341723QY/")
        assert browser.status == 422
        assert english.SENTENCES["bad_number"] in browser.words
        assert re.search(r'<p class="hint" lang="zh-Hans">[^<]*[\u4e00-\u9fff]', browser.text)

    def test_beside_a_field_too(self, counties: World) -> None:
        browser = in_english(Browser(counties)).open("/lookup/?number=123").send()
        assert browser.status == 422
        assert english.SENTENCES["bad_number"] in browser.words
        assert '<span lang="zh-Hans">' in browser.text

    def test_chinese_pages_say_it_once(self, counties: World) -> None:
        browser = Browser(counties).open("/lookup/?number=123").send()
        assert 'lang="zh-Hans"' not in browser.text.partition("<main")[2]

    def test_every_refusal_that_a_page_may_show_has_its_english(self) -> None:
        known = runpy.run_path(str(ROOT / "scripts/error-codes"))
        on_pages = {
            kind.code: kind.__module__
            for kind in known["refusals"]()
            if kind.__module__.split(".")[1]
            in ("accounts", "cases", "letters", "materials", "signin", "kernel")
        }
        assert set(on_pages) - set(english.SENTENCES) <= NOT_ON_PAGES, "say it in web/english.py"
        assert (
            not set(english.SENTENCES)
            - {kind.code for kind in known["refusals"]()}
            - {"bad_number", "bad_identifier"}
        )
