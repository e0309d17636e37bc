"""The judge of a form."""

from datetime import date
from typing import Any

import pytest

from tongban.catalogue import fields, forms
from tongban.kernel.crypto import canon

TODAY = date(2026, 3, 2)
IDNO = "341723199003070016"
OTHER_IDNO = "341723198805120025"

SCHEMA = fields.form_schema(
    "样表",
    [
        {
            "title": "一",
            "fields": {
                "name": {"title": "姓名", "kind": "name"},
                "idno": {"title": "身份证号码", "kind": "idno"},
                "born_on": {"title": "出生日期", "kind": "date", "required": False},
                "mobile": {"title": "手机号码", "kind": "mobile", "required": False},
                "uscc": {"title": "统一社会信用代码", "kind": "uscc", "required": False},
                "starts_on": {"title": "开始日期", "kind": "date", "required": False},
                "ends_on": {"title": "结束日期", "kind": "date", "required": False},
                "way": {"title": "领取方式", "kind": "choice", "choices": {"post": "邮寄", "here": "自取"}},
                "address": {"title": "邮寄地址", "kind": "address", "when": {"way": ["post"]}},
                "insured": {
                    "title": "保价", "kind": "choice", "choices": {"yes": "是"}, "required": False,
                    "when": {"address": ["演示路一号"]},
                },
                "total": {"title": "合计", "kind": "integer", "required": False, "max": 100},
                "members": {
                    "title": "成员", "kind": "rows", "required": False, "max": 3,
                    "fields": {
                        "name": {"title": "姓名", "kind": "name"},
                        "idno": {"title": "身份证号码", "kind": "idno"},
                        "share": {"title": "份额", "kind": "integer", "required": False},
                    },
                },
                "uses": {"title": "用途", "kind": "choices", "choices": {"a": "甲", "b": "乙"}, "required": False},
                "promise": {"title": "承诺", "kind": "promise"},
            },
        }
    ],
    [
        {"kind": "matches-id-birth", "field": "born_on", "other": "idno"},
        {"kind": "not-after-today", "field": "starts_on"},
        {"kind": "not-before", "field": "ends_on", "other": "starts_on"},
        {"kind": "sum-equals", "field": "total", "other": "members[].share"},
        {"kind": "different-from", "field": "members[].idno", "other": "idno"},
        {"kind": "different-from", "field": "members[].idno", "other": "members[].idno", "across": True, "message": "填了两次"},
    ],
)  # fmt: skip


def filled(**changes: Any) -> dict[str, Any]:
    return {"name": "张三", "idno": IDNO, "way": "here", "promise": True, **changes}


def said(**changes: Any) -> list[str]:
    return [fault.message for fault in forms.judge(SCHEMA, filled(**changes), on=TODAY)]


def member(**changes: Any) -> dict[str, Any]:
    return {"name": "李四", "idno": OTHER_IDNO, **changes}


class TestCleaned:
    def test_drops_blanks_blank_rows_and_blank_blocks(self) -> None:
        typed = filled(mobile="  ", members=[{"name": "", "idno": ""}], uses=[""])
        assert forms.cleaned(SCHEMA, typed) == filled()

    def test_prunes_what_is_no_longer_shown(self) -> None:
        assert forms.cleaned(SCHEMA, filled(address="演示路一号")) == filled()

    def test_prunes_what_hung_on_something_pruned(self) -> None:
        assert forms.cleaned(SCHEMA, filled(address="演示路一号", insured="yes")) == filled()

    def test_keeps_what_is_shown(self) -> None:
        shown = filled(way="post", address="演示路一号", insured="yes")
        assert forms.cleaned(SCHEMA, shown) == shown

    def test_leaves_the_given_form_alone(self) -> None:
        typed = filled(address="演示路一号", members=[member(name=" 李四 ")])
        forms.cleaned(SCHEMA, typed)
        assert typed == filled(address="演示路一号", members=[member(name=" 李四 ")])


class TestJudge:
    def test_accepts_a_good_form(self) -> None:
        assert said(members=[member(share=100)], total=100, uses=["a"]) == []

    @pytest.mark.parametrize("name", ["阿依古丽·买买提", "欧阳·" + "长" * 40, "O Brien"])
    def test_accepts_names_as_people_have_them(self, name: str) -> None:
        assert said(name=name) == []

    def test_asks_for_what_is_missing_by_its_title(self) -> None:
        assert [f.message for f in forms.judge(SCHEMA, {}, on=TODAY)] == [
            "姓名：请填写。",
            "身份证号码：请填写。",
            "领取方式：请选择。",
            "承诺：请勾选。",
        ]

    def test_a_shown_field_must_be_filled(self) -> None:
        assert said(way="post") == ["邮寄地址：请填写。"]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"idno": "341723199003070017"}, "身份证号码：请填写18位居民身份证号码"),
            ({"mobile": "12345"}, "手机号码：请填写11位手机号码"),
            ({"uscc": "123"}, "统一社会信用代码：请填写18位统一社会信用代码"),
            ({"starts_on": "2026-02-30"}, "开始日期：请按“年-月-日”填写存在的日期"),
            ({"way": "carrier pigeon"}, "领取方式：请从列出的选项中选择"),
            ({"uses": ["a", "a"]}, "用途：有重复的项"),
            ({"uses": ["c"]}, "用途第1项：请从列出的选项中选择"),
            ({"promise": False}, "承诺：须勾选确认"),
            ({"name": "<script>"}, "姓名：请填写证件上的姓名"),
            ({"name": "长" * 51}, "姓名：最多填写50个字"),
            ({"total": "many"}, "合计：请填写整数"),
            ({"total": 101}, "合计：不能大于100"),
            ({"total": -1}, "合计：不能小于0"),
            ({"members": [member(name=f"李{n}") for n in "甲乙丙丁"]}, "成员：最多填写3项"),
            ({"members": "李四"}, "成员：填写的内容类型不对"),
            ({"unknown": "x"}, "含有本表没有的栏目"),
        ],
    )
    def test_says_in_chinese_what_is_wrong(self, changes: dict[str, Any], sentence: str) -> None:
        assert any(message.startswith(sentence) for message in said(**changes)), said(**changes)

    def test_names_the_row(self) -> None:
        assert said(members=[member(), {"name": "王五"}]) == ["成员第2项身份证号码：请填写。"]

    def test_points_at_the_place(self) -> None:
        (fault,) = forms.judge(SCHEMA, filled(members=[member(), {"name": "王五"}]), on=TODAY)
        assert fault.pointer == "/members/1/idno"

    def test_never_repeats_what_was_typed(self) -> None:
        typed = {
            "name": "<秘密>",
            "idno": "秘密",
            "mobile": "秘密",
            "way": "秘密",
            "uses": ["秘密"],
            "秘密": "秘密",
        }
        assert not [f for f in forms.judge(SCHEMA, typed, on=TODAY) if "秘密" in f.message]


class TestHostileForms:
    def deep(self) -> Any:
        value: Any = "x"
        for _ in range(5000):
            value = {"agent": [value]}
        return value

    @pytest.mark.parametrize(
        "typed",
        [
            {"name": "张\ud800"},
            {"\ud800": "x"},
            {"name": "张\0三"},
            {"total": 1e400},
            {"total": 2**70},
            {"total": 1.5},
            {"members": [["x"], 1, None, {"idno": {"a": "b"}}]},
            {"idno": 341723199003070016},
            {"born_on": "١٩٩٠-٠٣-٠٧"},
            {"uses": {"a": "a"}},
            {"way": ["post"]},
        ],
    )
    def test_get_an_answer(self, typed: dict[str, Any]) -> None:
        said(**typed)

    def test_nested_beyond_reason_get_an_answer(self) -> None:
        assert said(**self.deep())

    def test_control_characters_are_refused(self) -> None:
        assert said(name="张\0三") == ["姓名：请填写证件上的姓名，只用文字和间隔号“·”。"]
        assert said(way="post", address="演示路\u0007一号") == [
            "邮寄地址：含有看不见的控制字符，请重新输入。"
        ]

    def test_a_whole_number_with_a_point_is_a_whole_number(self) -> None:
        assert canon.encode(forms.cleaned(SCHEMA, filled(total=1.0)))


class TestRulesBetweenFields:
    def test_date_of_birth_must_match_the_number(self) -> None:
        assert said(born_on="1990-03-07") == []
        assert said(born_on="1990-03-08") == ["出生日期：与身份证号码中的出生日期不一致，请核对两处。"]

    def test_a_day_in_the_future_is_refused_and_today_is_not(self) -> None:
        assert said(starts_on="2026-03-02") == []
        assert said(starts_on="2026-03-03") == ["开始日期：不能晚于今天。"]

    def test_an_end_before_its_start_is_refused(self) -> None:
        assert said(starts_on="2026-03-01", ends_on="2026-03-01") == []
        assert said(starts_on="2026-03-01", ends_on="2026-02-28") == ["结束日期：不能早于开始日期。"]

    def test_a_total_must_be_the_sum_of_the_rows(self) -> None:
        assert said(members=[member(share=60)], total=100) == ["合计：应等于各项之和，请核对。"]

    def test_a_member_must_be_someone_else(self) -> None:
        assert said(members=[member(idno=IDNO)]) == ["成员第1项身份证号码：不能与身份证号码相同。"]

    def test_nobody_is_named_twice(self) -> None:
        assert said(members=[member(), member(name="李五")]) == [
            "成员第1项身份证号码：填了两次。",
            "成员第2项身份证号码：填了两次。",
        ]

    def test_one_mistake_is_told_once(self) -> None:
        assert len(said(starts_on="2026-13-01", ends_on="2026-01-01")) == 1


@pytest.mark.attack("C6")
class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("３４１７２３１９９００３０７００１６", IDNO), ("341723 19900307 0016", IDNO), (" 341723-19900307-0016 ", IDNO),
            ("341723199003070016", IDNO),
        ],
    )  # fmt: skip
    def test_an_identity_number_is_kept_as_it_is_compared(self, typed: str, kept: str) -> None:
        form = {"name": "张三", "idno": typed, "way": "here", "promise": True}
        assert forms.judge(SCHEMA, form, on=TODAY) == []
        assert forms.cleaned(SCHEMA, form)["idno"] == kept

    @pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c"])
    def test_no_text_turns_the_direction_of_writing(self, mark: str) -> None:
        form = {
            "name": "张三",
            "idno": IDNO,
            "way": "post",
            "address": f"演示路{mark}gnp.exe",
            "promise": True,
        }
        (fault,) = forms.judge(SCHEMA, form, on=TODAY)
        assert fault.path == ("address",)
        assert "文字显示方向" in fault.message
