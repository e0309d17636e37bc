"""What may be published as a guide."""

import copy
import socketserver
import threading
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.catalogue import county
from tongban.catalogue import forms, guides, seed

FOOD = next(d for d in seed.documents_for(county.COUNTY) if d["name"] == "食品经营许可证核发")


def limits(statutory: Any, promised: Any, note: str = "") -> dict[str, Any]:
    return {
        "statutory": statutory,
        "statutory_verified": False,
        "promised": promised,
        "promised_verified": False,
        "note": note,
    }


def workdays(n: int) -> dict[str, Any]:
    return {"n": n, "unit": "working_day"}


def days(n: int) -> dict[str, Any]:
    return {"n": n, "unit": "day"}


class TestValidate:
    def test_accepts_a_lawful_guide(self) -> None:
        assert guides.validate(FOOD) == []

    @pytest.mark.parametrize("part", sorted(set(FOOD) - {"name_in"}))  # a name in English may be wanting
    def test_misses_every_part_that_is_left_out(self, part: str) -> None:
        assert guides.validate({name: value for name, value in FOOD.items() if name != part})

    def test_refuses_what_it_does_not_know(self) -> None:
        assert guides.validate({**FOOD, "surprise": 1})

    @pytest.mark.parametrize(
        ("statutory", "promised", "lawful"),
        [
            (workdays(20), workdays(20), True),
            (workdays(20), workdays(21), False),
            (workdays(20), days(20), True),
            (days(20), workdays(15), False),
            (None, workdays(30), True),
            (workdays(20), None, True),
        ],
    )
    def test_a_promise_only_shortens(self, statutory: Any, promised: Any, lawful: bool) -> None:
        assert (guides.validate({**FOOD, "limits": limits(statutory, promised)}) == []) is lawful

    def test_a_licence_needs_a_limit_or_a_word_about_it(self) -> None:
        assert guides.validate({**FOOD, "limits": limits(None, None)})
        assert guides.validate({**FOOD, "limits": limits(None, None, "现行时限待核")}) == []

    def test_taking_in_for_others_needs_a_way_to_check_identity(self) -> None:
        identity = {"method": "", "online_assurance": 2, "note": ""}
        assert guides.validate({**FOOD, "modes": ["PROXY_INTAKE"], "identity": identity})

    def test_filing_online_needs_a_level_of_assurance(self) -> None:
        identity = {"method": "人证核对", "online_assurance": None, "note": ""}
        assert guides.validate({**FOOD, "modes": ["FULLY_ONLINE"], "identity": identity})

    def test_no_mode_at_all_needs_a_reason(self) -> None:
        assert guides.validate({**FOOD, "modes": [], "modes_note": ""})

    def test_a_material_is_named_once(self) -> None:
        twice = [*FOOD["materials"], FOOD["materials"][0]]
        assert guides.validate({**FOOD, "materials": twice})

    def test_the_form_belongs_to_this_version(self) -> None:
        assert guides.validate({**FOOD, "version": 2})
        assert guides.validate(guides.numbered(FOOD, 2)) == []

    @pytest.mark.attack("C4")
    @pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
    @pytest.mark.parametrize("kind", ["http", "file"])
    def test_the_form_refers_to_nothing_outside_itself(self, tmp_path: Path, kind: str, word: str) -> None:
        (tmp_path / "s.json").write_text('{"maxLength": 3}')
        asked = []
        with socketserver.TCPServer(("127.0.0.1", 0), lambda *request: asked.append(request)) as listener:
            threading.Thread(target=listener.serve_forever, daemon=True).start()
            outside = (
                (tmp_path / "s.json").as_uri()
                if kind == "file"
                else f"http://127.0.0.1:{listener.server_address[1]}/x"
            )
            for part in ({word: outside}, {"allOf": [{word: outside}]}):
                guide = copy.deepcopy(FOOD)
                name = next(iter(guide["form"]["properties"]))
                guide["form"]["properties"][name] |= part
                assert any("$ref" in fault for fault in guides.validate(guide)), part
                with pytest.raises((ValueError, jsonschema_rs.ValidationError)):
                    forms.compiled({"$schema": "https://json-schema.org/draft/2020-12/schema", **part})
            listener.shutdown()
        assert asked == []

    def test_the_form_must_be_a_schema(self) -> None:
        broken = {**FOOD["form"], "properties": {**FOOD["form"]["properties"], "area": {"type": "nonsense"}}}
        assert guides.validate({**FOOD, "form": broken}) == ["表单不是有效的 JSON Schema"]


class TestDigest:
    def test_changes_with_every_word(self) -> None:
        assert guides.digest(FOOD) != guides.digest({**FOOD, "pitfalls": []})

    def test_is_the_same_however_the_document_is_ordered(self) -> None:
        assert guides.digest(FOOD) == guides.digest(dict(reversed(FOOD.items())))


class TestMaterialsFor:
    def test_asks_for_a_mandate_only_of_an_agent(self) -> None:
        def codes(handled_by: str) -> set[str]:
            return {m["code"] for m in guides.materials_for(FOOD, {"handled_by": handled_by})}

        assert codes("agent") - codes("self") == {"mandate", "agent-id"}
