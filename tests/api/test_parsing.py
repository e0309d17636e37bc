"""JSON that is wide or deep without end is refused before a schema sees it."""

import json
from typing import Any

import pytest

from tests.api import front
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.api import parsing, problems
from tongban.api.parsing import LEVELS, MEMBERS, JsonTooLarge, demand_bounds
from tongban.cases.commands import FormFaulty

pytestmark = pytest.mark.database


def nested(levels: int, inner: Any = None) -> Any:
    value = inner
    for number in range(levels):
        value = [value] if number % 2 else {"a": value}
    return value


class TestBounds:
    @pytest.mark.parametrize("value", [
        None, "x", [], {}, {str(n): n for n in range(MEMBERS)}, nested(LEVELS), [[1] * 5000],
    ])  # fmt: skip
    def test_let_pass_what_keeps_to_them(self, value: Any) -> None:
        demand_bounds(value)

    @pytest.mark.parametrize("value", [
        {str(n): n for n in range(MEMBERS + 1)}, [[{"a": {str(n): n for n in range(MEMBERS + 1)}}]],
        nested(LEVELS + 1), [1, nested(LEVELS)],
    ])  # fmt: skip
    def test_refuse_what_does_not(self, value: Any) -> None:
        with pytest.raises(JsonTooLarge):
            demand_bounds(value)


def test_a_form_with_many_faults_names_as_many_as_anybody_reads() -> None:
    faulty = FormFaulty("有误。", [(f"/{n}", "不符。") for n in range(problems.MOST_FAULTS + 1)])
    assert len(json.loads(problems.of_refusal(faulty).content)["faults"]) == problems.MOST_FAULTS


@pytest.mark.attack("D2")
class TestAtTheDoor:
    @pytest.fixture
    def machine(self, counties: World) -> Caller:
        return front.machine(counties, "qingyang")

    @pytest.mark.parametrize("body", [
        json.dumps({str(n): n for n in range(MEMBERS + 1)}), "[" * 65 + "]" * 65,
        "[" + "1," * (parsing.VALUES + 1) + "1]", "[" + "[]" * (parsing.VALUES + 1),
    ], ids=["wide", "deep", "long", "many"])  # fmt: skip
    def test_is_refused_in_a_sentence(self, machine: Caller, body: str) -> None:
        answer = machine.call("POST", "/api/v1/drafts", body)
        assert "1000 个字段" in is_problem(answer, 422, "json_too_large")

    def test_the_largest_that_passes_gets_no_more_faults_than_anybody_reads(self, machine: Caller) -> None:
        answer = machine.post("/drafts", {str(n): n for n in range(MEMBERS)})
        is_problem(answer, 422, "invalid_input")
        assert len(answer.json()["faults"]) == problems.MOST_FAULTS
