"""Lost second factors by pages: one asks, another confirms, and the person enrols anew."""

import re

import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.web.test_second import OWN, enrol
from tests.world import World
from tongban.accounts.models import Authenticator, Person, SecondReset

pytestmark = pytest.mark.slow
PAGE, LOST = "/account/resets/", "js-hrss-head"


def ask(browser: Browser, username: str = LOST) -> Browser:
    return browser.open(PAGE).send({"username": username}, button="do=ask")


def confirm(browser: Browser) -> Browser:
    browser.open(PAGE)
    form = next(f for f in browser.page.forms if ("do", "confirm") in f.buttons)
    return browser._done(browser._call("post", PAGE, {**form.values, "do": "confirm"}))


def factors(world: World) -> int:
    with world.on("jiashan"):
        return Authenticator.objects.of(Person.objects.get(username=LOST)).count()


@pytest.fixture
def manager(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-accounts")


@pytest.fixture
def supervisor(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-supervisor")


@pytest.mark.attack("A9")
def test_by_two_people_and_then_enrolled_anew(counties: World, manager: Browser, supervisor: Browser) -> None:
    before = staff(counties, "jiashan", LOST)
    assert "等另一人复核" in ask(manager).words
    assert factors(counties) == 1
    confirm(supervisor)
    password = re.search(r'<span class="num">([a-z2-9-]{19})</span>', supervisor.text)[1]  # type: ignore[index]
    assert (supervisor.status, factors(counties)) == (200, 0)
    assert before.open("/desk/").url.startswith("/sign-in/")

    person = Browser(counties, "jiashan").open("/sign-in/")
    person.send({"who": "staff", "name": LOST, "password": password})
    assert person.url == OWN
    enrol(person)
    assert person.open("/desk/").url == "/password/?next=/desk/"
    assert "24 小时内没有申请" in supervisor.open(PAGE).words


@pytest.mark.attack("A9")
def test_who_asked_is_offered_no_button_and_is_refused(counties: World, manager: Browser) -> None:
    ask(manager)
    assert "您申请的" in manager.words
    with counties.on("jiashan"):
        number = SecondReset.objects.get().pk
    token = manager.form().values["csrfmiddlewaretoken"]
    sent = {"csrfmiddlewaretoken": token, "number": str(number), "do": "confirm"}
    manager._done(manager._call("post", PAGE, sent))
    assert (manager.status, factors(counties)) == (403, 1)
    assert "不能复核自己的申请" in manager.words


def test_nobody_resets_themselves(manager: Browser) -> None:
    assert ask(manager, "js-accounts").status == 403
    assert "不能重置本人" in manager.words


@pytest.mark.parametrize("username", ["", "nobody", "qy-accounts"])
def test_whom_one_cannot_see_is_not_found(manager: Browser, username: str) -> None:
    assert ask(manager, username).status == 422
    assert "没有这个在用的账号" in manager.words


def test_a_supervisor_confirms_but_does_not_ask(counties: World, supervisor: Browser) -> None:
    supervisor.open(PAGE)
    assert not [f for f in supervisor.page.forms if ("do", "ask") in f.buttons]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', supervisor.text)[1]  # type: ignore[index]
    sent = {"csrfmiddlewaretoken": token, "username": LOST, "do": "ask"}
    supervisor._done(supervisor._call("post", PAGE, sent))
    assert supervisor.status == 422  # nor sees people
    with counties.on("jiashan"):
        assert not SecondReset.objects.exists()


def test_is_found_by_those_it_is_for(manager: Browser, counties: World) -> None:
    assert f'href="{PAGE}"' in manager.open(OWN).text
    assert f'href="{PAGE}"' in manager.open("/accounts/").text
    officer = staff(counties, "jiashan", "js-hrss")
    assert f'href="{PAGE}"' not in officer.open(OWN).text
    assert officer.open(PAGE).status == 403
