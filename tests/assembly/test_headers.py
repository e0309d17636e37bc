"""What protects browsers stands on every answer, whoever gives it: a view, a static file, a refusal, the framework."""

from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import Client

from tests.api import front
from tests.api.front import Caller
from tests.world import World
from tongban.configuration import proxy

pytestmark = pytest.mark.once("it is about headers")
HSTS = "max-age=31536000; includeSubDomains"
ANSWERS: dict[str, tuple[str, str, int]] = {
    "a page": ("GET", "/", 200),
    "a page that is not there": ("GET", "/nothing/", 404),
    "a page for others": ("GET", "/desk/", 302),
    "a wrong method": ("GET", "/sign-out/", 302),
    "a foreign form": ("PUT", "/", 403),
    "a file of the pages": ("GET", "/static/web/core.css", 200),
    "a file that is not there": ("GET", "/static/web/nothing.css", 404),
    "an answer of the API": ("GET", "/api/v1/offerings", 200),
    "an address that the API has not": ("GET", "/api/v1/nothing", 404),
    "a method that the API has not": ("DELETE", "/api/v1/offerings", 405),
    "a refusal of the API": ("GET", "/api/v1/cases", 401),
    "the contract": ("GET", "/api/openapi.json", 200),
    "the card": ("GET", "/exchange/v1/card", 200),
    "a message that is none": ("POST", "/exchange/v1/messages", 403),
    "life": ("GET", "/healthz", 200),
    "readiness": ("GET", "/readyz", 200),
    "figures": ("GET", "/metrics", 403),
}


@pytest.fixture
def behind_tls(counties: World, settings: Any) -> World:
    node = counties["qingyang"]
    node.config = replace(node.config, proxies=proxy.read(["127.0.0.1"]))
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 86400, True
    return counties


def called(world: World, method: str, path: str, **more: Any) -> Any:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    answer = Caller(world, "qingyang", headers=said, address="127.0.0.1").call(method, path, **more)
    answer.close()  # a static file is open until then
    return answer


@pytest.mark.parametrize("name", ANSWERS)
def test_stand_on(behind_tls: World, name: str) -> None:
    method, path, status = ANSWERS[name]
    answer = called(behind_tls, method, path)
    told = answer.headers
    assert answer.status_code == status
    assert told["Strict-Transport-Security"] == HSTS
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Cross-Origin-Opener-Policy"] == "same-origin"
    assert told["X-Frame-Options"] == "DENY"
    policy = {part.strip() for part in told["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= policy
    assert "Access-Control-Allow-Origin" not in told


@pytest.mark.parametrize("name", ANSWERS)
def test_say_of_what_kind_and_in_which_script_it_is(behind_tls: World, name: str) -> None:
    method, path, _ = ANSWERS[name]
    kind = called(behind_tls, method, path).headers["Content-Type"].lower().replace('"', "")
    # JSON is UTF-8 by its standard and names none.
    assert kind.endswith(("charset=utf-8", "json")), kind


@pytest.mark.parametrize("name", [name for name in ANSWERS if name.startswith("a page")])
def test_keep_pages_out_of_every_store(behind_tls: World, name: str) -> None:
    method, path, _ = ANSWERS[name]
    assert called(behind_tls, method, path).headers["Cache-Control"] == "no-store"


def test_keep_the_figures_out_of_every_store(counties: World) -> None:
    answer = Caller(counties, "qingyang", address="127.0.0.1").call("GET", "/metrics")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_signing_out_clears_what_scripts_have_kept(counties: World) -> None:
    clerk = front.staff(counties, "qingyang", "window")
    with counties.on("qingyang"):
        answer = clerk.client.post("/sign-out/", headers={"X-CSRFToken": clerk.headers["X-CSRFToken"]})
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (302, '"storage"')


def test_no_cookie_is_for_scripts_or_for_other_sites(counties: World) -> None:
    clerk = front.staff(counties, "qingyang", "window")
    with counties.on("qingyang"):
        clerk.client.get("/display/?language=en&elder=1")
        clerk.client.get("/")
    given: SimpleCookie = clerk.client.cookies
    kinds = {name.rpartition("_")[2] for name in given}
    assert kinds == {"session", "csrf", "device", "display", "language", "pages"}
    for name, one in given.items():
        assert one["httponly"], name
        assert (one["samesite"], one["domain"], one["path"]) == ("Lax", "", "/"), name


def test_a_host_that_is_not_ours_is_refused(counties: World) -> None:
    with counties.on("qingyang"):
        answer = Client(headers={"Host": "evil.example"}).get("/")
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
