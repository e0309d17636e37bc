from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import vectors
from tongban.accounts import identifiers
from tongban.accounts.identifiers import BadIdentifier

VECTORS = vectors.load("identifiers")
CHECKS: dict[str, Callable[[str], object]] = {
    "citizen_id": identifiers.citizen_id,
    "uscc": identifiers.uscc,
    "licence": identifiers.licence_identifier,
    "division": identifiers.division_code,
}
ALL_CHECKS = [*CHECKS.values(), identifiers.upgrade_15, identifiers.mobile, identifiers.item_code]


@pytest.mark.parametrize(("kind", "number"), [(kind, n) for kind in CHECKS for n in VECTORS[kind]["valid"]])
def test_accepts_the_numbers_of_the_standard(kind: str, number: str) -> None:
    assert str(CHECKS[kind](number)) == number


@pytest.mark.parametrize(("kind", "number"), [(kind, n) for kind in CHECKS for n in VECTORS[kind]["invalid"]])
def test_refuses_a_wrong_one_without_repeating_it(kind: str, number: str) -> None:
    with pytest.raises(BadIdentifier) as refusal:
        CHECKS[kind](number)
    assert number not in str(refusal.value)
    assert str(refusal.value).endswith("。")


@pytest.mark.parametrize("check", ALL_CHECKS)
@given(text=st.text(max_size=40))
def test_nonsense_is_refused_and_not_repeated(check: Callable[[str], object], text: str) -> None:
    refusal = ""
    try:
        check(text)
    except BadIdentifier as error:
        refusal = str(error)
    assert len(text) < 6 or text not in refusal


class TestCitizenId:
    def test_understands_how_people_type(self) -> None:
        assert identifiers.citizen_id(" 110105 1949-1231 002x ") == "11010519491231002X"
        assert identifiers.citizen_id("１１０１０５１９４９１２３１００２Ｘ") == "11010519491231002X"

    def test_lengthens_the_numbers_of_before_1999(self) -> None:
        for short, long in VECTORS["citizen_id_15"].items():
            assert identifiers.upgrade_15(short) == long

    @given(st.integers(0, 16), st.integers(1, 9))
    def test_one_wrong_digit_is_always_noticed(self, place: int, by: int) -> None:
        number = "341723199003070016"
        wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
        assert not identifiers.is_valid(identifiers.citizen_id, wrong)


class TestMobile:
    @pytest.mark.parametrize("text", ["13800001234", "138 0000 1234", "+86-138-0000-1234", "008613800001234"])
    def test_understands_how_people_type(self, text: str) -> None:
        assert identifiers.mobile(text) == "13800001234"

    @pytest.mark.parametrize("text", ["", "12800001234", "1380000123", "138000012345", "0566-5021234"])
    def test_refuses_what_is_no_mobile_number(self, text: str) -> None:
        with pytest.raises(BadIdentifier):
            identifiers.mobile(text)


class TestItemCode:
    @pytest.mark.parametrize("parts", VECTORS["item_code"]["valid"], ids=lambda parts: parts["code"])
    def test_divides_into_who_which_level_and_what(self, parts: dict[str, str]) -> None:
        code = identifiers.item_code(parts["code"])
        assert (code.uscc, code.level, code.basic_code) == (
            parts["uscc"],
            parts["level"],
            parts["basic_code"],
        )
        assert str(code) == parts["code"]

    def test_refuses_a_wrong_organisation_in_it(self) -> None:
        with pytest.raises(BadIdentifier, match="校验位"):
            identifiers.item_code("1134172300000001994340114002000")


class TestDivision:
    @pytest.mark.parametrize("code", ["110101", "310101", "500101", "419001", "469001", "441900", "659001"])
    def test_knows_the_places_numbered_01(self, code: str) -> None:
        assert identifiers.division_code(code) == code

    @pytest.mark.parametrize("code", ["340001", "990000", "34172", "3417233", "340201", "000000", "160000"])
    def test_refuses_what_is_no_place(self, code: str) -> None:
        with pytest.raises(BadIdentifier):
            identifiers.division_code(code)


class TestMasks:
    def test_a_name_is_known_to_its_owner_only(self) -> None:
        names = {"张三": "张*", "欧阳丰": "欧*丰", "司马相如": "司**如", "": ""}
        assert {name: identifiers.mask_name(name) for name in names} == names

    def test_an_identity_number_keeps_its_ends(self) -> None:
        assert identifiers.mask_id("11010519491231002X") == "1" + "*" * 16 + "X"
        assert identifiers.mask_id("12") == "**"

    def test_a_mobile_number_keeps_three_and_two(self) -> None:
        assert identifiers.mask_mobile("13800001234") == "138******34"
        assert identifiers.mask_mobile("12345") == "*****"
