"""Behind a proxy everybody is counted by an address of their own, and nobody by one that they made up."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.configuration import proxy
from tongban.kernel.journal import numbers

__all__ = ["counties", "settled"]
pytestmark = pytest.mark.database

WRONG = {"username": "qy-window", "password": "wrong"}
FAILURES = 5


@pytest.fixture
def behind_proxy(counties: World) -> World:
    node = counties["qingyang"]
    node.config = replace(node.config, proxies=proxy.read(["127.0.0.1"]))
    return counties


def from_(world: World, forwarded: str, address: str = "127.0.0.1") -> Caller:
    return Caller(world, "qingyang", headers={"X-Forwarded-For": forwarded}, address=address)


def guesses(world: World) -> list[str]:
    with world.on("qingyang"):
        return [str(numbers.issue("500152", "x" * 64, n, world.at.date())) for n in range(1, FAILURES + 2)]


def looked_up(world: World, number: str, forwarded: str) -> Any:
    """Look a number up on the page."""
    with world.on("qingyang"):
        return Client().post("/lookup/", {"number": number}, headers={"X-Forwarded-For": forwarded})


@pytest.mark.attack("D4")
class TestSigningIn:
    def test_of_one_address_holds_up_no_other(self, behind_proxy: World) -> None:
        for _ in range(FAILURES):
            is_problem(from_(behind_proxy, "203.0.113.7").post("/sessions", WRONG), 401, "bad_credentials")
        is_problem(from_(behind_proxy, "203.0.113.7").post("/sessions", WRONG), 429, "throttled")
        is_problem(from_(behind_proxy, "203.0.113.8").post("/sessions", WRONG), 401, "bad_credentials")

    def test_gains_nothing_by_made_up_addresses(self, behind_proxy: World) -> None:
        for number in range(FAILURES):
            from_(behind_proxy, f"198.51.100.{number}, 203.0.113.7").post("/sessions", WRONG)
        answer = from_(behind_proxy, "198.51.100.99, 203.0.113.7").post("/sessions", WRONG)
        is_problem(answer, 429, "throttled")

    def test_gains_nothing_without_a_proxy(self, behind_proxy: World) -> None:
        for number in range(FAILURES):
            from_(behind_proxy, f"198.51.100.{number}", "203.0.113.7").post("/sessions", WRONG)
        is_problem(
            from_(behind_proxy, "198.51.100.9", "203.0.113.7").post("/sessions", WRONG), 429, "throttled"
        )

    def test_gains_nothing_by_the_addresses_of_one_household(self, behind_proxy: World) -> None:
        for number in range(FAILURES):
            from_(behind_proxy, f"2001:db8:2:3::{number}").post("/sessions", WRONG)
        is_problem(from_(behind_proxy, "2001:db8:2:3:9::").post("/sessions", WRONG), 429, "throttled")
        is_problem(from_(behind_proxy, "2001:db8:2:4::").post("/sessions", WRONG), 401, "bad_credentials")


@pytest.mark.attack("D4")
class TestLookingUp:
    def test_by_the_api_counts_each_by_their_own(self, behind_proxy: World) -> None:
        *first, last = guesses(behind_proxy)
        for number in first:
            is_problem(
                from_(behind_proxy, "203.0.113.7").post("/lookup", {"number": number, "proof": "0000"}),
                404,
                "not_found",
            )
        is_problem(
            from_(behind_proxy, "203.0.113.7").post("/lookup", {"number": last, "proof": "0000"}),
            429,
            "throttled",
        )
        is_problem(
            from_(behind_proxy, "203.0.113.8").post("/lookup", {"number": last, "proof": "0000"}),
            404,
            "not_found",
        )

    def test_at_the_page_counts_each_by_their_own(self, behind_proxy: World) -> None:
        *first, last = guesses(behind_proxy)
        for number in first:
            assert looked_up(behind_proxy, number, "203.0.113.7").status_code == 404
        assert looked_up(behind_proxy, last, "203.0.113.7").status_code == 429
        assert looked_up(behind_proxy, last, "203.0.113.8").status_code == 404


class TestSignInPage:
    def test_counts_each_by_their_own(self, behind_proxy: World) -> None:
        def tried(forwarded: str) -> int:
            with behind_proxy.on("qingyang"):
                form = {"who": "staff", "name": "qy-window", "password": "wrong"}
                return Client().post("/sign-in/", form, headers={"X-Forwarded-For": forwarded}).status_code

        assert [tried("203.0.113.7") for _ in range(FAILURES + 1)] == [401] * FAILURES + [429]
        assert tried("203.0.113.8") == 401


class TestPasswordPage:
    def test_counts_each_by_their_own(self, behind_proxy: World) -> None:
        clerk = front.staff(behind_proxy, "qingyang", "window")

        def tried(forwarded: str) -> bool:
            form = {"old": "wrong", "new": "another-long-one", "again": "another-long-one"}
            headers = {"X-Forwarded-For": forwarded, "X-CSRFToken": clerk.headers["X-CSRFToken"]}
            with behind_proxy.on("qingyang"):
                page = clerk.client.post("/password/", form, headers=headers)
            return "失败次数过多" in page.content.decode()

        assert [tried("203.0.113.7") for _ in range(FAILURES + 1)] == [False] * FAILURES + [True]
        assert not tried("203.0.113.8")


@pytest.mark.attack("F")
class TestTls:
    @pytest.fixture(autouse=True)
    def secure(self, settings: Any) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_HSTS_SECONDS = 365 * 86400

    @pytest.mark.parametrize(
        ("address", "expected"), [("127.0.0.1", "max-age=31536000"), ("203.0.113.7", None)]
    )
    def test_is_what_a_trusted_proxy_says(
        self, behind_proxy: World, address: str, expected: str | None
    ) -> None:
        caller = Caller(behind_proxy, "qingyang", headers={"X-Forwarded-Proto": "https"}, address=address)
        assert caller.call("GET", "/healthz").headers.get("Strict-Transport-Security") == expected

    def test_is_not_what_nobody_says(self, behind_proxy: World) -> None:
        answer = Caller(behind_proxy, "qingyang", address="127.0.0.1").call("GET", "/healthz")
        assert "Strict-Transport-Security" not in answer.headers
