"""What a view says of whom it admits is what the table of the pages says; the rounds of tests/browser go by it."""

import pytest

from tests.browser.roles import actors, is_page, posts, role_of, routes
from tests.web.who_may import APPLICANTS, EVERYBODY, PAGES, Person
from tongban.web.access import admits


def lets_in(route: str) -> set[Person]:
    wanted = admits(routes()[route].callback)
    if wanted is None:
        return set(EVERYBODY)
    somebody = {person: actors()[role_of(person[1])] for person in EVERYBODY if person[1] != "nobody"}
    return {person for person, actor in somebody.items() if actor and wanted.lets(actor)}


@pytest.mark.parametrize("name", PAGES)
def test_a_view_admits_whom_the_table_names(name: str) -> None:
    row = PAGES[name]
    may = row.get or row.post
    assert may
    assert lets_in(f"web:{name}") == may.posts


@pytest.mark.parametrize("name", PAGES)
def test_a_view_shows_a_page_where_the_table_says_that_it_can_be_read(name: str) -> None:
    assert is_page(f"web:{name}") == (PAGES[name].get is not None)


def test_every_post_of_a_demo_county_is_a_role() -> None:
    assert {login for _node, login in EVERYBODY - APPLICANTS} - {"nobody"} <= set(posts())
