"""Who files from home is somebody whom the form names; what the account has proved need not be typed."""

from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.catalogue import seed
from tongban.catalogue.filers import numbers_of_filer

pytestmark = pytest.mark.database

OWN, OTHERS = "341723199003070016", "341723198510200036"  # 陈一's, who signs in here, and 林二's
BORN: dict[str, dict[str, Any]] = {OWN: {}, OTHERS: {"born_on": "1985-10-20"}}
AGENT = {"name": "李四", "mobile": "13800000002", "relation": "family", "powers": ["submit"]}


def asked_of(counties: World, **answers: Any) -> Any:
    """Let 陈一 file an application online that lacks a photograph, so that nothing is filed in the end."""
    chen: Caller = front.applicant(counties, "qingyang", "chen")
    form = {**seed.example(stories.PROXY), **BORN[answers["applicant_idno"]], **answers}
    body = {"offering": counties["jiashan"].offering(stories.PROXY), "mode": "FULLY_ONLINE", "form": form}
    return chen.post("/cases", body)


class TestWhoFilesFromHome:
    def test_is_the_one_whom_the_case_is_about(self, counties: World) -> None:
        is_problem(asked_of(counties, applicant_idno=OWN), 422, "materials_incomplete")

    def test_is_nobody_else(self, counties: World) -> None:
        answer = asked_of(counties, applicant_idno=OTHERS)
        said = is_problem(answer, 422, "form_faulty")
        assert "不是登录账号实名认证的号码" in said
        assert answer.json()["faults"][0]["pointer"] == "/applicant_idno"
        assert OTHERS not in answer.content.decode()

    def test_is_the_agent_where_there_is_one(self, counties: World) -> None:
        answers = {"applicant_idno": OTHERS, "handled_by": "agent", "agent": {**AGENT, "idno": OWN}}
        is_problem(asked_of(counties, **answers), 422, "materials_incomplete")

    def test_is_not_the_applicant_where_an_agent_handles_it(self, counties: World) -> None:
        answers = {"applicant_idno": OWN, "handled_by": "agent", "agent": {**AGENT, "idno": OTHERS}}
        assert asked_of(counties, **answers).json()["faults"][0]["pointer"] == "/agent/idno"

    def test_is_not_asked_at_a_window_where_somebody_looks(self, counties: World) -> None:
        clerk = front.staff(counties, "qingyang", "window")
        form = {**seed.example(stories.PROXY), **BORN[OTHERS], "applicant_idno": OTHERS}
        offering = counties["jiashan"].offering(stories.PROXY)
        filed = clerk.post("/cases", {"offering": offering, "mode": "PROXY_INTAKE", "form": form})
        assert filed.status_code == 201


SCHEMA = {
    "properties": {
        "name": {"type": "string"}, "own": {"format": "cn-idno"}, "firm": {"format": "uscc"},
        "owners": {"items": {"properties": {"idno": {"format": "cn-idno"}}}},
        "agent": {"properties": {"idno": {"format": "cn-idno"}}},
    }
}  # fmt: skip


def test_numbers_are_found_wherever_they_stand() -> None:
    answers = {"own": "1", "firm": "2", "name": "3", "owners": [{"idno": "4"}, {}], "agent": {"idno": "5"}}
    assert numbers_of_filer(SCHEMA, answers) == [
        (("own",), "1"), (("firm",), "2"), (("owners", 0, "idno"), "4"),
    ]  # fmt: skip
    assert numbers_of_filer(SCHEMA, {**answers, "handled_by": "agent"}) == [(("agent", "idno"), "5")]
    assert numbers_of_filer(SCHEMA, {"name": "3"}) == []
