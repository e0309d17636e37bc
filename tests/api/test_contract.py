"""The API against its own contract: no input brings it down, and every answer is one that the contract names."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests import stories
from tests.api import front
from tests.world import World
from tongban.api.contract import api
from tongban.api.idempotency import HEADER
from tongban.materials import inspection

pytestmark = [pytest.mark.database, pytest.mark.slow]

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
# Made-up requests for every operation; few for each, for the acts are all of one make.
schema.config.phases.update(phases=["fuzzing"])
some = hypothesis.settings(
    max_examples=4, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module")
def clerk(standing_counties: World) -> Iterator[front.Caller]:
    """Give a signed-in clerk, and be on the clerk's node."""
    world = standing_counties
    caller = front.staff(world, "qingyang", "window")
    world.settle()
    with world.on("qingyang"):
        yield caller


@pytest.fixture(scope="module")
def a_case(standing_counties: World, clerk: front.Caller) -> str:
    return stories.received(standing_counties)


def check(case: Any, **more: Any) -> None:
    answer = case.call(**more)
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert any("\u4e00" <= character <= "\u9fff" for character in problem["detail"])
        assert problem["status"] == answer.status_code


CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
PUBLIC = [
    "sign_in_staff", "sign_in_applicant", "list_offerings", "show_offering", "list_organisations", "list_windows",
    "explain_deadline", "look_up",
]  # fmt: skip


# Everybody else is turned away at the door, which test_matrix.py tries on every endpoint.
@schema.include(operation_id=[*PUBLIC, "open_draft", "list_cases"]).parametrize()
@some
def test_for_nobody(case: Any, clerk: front.Caller) -> None:
    check(case)


@pytest.mark.prove("made-up requests to every operation")
@schema.exclude(operation_id="sign_out").parametrize()
@some
def test_for_a_clerk(case: Any, clerk: front.Caller, a_case: str) -> None:
    if "number" in case.path_parameters:
        case.path_parameters["number"] = a_case
    cookies = {settings.SESSION_COOKIE_NAME: clerk.client.cookies[settings.SESSION_COOKIE_NAME].value}
    cookies[settings.CSRF_COOKIE_NAME] = clerk.client.cookies[settings.CSRF_COOKIE_NAME].value
    check(case, cookies=cookies, headers={"X-CSRFToken": clerk.headers["X-CSRFToken"]})


class TestContract:
    document = api.get_openapi_schema(path_prefix="/api/")

    def test_is_openapi_3_1(self) -> None:
        assert self.document["openapi"] == "3.1.0"

    def test_every_write_but_signing_in_and_out_wants_a_key(self) -> None:
        without = [
            one["operationId"]
            for ways in self.document["paths"].values()
            for method, one in ways.items()
            if method != "get" and HEADER not in {parameter["name"] for parameter in one["parameters"]}
        ]
        # What ends is ended, however often it is asked; what asks for the password again is meant each time.
        assert sorted(without) == [
            "change_login", "change_telephone", "close_account", "copy_data", "end_other_sessions", "end_session",
            "look_up", "sign_in_applicant", "sign_in_second", "sign_in_staff", "sign_out",
        ]  # fmt: skip

    def test_names_the_types_of_what_it_hands_out(self) -> None:
        for path in (
            "/api/v1/cases/{number}/materials/{digest}",
            "/api/v1/matters/{number}/contents/{digest}",
        ):
            types = set(self.document["paths"][path]["get"]["responses"]["200"]["content"])
            assert types == {*inspection.TYPES, "text/plain", "application/json"}

    def test_says_how_it_refuses(self) -> None:
        for ways in self.document["paths"].values():
            for one in ways.values():
                assert "application/problem+json" in one["responses"]["default"]["content"]
