"""What callers of every kind hear while nothing can be stored, and that the node goes on by itself afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.api.test_exchange import knock
from tests.api.test_submission import application, counted
from tests.disks import full, unwritable
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin
from tests.world import World
from tongban.accounts import demo
from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.exchange import gateway
from tongban.signin.sessions import SEEN_EVERY

pytestmark = [pytest.mark.database, pytest.mark.slow]


def use_up(call: Callable[[], int]) -> None:
    """Call until the room that is left within the pages is used up."""
    for _ in range(100):
        if call() not in (200, 201):
            return
    raise AssertionError("the disk is not full")


@pytest.fixture
def clerk(counties: World) -> Caller:
    return front.staff(counties, "qingyang", "window")


def file(clerk: Caller, key: str | None = None) -> Any:
    return clerk.post("/cases", application(clerk), key=key)


class TestTheApi:
    def test_refuses_an_application_and_takes_it_later(self, clerk: Caller) -> None:
        with full(clerk.world, "qingyang"):
            use_up(lambda: file(clerk).status_code)
            before = counted(clerk)
            refused = file(clerk, key="the-same")
            assert "磁盘" in is_problem(refused, 503, "storage_full")
            assert refused.headers["Retry-After"] == "30"
            assert counted(clerk) == before

        assert file(clerk, key="the-same").status_code == 201

    def test_refuses_to_sign_in(self, counties: World) -> None:
        def sign_in() -> Any:
            body = {"username": "qy-window", "password": demo.PASSWORD}
            return Caller(counties, "qingyang").post("/sessions", body)

        assert sign_in().status_code == 200
        # Room of sessions that have ended is used again, so that a full disk alone may let many in.
        with unwritable(counties, "qingyang"):
            is_problem(sign_in(), 503, "storage_full")
        assert sign_in().status_code == 200

    def test_signs_nobody_out(self, clerk: Caller) -> None:
        clerk.world.at += SEEN_EVERY + timedelta(minutes=1)  # so that the session has to be written
        with unwritable(clerk.world, "qingyang"):
            is_problem(clerk.get("/duties"), 503, "storage_full")
        assert clerk.get("/duties").status_code == 200

    def test_logs_one_line_and_no_traceback(self, clerk: Caller, caplog: pytest.LogCaptureFixture) -> None:
        clerk.world.at += SEEN_EVERY + timedelta(minutes=1)
        with unwritable(clerk.world, "qingyang"):
            clerk.get("/duties")  # when the session is written
            file(clerk)  # by the endpoint
        assert not [record for record in caplog.records if record.exc_info]
        refused = [record for record in caplog.records if record.name == "tongban.api.problems"]
        assert len(refused) == 2
        assert len(caplog.records) == 3, "and that the first look could not be written down"
        with clerk.world.on("qingyang"):
            named = {"sqlite": "SQLITE_IOERR", "postgresql": "53100"}[connection.vendor]
        assert named in refused[0].getMessage()


class TestPages:
    @pytest.fixture
    def browser(self, counties: World) -> Browser:
        return Browser(counties, client=Client(enforce_csrf_checks=True, raise_request_exception=False))

    def test_say_it_in_words(self, browser: Browser) -> None:
        begin(browser.sign_in("qy-chen"), DRIVING)
        browser.open(f"/items/{browser.world['jiashan'].offering(DRIVING)}/start/")
        with unwritable(browser.world, "qingyang"):
            browser.send({"mode": "FULLY_ONLINE"})
            assert (browser.status, "磁盘已满或读写出错" in browser.words) == (503, True)
        begin(browser, DRIVING)

    def test_say_it_to_whoever_signs_in(self, browser: Browser) -> None:
        def sign_in() -> int:
            browser.client.cookies.clear()
            return browser.sign_in("qy-chen").status

        assert sign_in() == 200
        with unwritable(browser.world, "qingyang"):
            sign_in()
            assert (browser.status, "磁盘已满或读写出错" in browser.words) == (503, True)
        assert sign_in() == 200

    def test_say_it_in_a_part_of_a_page(self, browser: Browser) -> None:
        browser.sign_in("qy-chen").open(f"/items/{browser.world['jiashan'].offering(DRIVING)}/start/")
        with unwritable(browser.world, "qingyang"):
            answer = browser.ask(browser.url, {"mode": "FULLY_ONLINE"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "磁盘已满或读写出错" in answer.content.decode()


class TestTheExchange:
    def test_takes_nothing_and_gets_it_again(self, counties: World) -> None:
        heard: list[Any] = []

        def over_http(url: str, raw: bytes) -> bytes:
            node = next(one for one in counties.nodes.values() if one.config.url == url)
            heard.append(knock(counties, node.key, raw))
            if heard[-1].headers["Content-Type"] != "application/json":
                raise gateway.Unreachable("refused")
            return bytes(heard[-1].content)

        number = stories.reviewed(counties)
        stories.do(counties, "qingyang", number, Act.FORWARD, counties["qingyang"].staff("window"))
        gateway.post = over_http
        with full(counties, "jiashan"):
            counties.round("qingyang")
            is_problem(heard[0], 503, "storage_full")
            with counties.on("jiashan"):
                assert not Case.objects.filter(number=number).exists()

        counties.at += timedelta(minutes=10)
        counties.settle()
        assert stories.case_on(counties, "jiashan", number).phase == "forwarded"


class TestReadiness:
    def test_is_denied_where_no_act_finds_room(self, clerk: Caller) -> None:
        def ready() -> Any:
            return clerk.call("GET", "/readyz")

        with full(clerk.world, "qingyang"):
            use_up(lambda: file(clerk).status_code)
            answer = ready()
            assert (answer.status_code, answer.json()["database"], answer.json()["writable"]) == (
                503,
                True,
                False,
            )
        assert (ready().status_code, ready().json()["writable"]) == (200, True)

    def test_is_denied_where_nothing_can_be_written(self, clerk: Caller) -> None:
        assert clerk.call("GET", "/readyz").status_code == 200
        with unwritable(clerk.world, "qingyang"):
            assert clerk.call("GET", "/readyz").status_code == 503
        assert clerk.call("GET", "/readyz").status_code == 200
