"""Writes as a foreign page could send them, bodies that are broken, and keys written otherwise."""

import json
from typing import Any

import pytest
from django.urls import resolve

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem, one_file
from tests.api.test_front_door import PROXY, draft
from tests.world import World
from tongban.accounts import demo
from tongban.api.contract import api
from tongban.api.edges import FORM, taking_files
from tongban.materials.models import Draft

pytestmark = pytest.mark.database

SIGN_IN = {"login": "qy-chen", "password": demo.PASSWORD}


@pytest.fixture
def clerk(counties: World) -> Caller:
    return front.staff(counties, "qingyang", "window")


def sign_in(world: World, kind: str = "application/json", **headers: str) -> Any:
    caller = Caller(world, "qingyang")
    options: dict[str, Any] = {"data": json.dumps(SIGN_IN), "content_type": kind, "headers": headers}
    front.show_time(world)
    with world.on("qingyang"):
        return caller.client.post("/api/v1/sessions/applicant", **options)


class TestForeignPages:
    @pytest.mark.attack("B5")
    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    )
    def test_a_form_of_theirs_signs_nobody_in(self, counties: World, kind: str) -> None:
        answer = sign_in(counties, kind)
        is_problem(answer, 415, "media_type_not_supported")
        assert not answer.cookies

    @pytest.mark.attack("B5")
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://qingyang.test.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://qingyang.test"},
        ],
        ids=str,
    )
    def test_nor_does_a_script_of_theirs(self, counties: World, headers: dict[str, str]) -> None:
        answer = sign_in(counties, **headers)
        is_problem(answer, 403, "foreign_origin")
        assert not answer.cookies

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://qingyang.test"},
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ],
        ids=str,
    )
    def test_our_own_pages_and_programs_do(self, counties: World, headers: dict[str, str]) -> None:
        assert sign_in(counties, "application/json; charset=utf-8", **headers).status_code == 200

    def test_a_session_writes_nothing_from_elsewhere(self, counties: World, clerk: Caller) -> None:
        body = {"offering": counties["jiashan"].offering(PROXY)}
        is_problem(
            clerk.post("/drafts", body, headers={"Origin": "https://evil.example"}), 403, "foreign_origin"
        )
        assert clerk.post("/drafts", body).status_code == 201

    def test_who_has_a_key_is_no_page(self, counties: World) -> None:
        machine = front.machine(counties, "qingyang")
        body = {"offering": counties["jiashan"].offering(PROXY)}
        headers = {"Origin": "https://somewhere.example", "Sec-Fetch-Site": "cross-site"}
        assert machine.post("/drafts", body, headers=headers).status_code == 201

    def test_files_go_where_files_are_taken(self, counties: World, clerk: Caller) -> None:
        number = draft(clerk, files=False)
        file = one_file("photo", "x.png", stories.PNG)
        assert clerk.post(f"/drafts/{number}/materials", file).status_code == 201
        is_problem(clerk.post("/drafts", file), 415, "media_type_not_supported")

    def test_every_endpoint_that_takes_files_is_known_for_it(self) -> None:
        paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
        taking = {
            path
            for path, ways in paths.items()
            for one in ways.values()
            if FORM in one.get("requestBody", {}).get("content", {})
        }
        assert len(taking) == 3
        found = {resolve(path.format(number="1", digest="2", code="3", act="look")).route for path in taking}
        assert {route.replace("//", "/") for route in found} == taking_files()


class TestKeysAndSessions:
    @pytest.mark.attack("B4")
    @pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER", "bEaReR"])
    def test_a_session_is_no_key_whatever_the_header_says(
        self, counties: World, clerk: Caller, scheme: str
    ) -> None:
        body = {"offering": counties["jiashan"].offering(PROXY)}
        del clerk.headers["X-CSRFToken"]
        is_problem(clerk.post("/drafts", body, headers={"Authorization": f"{scheme} x"}), 401, "bad_api_key")
        with counties.on("qingyang"):
            assert not Draft.objects.exists()

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER", " Bearer "])
    def test_a_key_is_one_however_its_scheme_is_written(self, counties: World, scheme: str) -> None:
        machine = front.machine(counties, "qingyang")
        token = machine.headers["Authorization"].partition(" ")[2]
        machine.headers["Authorization"] = f"{scheme} {token}"
        assert machine.post("/drafts", {"offering": counties["jiashan"].offering(PROXY)}).status_code == 201


class TestBrokenBodies:
    @pytest.mark.attack("C2")
    @pytest.mark.parametrize(
        "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=ü"]
    )
    @pytest.mark.parametrize("by", ["clerk", "machine"])
    def test_a_multipart_body_that_is_none(self, counties: World, clerk: Caller, kind: str, by: str) -> None:
        number = draft(clerk, files=False)
        caller = clerk if by == "clerk" else front.machine(counties, "qingyang")
        headers = {**caller.headers, "Idempotency-Key": "x"}
        for path in (f"/api/v1/drafts/{number}/materials", "/api/v1/drafts"):
            with counties.on("qingyang"):
                answer = caller.client.post(path, data=b"--x\r\nnothing", content_type=kind, headers=headers)
            # Where no file is taken, a page is told so before; a key is told as everywhere.
            early = by == "clerk" and path.endswith("drafts")
            is_problem(answer, *(415, "media_type_not_supported") if early else (400, "bad_request"))
