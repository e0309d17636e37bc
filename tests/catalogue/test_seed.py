"""The guides that come with the product."""

import re
from datetime import date
from typing import Any

import pytest

from tests.catalogue import county
from tongban.accounts import identifiers
from tongban.accounts.demo_counties import OFFICES
from tongban.catalogue import forms, guides, seed

TODAY = date(2026, 3, 2)
# Doubts, sources and keys are for who keeps a guide; readers see the tag 未核实.
EDITORS = re.compile(r"待核|假设|口径|来源|一般知识|页面|未读到|未取得|须分别|归责|[a-z_]{4,}")
DOCUMENTS = {document["offering"]: document for document in seed.documents_for(county.COUNTY)}
KEYS = sorted(seed.templates())


def document(key: str) -> dict[str, Any]:
    organisation = county.COUNTY["organisations"][seed.templates()[key]["role"]][0]
    return DOCUMENTS[seed.offering_code(key, organisation)]


class TestDocumentsFor:
    def test_offers_all_sixteen(self) -> None:
        assert len(DOCUMENTS) == len(KEYS) == 16

    def test_codes_are_built_as_implementation_codes_are(self) -> None:
        for code in DOCUMENTS:
            assert identifiers.item_code(code).level == seed.COUNTY_LEVEL

    def test_every_role_is_an_office_of_the_demo_counties(self) -> None:
        assert {t["role"] for t in seed.templates().values()} <= {office.role for office in OFFICES}

    def test_most_can_be_handed_in_elsewhere_or_online(self) -> None:
        open_to_others = [d for d in DOCUMENTS.values() if {"FULLY_ONLINE", "PROXY_INTAKE"} & set(d["modes"])]
        assert len(open_to_others) >= 10

    def test_leaves_out_what_the_county_has_nobody_for(self) -> None:
        few = {**county.COUNTY, "organisations": {"notary": county.COUNTY["organisations"]["notary"]}}
        assert [d["name"] for d in seed.documents_for(few)] == ["学历公证"]

    def test_licences_are_marked_for_deemed_acceptance(self) -> None:
        assert [key for key in KEYS if document(key)["kind"] == "licence"] == [
            "food-business-licence",
            "industrial-production-licence",
        ]


@pytest.mark.parametrize("key", KEYS)
class TestTemplate:
    def test_is_a_lawful_guide(self, key: str) -> None:
        assert guides.validate(document(key)) == []

    def test_has_everyday_names(self, key: str) -> None:
        assert 3 <= len(document(key)["aliases"]) <= 6

    def test_names_what_is_unverified(self, key: str) -> None:
        verification = document(key)["verification"]
        assert verification["unverified_fields"]
        assert verification["jurisdiction"]

    def test_prints_no_notes_of_its_editors(self, key: str) -> None:
        printed = [*guides.printed(document(key)), *titles(document(key)["form"])]
        assert not [said for said in printed if EDITORS.search(said)]

    def test_says_what_is_unverified_in_words_that_pages_have(self, key: str) -> None:
        verification = document(key)["verification"]
        verified, unverified = verification["verified_fields"], verification["unverified_fields"]
        assert set(verified) | set(unverified) <= set(guides.PARTS)
        assert not set(verified) & set(unverified)
        assert {one["part"] for one in verification.get("source_notes", ())} <= {*guides.PARTS, "pitfalls"}

    def test_calls_a_part_unverified_where_nothing_in_it_is_verified(self, key: str) -> None:
        guide, unverified = document(key), set(document(key)["verification"]["unverified_fields"])
        limits = guide["limits"]
        assert ("fee" in unverified) is not guide["fee"]["verified"]
        assert ("limits" in unverified) is not (limits["statutory_verified"] or limits["promised_verified"])
        if not any(step["verified"] for step in guide["steps"]):
            assert "steps" in unverified
        if any(material["shared"] for material in guide["materials"]):
            assert "sharing" in unverified

    def test_form_accepts_its_example(self, key: str) -> None:
        assert forms.judge(document(key)["form"], seed.example(key), on=TODAY) == []

    def test_example_fills_nothing_that_is_hidden(self, key: str) -> None:
        assert forms.cleaned(document(key)["form"], seed.example(key)) == seed.example(key)

    def test_form_refuses_emptiness_field_by_field_in_chinese(self, key: str) -> None:
        schema = document(key)["form"]
        faults = forms.judge(schema, {}, on=TODAY)
        assert {fault.path[0] for fault in faults} == set(schema["required"])
        assert all(fault.message.endswith("。") and fault.message.isascii() is False for fault in faults)

    def test_form_refuses_each_wrong_identity_number_without_repeating_it(self, key: str) -> None:
        schema = document(key)["form"]
        for path, value in list(leaves(seed.example(key))):
            if forms.field_at(schema, path).get("format") != "cn-idno":
                continue
            wrong = value[:-1] + ("1" if value[-1] != "1" else "2")
            faults = forms.judge(schema, replaced(seed.example(key), path, wrong), on=TODAY)
            assert path in [fault.path for fault in faults]
            assert all(wrong not in fault.message for fault in faults)

    def test_condition_of_a_material_names_a_field_of_the_form(self, key: str) -> None:
        properties = document(key)["form"]["properties"]
        for material in document(key)["materials"]:
            for field, values in material.get("when", {}).items():
                assert set(values) <= {choice["const"] for choice in properties[field]["oneOf"]}


def titles(schema: Any) -> Any:
    """Yield the words that are drawn of a form."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if isinstance(value, str) and name in ("title", "description", "message", "unit", "row"):
                yield value
            yield from titles(value)
    elif isinstance(schema, list):
        for part in schema:
            yield from titles(part)


def leaves(value: Any, at: tuple[str | int, ...] = ()) -> Any:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield at, value
        return
    for step, part in inner:
        yield from leaves(part, (*at, step))


def replaced(form: Any, path: tuple[str | int, ...], value: Any) -> Any:
    node = form
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return form


class TestControlledLists:
    @pytest.mark.parametrize(
        ("template", "field", "wrong"),
        [
            ("cross-province-medical-filing", "insured_place", "西藏那曲"),
            ("cross-province-medical-filing", "treatment_place", "杭州"),
            ("pension-transfer", "to_place", "青阳县"),
            ("education-notary", "used_in", "火星"),
            ("education-notary", "applicant_idno", "G12345678"),
        ],
    )
    def test_refuse_at_the_field_what_is_not_on_them(self, template: str, field: str, wrong: str) -> None:
        form = document(template)["form"]
        filled = seed.example(template)
        assert forms.judge(form, filled, on=TODAY) == []
        [fault] = forms.judge(form, {**filled, field: wrong}, on=TODAY)
        assert fault.path == (field,)
        assert wrong not in fault.message
