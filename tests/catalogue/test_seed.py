"""The guides that come with the product."""

from datetime import date
from typing import Any

import pytest

from tests.catalogue import county
from tongban.accounts import identifiers
from tongban.accounts.demo_counties import OFFICES
from tongban.catalogue import forms, guides, seed

TODAY = date(2026, 3, 2)
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
        assert [key for key in KEYS if document(key)["licensing"]] == [
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
