"""Drawing forms and reading back what was typed, whatever is sent."""

from typing import Any

import pytest
from django.http import QueryDict

from tongban.catalogue import fields, seed
from tongban.catalogue import forms as judge
from tongban.catalogue.forms import Fault
from tongban.web import answers, forms

SCHEMA = fields.form_schema(
    "表",
    [
        {
            "title": "一",
            "fields": {
                "kind": {"title": "类型", "kind": "choice", "choices": {"a": "甲", "b": "乙"}},
                "why": {"title": "理由", "kind": "longtext", "when": {"kind": ["b"]}},
                "day": {"title": "日期", "kind": "date"},
                "note": {"title": "备注", "kind": "text", "required": False},
                "many": {"title": "车型", "kind": "choices", "choices": {"C1": "C1", "D": "D"}},
            },
        },
        {
            "title": "二",
            "fields": {
                "people": {
                    "title": "人员", "kind": "rows", "row": "人", "max": 3,
                    "fields": {"name": {"title": "姓名", "kind": "name"}, "n": {"title": "数", "kind": "integer"}},
                },
                "promise": {"title": "我确认", "kind": "promise"},
            },
        },
    ],
    [],
)  # fmt: skip
ALL = SCHEMA["x-order"]


def typed(text: str) -> dict[str, Any]:
    return forms.typed(SCHEMA, QueryDict(text), ALL)


class TestTyped:
    def test_takes_rows_without_the_blank_ones(self) -> None:
        found = typed("people-rows=3&people-0-name=甲&people-1-name=&people-2-n=１２")
        assert found == {"people": [{"name": "甲"}, {"n": 12}]}

    def test_adds_and_removes_rows(self) -> None:
        assert typed("people-rows=1&people-0-name=甲&add=people") == {"people": [{"name": "甲"}, {}]}
        assert typed("people-rows=2&people-0-name=甲&people-1-name=乙&remove=people-0") == {
            "people": [{"name": "乙"}]
        }

    @pytest.mark.parametrize("count", ["99999999999", "-1", "x", "", "²", "1e9"])
    def test_believes_no_wild_count(self, count: str) -> None:
        assert typed(f"people-rows={count}&people-0-name=甲") in ({}, {"people": [{"name": "甲"}]})

    def test_leaves_what_is_no_number_for_the_judge(self) -> None:
        assert typed("people-rows=1&people-0-n=十二") == {"people": [{"n": "十二"}]}

    def test_knows_only_the_fields_of_the_form(self) -> None:
        assert typed("evil=1&kind=a&many=C1&many=D&promise=1") == {
            "kind": "a",
            "many": ["C1", "D"],
            "promise": True,
        }

    @pytest.mark.parametrize("key", sorted(seed.templates()))
    def test_brings_every_example_through_a_browser_unchanged(self, key: str) -> None:
        template = seed.templates()[key]
        schema = fields.form_schema("表", [seed._part(step) for step in template["form"]["steps"]], [])
        example = judge.cleaned(schema, template["example"])
        sent = QueryDict(mutable=True)
        for control in forms.draw(schema, example, schema["x-order"]):
            _send(control, sent)
        assert forms.typed(schema, sent, schema["x-order"]) == example


def _send(control: forms.Control, sent: QueryDict) -> None:
    """Put into `sent` what a browser sends for a control."""
    if control.rows:
        sent[f"{control.name}-rows"] = str(len(control.rows))
    for inner in [*control.controls, *(one for row in control.rows for one in row.controls)]:
        _send(inner, sent)
    if control.template in ("choice", "select", "choices"):
        sent.setlist(control.name, [choice.code for choice in control.choices if choice.chosen])
    elif control.value:
        sent[control.name] = control.value


class TestDraw:
    def test_says_when_a_field_is_asked_for(self) -> None:
        why, note = forms.draw(SCHEMA, {}, ["why", "note"])
        assert (why.when, why.optional) == ("如“类型”选择“乙”，请填写", False)
        assert (note.when, note.optional) == ("", True)

    def test_shows_a_day_that_is_none_as_it_was_typed(self) -> None:
        [wrong] = forms.draw(SCHEMA, {"day": "2026-02-31"}, ["day"])
        [right] = forms.draw(SCHEMA, {"day": "2026-02-28"}, ["day"])
        assert (wrong.type, wrong.value, right.type) == ("text", "2026-02-31", "date")

    def test_opens_the_first_row_and_stops_at_the_last(self) -> None:
        [none] = forms.draw(SCHEMA, {}, ["people"])
        [full] = forms.draw(SCHEMA, {"people": [{}, {}, {}]}, ["people"])
        assert (len(none.rows), none.may_add, full.may_add) == (1, True, False)

    @pytest.mark.parametrize("odd", [None, 7, "x", [], [1, "x", None], {"a": {}}, [[{}]], True])
    def test_bears_whatever_a_draft_holds(self, odd: Any) -> None:
        held = dict.fromkeys(ALL, odd)
        assert len(forms.draw(SCHEMA, held, ALL)) == len(ALL)
        answers.sections(SCHEMA, held)

    def test_shows_a_fault_at_the_control_that_can_mend_it(self) -> None:
        faults = [Fault(("many", 0), "请选择"), Fault(("people", 1, "n"), "请填写")]
        assert forms.summary(SCHEMA, faults) == [("f-many", "请选择"), ("f-people-1-n", "请填写")]
        drawn = {c.name: c for c in forms.draw(SCHEMA, {"people": [{}, {}]}, ALL, faults)}
        assert drawn["many"].fault == "请选择"
        assert drawn["people"].rows[1].controls[1].fault == "请填写"


class TestAnswers:
    def test_are_read_back_in_words_and_masked_for_others(self) -> None:
        held = {"kind": "b", "many": ["C1", "D"], "people": [{"name": "欧阳丰", "n": 3}], "promise": True}
        told = [(a.title, a.text) for s in answers.sections(SCHEMA, held) for a in s.answers]
        assert told == [("类型", "乙"), ("车型", "C1、D"), ("人 1 · 姓名", "欧阳丰"), ("人 1 · 数", "3")]
        masked = [a.text for s in answers.sections(SCHEMA, held, masked=True) for a in s.answers]
        assert "欧*丰" in masked
