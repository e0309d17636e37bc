"""A page stays good while others only look: nobody is sent back because the other side opened the case."""

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World

pytestmark = pytest.mark.slow


class TestAClerkWhoseCaseIsLookedAt:
    def test_urges_from_the_page_as_it_was(self, counties: World) -> None:
        number = stories.forwarded(counties)
        counties.settle()
        clerk = staff(counties, "qingyang", "qy-window").open(f"/counter/cases/{number}/")
        before = case_on(counties, "qingyang", number).version
        staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        counties.settle()
        assert case_on(counties, "qingyang", number).version > before

        clerk.send(to="/acts/urge/")

        assert "“催办”已完成" in clerk.words

    def test_pressing_twice_still_urges_once(self, counties: World) -> None:
        number = stories.forwarded(counties)
        counties.settle()
        clerk = staff(counties, "qingyang", "qy-window").open(f"/counter/cases/{number}/")
        page: Browser = clerk
        drawn = page.text
        staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        counties.settle()
        page.send(to="/acts/urge/")
        after = case_on(counties, "qingyang", number).version

        page.text = drawn
        page.send(to="/acts/urge/")

        assert "“催办”已完成" in page.words
        assert case_on(counties, "qingyang", number).version == after
