"""What a window asks, sees and attests, from the guide."""

from typing import Any

import pytest

from tongban.cases import checklist
from tongban.cases.checklist import Answer, Check, Checked, ChecksIncomplete, Kind, ScanMissing
from tongban.catalogue import seed

TEMPLATES = sorted(seed.templates())


def guide(template: str) -> dict[str, Any]:
    return seed.templates()[template]


def answered(checks: list[Check]) -> dict[str, Answer]:
    return {check.code: Answer.OK for check in checks if check.mandatory}


def scans(checks: list[Check]) -> set[str]:
    return {check.material for check in checks if check.scanned}


@pytest.mark.parametrize("template", TEMPLATES)
class TestOfEveryGuide:
    def test_asks_then_sees_then_attests(self, template: str) -> None:
        kinds = [check.kind for check in checklist.compiled(guide(template), seed.example(template))]
        assert kinds == sorted(kinds, key=list(Kind).index)
        assert Kind.ATTEST in kinds

    def test_asks_what_the_guide_has_the_window_ask_and_no_condition(self, template: str) -> None:
        asked = {**guide(template), "window_questions": ["证件带齐了吗"]}
        checks = checklist.compiled(asked, seed.example(template))
        assert [check.title for check in checks if check.kind is Kind.ASK] == ["证件带齐了吗"]

    def test_says_beside_each_why_it_would_be_rejected(self, template: str) -> None:
        assert all(check.why for check in checklist.compiled(guide(template), seed.example(template)))

    def test_is_incomplete_without_any_one_mandatory_check(self, template: str) -> None:
        checks = checklist.compiled(guide(template), seed.example(template))
        every = answered(checks)
        checklist.demand_complete(checks, Checked(every), scans(checks), number="N")
        for code in every:
            rest = {name: answer for name, answer in every.items() if name != code}
            with pytest.raises(ChecksIncomplete) as refused:
                checklist.demand_complete(checks, Checked(rest), scans(checks), number="N")
            assert [name for name, _ in refused.value.faults] == [code]


class TestAnswers:
    CHECKS = (
        Check("ask-1", Kind.ASK, "条件", "为什么"),
        Check("see-photo", Kind.SEE, "照片", "为什么", material="photo", scanned=True),
    )

    def test_only_a_material_may_be_lacking(self) -> None:
        checked = Checked({"ask-1": Answer.LACKING, "see-photo": Answer.LACKING})
        with pytest.raises(ChecksIncomplete, match="1 项") as refused:
            checklist.demand_complete(list(self.CHECKS), checked, set(), number="N")
        assert refused.value.faults[0][0] == "ask-1"

    def test_what_may_not_be_demanded_may_be_left_to_the_authority_and_nothing_else(self) -> None:
        free = Check("see-photo", Kind.SEE, "照片", "为什么", material="photo", scanned=True, shared=True)
        checked = Checked({"ask-1": Answer.OK, "see-photo": Answer.THERE})
        checklist.demand_complete([self.CHECKS[0], free], checked, set(), number="N")
        with pytest.raises(ChecksIncomplete) as refused:
            checklist.demand_complete(list(self.CHECKS), checked, set(), number="N")
        assert refused.value.faults[0][0] == "see-photo"
        assert checklist.read(checked.to_text()) == Checked(checked.answers, (), {})

    def test_what_is_in_order_has_its_scan_or_a_reason_why_not(self) -> None:
        checked = Checked({"ask-1": Answer.OK, "see-photo": Answer.OK})
        with pytest.raises(ScanMissing) as refused:
            checklist.demand_complete(list(self.CHECKS), checked, set(), number="N")
        assert (refused.value.code, refused.value.faults[0][0]) == ("scan_missing", "see-photo")
        checklist.demand_complete(list(self.CHECKS), checked, {"photo"}, number="N")
        told = Checked(checked.answers, (), {"see-photo": "照片贴在申请表上"})
        checklist.demand_complete(list(self.CHECKS), told, set(), number="N")

    def test_are_read_back_as_written(self) -> None:
        checked = Checked({"see-photo": Answer.LACKING}, ("photo",), {"see-photo": "不是白底"})
        assert checklist.read(checked.to_text()) == checked

    @pytest.mark.parametrize(
        "text", ["", "[]", "null", '{"answers":{"a":"maybe"},"kept":[],"remarks":{}}', "{"]
    )
    def test_of_another_format_count_as_none(self, text: str) -> None:
        assert checklist.read(text) == checklist.NOTHING
