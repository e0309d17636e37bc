"""HEAD, by which monitors and proxies ask whether a page is there: as GET, and nothing is done or sent."""

import re
from pathlib import Path

import pytest

from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, filed
from tests.web.who_may import PAGES
from tests.world import World
from tongban.cases.models import Case
from tongban.kernel.journal import writer as journal

WEB = Path(__file__).parents[2] / "src/tongban/web"
ANYBODY = ("/", "/items/", "/lookup/", "/sign-in/", "/components/", "/no-such-page/")


def head(browser: Browser, url: str) -> tuple[int, bytes]:
    answer = browser._call("head", url)
    return answer.status_code, answer.content


class TestHead:
    @pytest.mark.parametrize("url", ANYBODY)
    def test_is_answered_as_get_without_a_body(self, counties: World, url: str) -> None:
        browser = Browser(counties)
        assert head(browser, url) == (browser.fetch(url).status_code, b"")

    def test_of_pages_that_take_something_too_does_nothing(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen")
        case, draft = filed(chen), begin(chen, DRIVING)
        with counties.on("qingyang"):
            before = [event.hash for event in journal.events_of(case)]
        for url in (
            f"/my-cases/{case}/", f"/my-cases/{case}/receipt/", f"/drafts/{draft}/steps/1/", f"/drafts/{draft}/materials/",
            f"/drafts/{draft}/confirm/", f"/drafts/{draft}/discard/",
        ):  # fmt: skip
            assert head(chen, url) == (200, b""), url
        assert head(chen, f"/my-cases/{case}/acts/urge/")[0] == 302
        with counties.on("qingyang"):
            assert [event.hash for event in journal.events_of(case)] == before
            assert Case.objects.count() == 1

    def test_is_admitted_wherever_get_is(self) -> None:
        found = {path.name: path.read_text(encoding="utf-8") for path in WEB.rglob("*.py")}
        assert len(PAGES) > 40
        assert not [
            name for name, source in found.items() if re.search(r"require_GET|\[\"GET\", \"POST\"\]", source)
        ]
