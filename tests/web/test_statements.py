"""What a page asks of the database does not grow with its rows."""

import pytest
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_officer import staff
from tests.world import World
from tongban.measuring import history

pytestmark = pytest.mark.slow
MORE = 25


def asked(world: World, node: str, page: Browser, url: str) -> list[str]:
    page.open(url)  # what is compiled and remembered
    with CaptureQueriesContext(world[node].connection) as statements:
        page.open(url)
    return [one["sql"] for one in statements if one["sql"].startswith("SELECT")]


@pytest.mark.parametrize(
    ("node", "url", "most"), [("qingyang", "/counter/", 14), ("jiashan", "/supervision/", 21), ("jiashan", "/desk/", 17)]
)  # fmt: skip
def test_a_list_asks_as_much_for_many_rows_as_for_one(
    counties: World, node: str, url: str, most: int
) -> None:
    number = stories.received(counties) if url == "/counter/" else stories.forwarded(counties)
    login = {"/supervision/": "js-supervisor", "/desk/": "js-hrss"}.get(url, "")
    page = staff(counties, "jiashan", login) if login else window(counties)
    few = asked(counties, node, page, url)
    with counties.on(node):
        history.copies(number, MORE)
    many = asked(counties, node, page, url)
    assert page.text.count("<tr") > MORE
    assert len(many) == len(few) <= most, "\n".join(many)


@pytest.mark.parametrize(
    ("node", "of", "url"), [("jiashan", "js-hrss", "/desk/{}/"), ("qingyang", "", "/counter/cases/{}/")]
)
def test_a_page_of_a_case_reads_its_story_once(counties: World, node: str, of: str, url: str) -> None:
    number = stories.acknowledged(counties)
    page = staff(counties, node, of) if of else window(counties)
    many = asked(counties, node, page, url.format(number))
    assert page.status == 200
    assert len([one for one in many if 'FROM "kernel_event"' in one]) == 1
