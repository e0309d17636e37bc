"""Several cases at once: each by its own act, each with what came of it."""

import io

import pikepdf
import pytest

from tests import stories
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_officer import officer
from tests.world import World
from tongban.accounts.models import Person
from tongban.cases.words import Phase
from tongban.kernel.journal import pseudonyms

__all__ = ["officer"]
pytestmark = pytest.mark.slow


def choose(browser: Browser, numbers: list[str], do: str, **more: str) -> Browser:
    """Tick these cases on the queue and press a button of the bar."""
    sent = {**browser.open("/desk/").form("/many/").values, "number": numbers, "do": do, **more}
    for number in numbers:
        assert f'name="number" value="{number}"' in browser.text
    return browser._done(browser._call("post", "/many/", sent))


def test_are_acknowledged_and_what_cannot_be_says_why(counties: World, officer: Browser) -> None:
    fresh, done = stories.forwarded(counties), stories.acknowledged(counties)
    choose(officer, [fresh, done], "acknowledge")
    assert officer.status == 200
    assert case_on(counties, "jiashan", fresh).phase == Phase.ACKNOWLEDGED
    assert "已办 1 件" in officer.words
    # By what it is and for whom; the number stands behind.
    assert officer.words.count("社会保障卡申领 · 张*") == 2, officer.words
    assert "没有办成 1 件" in officer.words
    assert "不能“签收”" in officer.words
    choose(officer, [fresh, done], "acknowledge")
    assert officer.status == 422


def test_are_handed_to_a_colleague(counties: World, officer: Browser) -> None:
    numbers = [stories.forwarded(counties), stories.forwarded(counties)]
    choose(officer, numbers, "hand")
    (head,) = [code for code in officer.form().offered["colleague"] if code]
    officer.send({"colleague": head})
    assert "已办 2 件" in officer.words
    for number in numbers:
        state = case_on(counties, "jiashan", number).state
        (claimed,) = [one["claimed"] for one in state["duties"].values() if one["claimed"]]
        with counties.on("jiashan"):
            assert Person.objects.get(pseudonym=pseudonyms.person(number, claimed)).username == "js-hrss-head"


@pytest.mark.prove("draws many letters")
@pytest.mark.drawn
def test_letters_are_printed_in_one_go(counties: World, officer: Browser) -> None:
    numbers = [stories.accepted(counties), stories.accepted(counties)]
    answer = officer.open("/desk/").form("/many/").values
    printed = officer._call("post", "/many/", {**answer, "number": numbers, "do": "print"})
    assert printed["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(printed.content)) as whole:
        assert len(whole.pages) >= 2
    choose(officer, [stories.forwarded(counties)], "print")
    assert (officer.status, "还没有签发过文书" in officer.words) == (422, True)


@pytest.mark.parametrize("numbers", [[], ["341723AAAA20260302BBBBBBBBB"] * 1, [f"X{n}" for n in range(51)]])
def test_what_was_chosen_is_there_and_not_too_much(
    counties: World, officer: Browser, numbers: list[str]
) -> None:
    stories.forwarded(counties)
    sent = {**officer.open("/desk/").form("/many/").values, "number": numbers, "do": "claim"}
    officer._done(officer._call("post", "/many/", sent))
    assert officer.status == 422
    officer._done(officer._call("post", "/many/", {**sent, "do": "destroy"}))
    assert (officer.status, "没有这种批量操作" in officer.words) == (422, True)
