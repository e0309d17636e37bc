"""Claims at the pages: what somebody has taken upon themselves stays theirs until they hand it over, or a supervisor lifts it."""

from typing import Any

import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.models import Person
from tongban.cases.words import Act
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import pseudonyms
from tongban.procedures.deciding import ActNotAllowed

pytestmark = pytest.mark.slow


@pytest.fixture
def number(counties: World) -> str:
    """A case that waits to be taken in."""
    return stories.filed(counties)


def claimed(world: World, number: str) -> str:
    """Return the user name of who has claimed the only duty of a case."""
    (duty,) = case_on(world, "qingyang", number).state["duties"].values()
    with world.on("qingyang"):
        who = pseudonyms.person(number, duty["claimed"] or "")
        return Person.objects.get(pseudonym=who).username if who else ""


def window(world: World, login: str) -> Browser:
    browser = staff(world, "qingyang", login)
    if browser.url.startswith("/counter/shift/"):
        browser.send()
    return browser


def claim(browser: Browser, number: str) -> Browser:
    return browser.open(f"/desk/{number}/").send(to="/claim/")


@pytest.mark.attack("A1")
class TestAtTheCase:
    def test_goes_to_a_colleague_and_back_to_all(self, counties: World, number: str) -> None:
        first, second = window(counties, "qy-window"), window(counties, "qy-window2")
        claim(first, number)
        assert claimed(counties, number) == "qy-window"
        assert "认领（由我办理）" not in second.open(f"/desk/{number}/").words
        assert "没有由您认领的责任" in second.open(f"/numbers/{number}/hand-over/").words
        first.open(f"/numbers/{number}/hand-over/")
        offered = [code for code in first.form().offered["colleague"] if code]
        with counties.on("qingyang"):
            names = set(Person.objects.filter(pseudonym__in=offered).values_list("username", flat=True))
        assert names == {"qy-window2"}
        first.send({"colleague": offered[0]})
        assert claimed(counties, number) == "qy-window2"
        second.open(f"/numbers/{number}/hand-over/").send({"colleague": ""})
        assert claimed(counties, number) == ""
        assert "认领（由我办理）" in first.open(f"/desk/{number}/").words

    def test_nobody_takes_a_claim_or_gives_it_to_a_stranger(self, counties: World, number: str) -> None:
        first = window(counties, "qy-window")
        claim(first, number)
        (name,) = case_on(counties, "qingyang", number).state["duties"]
        other = counties["qingyang"].staff("window")
        given: dict[str, Any] = {"duties": [name]}
        with pytest.raises(ActNotAllowed, match="已由他人认领"):
            stories.do(counties, "qingyang", number, Act.CLAIM, other, given=given)
        with pytest.raises(ActNotAllowed, match="不由您认领"):
            stories.do(counties, "qingyang", number, Act.HAND_OVER, other, given={**given, "colleague": ""})
        with counties.on("qingyang"):
            officer = Person.objects.get(username="qy-hrss").pseudonym
        with pytest.raises(InvalidInput, match="接办人不在本机构"):
            stories.do(
                counties, "qingyang", number, Act.HAND_OVER, other, given={**given, "colleague": officer}
            )
        assert claimed(counties, number) == "qy-window"

    @pytest.mark.attack("A4")
    def test_a_supervisor_lifts_the_claim_of_somebody_absent_and_says_why(
        self, counties: World, number: str
    ) -> None:
        claim(window(counties, "qy-window"), number)
        for login in ("qy-supervisor", "qy-office"):
            watcher = staff(counties, "qingyang", login).open(f"/supervision/cases/{number}/")
            assert "解除认领" in watcher.words
        watcher.open(f"/numbers/{number}/relieve/").send()
        assert (watcher.status, "请写明谁缺岗" in watcher.words) == (422, True)
        watcher.send({"note": "经办人病假"})
        assert claimed(counties, number) == ""
        assert "经办人病假" in watcher.open(f"/supervision/cases/{number}/").words
        assert "没有人认领责任" in watcher.open(f"/numbers/{number}/relieve/").words


class TestAtTheEndOfAShift:
    def test_all_goes_to_the_colleague_who_is_chosen(self, counties: World, number: str) -> None:
        clerk = window(counties, "qy-window")
        claim(clerk, number)
        clerk.open("/counter/handover/")
        code = next(code for code in clerk.form().offered["colleague"] if code not in ("", "kept"))
        clerk.send({"colleague": code})
        assert clerk.url.startswith("/sign-in/")
        assert claimed(counties, number) == "qy-window2"

    def test_stays_with_who_will_be_back(self, counties: World, number: str) -> None:
        clerk = window(counties, "qy-window")
        claim(clerk, number)
        clerk.open("/counter/handover/").send({"colleague": "kept"})
        assert claimed(counties, number) == "qy-window"

    def test_a_stranger_is_refused_and_the_shift_goes_on(self, counties: World, number: str) -> None:
        clerk = window(counties, "qy-window")
        claim(clerk, number)
        clerk.open("/counter/handover/").send({"colleague": "NOBODY"})
        assert (clerk.status, "接办人不在本机构" in clerk.words) == (409, True)
        assert claimed(counties, number) == "qy-window"
