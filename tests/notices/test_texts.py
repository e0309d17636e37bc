"""What is sent says no more than it must, whatever the case; every row has its words, and its ground."""

from datetime import date

import pytest

from tests.hidden import IDNO, NAME
from tongban.notices import rows, texts
from tongban.notices.models import SmsCode
from tongban.notices.rows import Row, To
from tongban.procedures import register

NUMBER = "341723202611250FN6MM2VW"
WORST = {
    "number": NUMBER, "sign": "甘孜州道孚县政务服务中心", "phone": "0566-12345678", "day": date(2026, 12, 31),
}  # fmt: skip
# What may tell a stranger what a case is about, or how it went: names of items, outcomes.
TELLING = ("准予", "不予", "残疾", "婚姻", "就医", "社保", "医保", "生育", "许可", "登记", "公证", NAME, IDNO)


@pytest.mark.parametrize("row", rows.ROWS, ids=lambda row: row.name)
class TestEveryRow:
    def test_is_of_an_act_that_there_is_and_says_why(self, row: Row) -> None:
        assert row.act in register.of(row.procedure).present.rules
        assert row.grounds
        assert (row.to is To.APPLICANT) == (not row.permission) == row.sms
        assert row.sms or not row.required

    def test_has_its_words(self, row: Row) -> None:
        said = texts.table()[row.name]
        assert said["box"]
        assert said["next"]
        assert ("sms" in said) == row.sms

    def test_is_of_a_role_that_there_is(self, row: Row) -> None:
        if row.to not in (To.APPLICANT, To.LATE, To.WATCH):
            assert row.to in register.of(row.procedure).roles

    def test_fits_into_one_message_and_tells_a_stranger_nothing(self, row: Row) -> None:
        if not row.sms:
            return
        for day in (WORST["day"], None):
            said = texts.sms(row.name, **{**WORST, "day": day})
            assert len(said) <= texts.LONGEST, (len(said), said)
            assert not [word for word in TELLING if word in said]
            assert NUMBER[:-4] not in said

    def test_says_the_same_to_who_has_no_account(self, row: Row) -> None:
        if "sms_by_code" in texts.table()[row.name]:
            said = texts.sms(row.name, **WORST, by_code=True)
            assert len(said) <= texts.LONGEST, (len(said), said)
            assert "我的办件" not in said
            assert NUMBER[:-4] not in said


@pytest.mark.parametrize("purpose", SmsCode.Purpose)
def test_a_code_fits_into_one_message_and_names_no_case(purpose: SmsCode.Purpose) -> None:
    worst = {name: said for name, said in WORST.items() if name != "day"}
    said = texts.code(purpose, code="123456", **worst)
    assert len(said) <= texts.LONGEST, (len(said), said)
    assert NUMBER[:-4] not in said
    assert "勿告他人" in said


def test_every_text_is_of_a_row() -> None:
    assert texts.table().keys() == rows.BY_NAME.keys()
