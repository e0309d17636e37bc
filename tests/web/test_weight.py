"""What a person downloads for a page that uses htmx, also where its list is as long as a page of it may be."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests import stories
from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_officer import staff
from tests.world import World
from tongban.measuring import history
from tongban.web.officer import queue
from tongban.web.supervisor import overview

pytestmark = pytest.mark.slow
HEAVIEST = 60 * 1024


def parts(page: str) -> dict[str, Path]:
    """Return the files that a page loads, by their address."""
    named = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    return {name: Path(str(finders.find(name))) for name in named}


def travels(file: Path) -> int:
    """Return what is sent of a file: what lies compressed beside it, where there is such."""
    packed = file.with_name(f"{file.name}.gz")
    return (packed if packed.exists() else file).stat().st_size


def weigh(page: str) -> tuple[int, int]:
    """Return what is sent for a page, and what of it is ours, unpacked."""
    files = parts(page)
    sent = sum(map(travels, files.values()))
    own = sum(file.stat().st_size for name, file in files.items() if "/vendor/" not in name)
    return len(page.encode()) + sent, len(page.encode()) + own


@pytest.mark.parametrize(("login", "url"), [("js-hrss", "/desk/"), ("js-supervisor", "/supervision/")])
def test_a_long_list_is_no_heavy_page(counties: World, login: str, url: str) -> None:
    number = stories.forwarded(counties)
    with counties.on("jiashan"):
        history.copies(number, queue.PAGE)  # and one more, so that there is a next page
    page = staff(counties, "jiashan", login).open(url).text
    assert (
        page.count('<tr id="d') + page.count('<tr><th scope="row"><a href="/supervision/cases/') == queue.PAGE
    )
    assert "after=" in page
    sent, own = weigh(page)
    assert sent <= HEAVIEST, (sent, own)
    assert own <= HEAVIEST, (sent, own)


def test_a_list_to_choose_from_is_no_heavy_page(counties: World) -> None:
    number = stories.forwarded(counties)
    with counties.on("jiashan"):
        history.copies(number, queue.PAGE)
    counties.wait_until("2026-04-15")
    page = staff(counties, "jiashan", "js-supervisor").open("/supervision/?late=1").text
    assert page.count('name="duty"') == overview.TO_CHOOSE
    sent, own = weigh(page)
    assert max(sent, own) <= HEAVIEST, (sent, own)


@pytest.mark.parametrize("url", ["/", "/items/", "/counter/?q=嘉善"])
def test_a_search_is_no_heavy_page(counties: World, url: str) -> None:
    browser = window(counties) if url.startswith("/counter/") else Browser(counties)
    sent, own = weigh(browser.open(url).text)
    assert sent <= HEAVIEST, (sent, own)
    assert own <= HEAVIEST, (sent, own)
