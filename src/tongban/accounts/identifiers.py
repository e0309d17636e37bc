"""
Numbers that identify people, organisations, licences, items and places.

Each function returns the number in its one written form, or raises BadIdentifier. The sentence never
repeats the number: it may be somebody's identity number and end up in a log. Check characters come from
python-stdnum; its lists of places are not used, because a number keeps the code of an abolished county.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_37_36


class BadIdentifier(ValueError):
    """The number cannot be right; the sentence says how to find the slip, without repeating the number."""


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """电子证照标识 (GB/T 36904-2018), in its parts."""

    type_code: str
    issuer_code: str
    serial: str
    version: str
    check: str

    def __str__(self) -> str:
        return (
            f"{_LICENCE_ROOT}.{self.type_code}.{self.issuer_code}.{self.serial}.{self.version}.{self.check}"
        )


@dataclass(frozen=True, slots=True)
class ItemCode:
    """事项实施编码, 31 characters: who acts (USCC), at which level, and the basic code (基本编码)."""

    uscc: str
    level: str
    basic_code: str

    def __str__(self) -> str:
        return self.uscc + self.level + self.basic_code


# 公民身份号码 (GB 11643-1999), 港澳台居民居住证 (810000, 820000, 830000) and, beginning with 9, the
# 外国人永久居留身份证 of 2023, whose third to fifth digits are a province and a nationality.
_CITIZEN = re.compile(r"(?:[1-6]\d{5}|71\d{4}|8[123]0000|9\d{5})\d{11}[\dX]", re.ASCII)
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LICENCE_ROOT = "1.2.156.3005.2"
_LICENCE = re.compile(
    re.escape(_LICENCE_ROOT) + r"\.([0-9A-Z]{21})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,64})\.(\d{3})\.([0-9A-Z])",
    re.ASCII,
)
_ITEM = re.compile(r"([0-9A-Z]{18})([1-7])(\d{12})", re.ASCII)
# Province, prefecture, county. Where counties are numbered from 02, …01 only heads a list (“市辖区”); in the
# four municipalities (xx01) and for counties under the province itself (xx90) 01 is a place.
_DIVISION = re.compile(r"(?:11|12|31|50)0[12]\d\d|\d\d0000|\d\d(?!00)\d\d(?!01)\d\d|\d\d9001", re.ASCII)
# 省、自治区、直辖市、特别行政区 (GB/T 2260)
_PROVINCES = frozenset(
    f"{first}{second}"
    for first, seconds in {1: "12345", 2: "123", 3: "1234567", 4: "123456", 5: "01234", 6: "12345"}.items()
    for second in seconds
) | {"71", "81", "82"}


def citizen_id(text: str) -> str:
    """
    Return an 18-character identity number: citizen, resident from Hong Kong, Macao or Taiwan, or foreigner
    with permanent residence (form of 2023).

    Raises:
        BadIdentifier: wrong length, no such day of birth, or the check character does not fit.
    """
    number = _tidy(text)
    if len(number) != 18:
        raise BadIdentifier("身份证号码应为 18 位，请核对是否多录或漏录。")
    if not _CITIZEN.fullmatch(number):
        raise BadIdentifier("身份证号码格式不符：前 17 位应为数字，末位为数字或 X，请逐位核对。")
    _birth(number)
    if number[-1] != ric.calc_check_digit(number):
        raise BadIdentifier("身份证号码校验位不符，请逐位核对。")
    return number


def upgrade_15(text: str) -> str:
    """
    Return the 18-character form of an old 15-digit number; for look-ups only, it is no longer valid.

    Raises:
        BadIdentifier: not 15 digits, or no such day of birth.
    """
    number = _tidy(text)
    if not re.fullmatch(r"\d{15}", number, re.ASCII):
        raise BadIdentifier("旧身份证号码应为 15 位数字，请核对。")
    longer = number[:6] + "19" + number[6:]
    return citizen_id(longer + ric.calc_check_digit(longer + "0"))


def uscc(text: str) -> str:
    """
    Return a 统一社会信用代码 (GB 32100-2015). The check inside it (GB 11714) fails in real codes: not asked.

    Raises:
        BadIdentifier: wrong length, a letter that is not used, or the check character does not fit.
    """
    code = _tidy(text)
    if len(code) != 18:
        raise BadIdentifier("统一社会信用代码应为 18 位，请核对是否多录或漏录。")
    if not _USCC.fullmatch(code):
        raise BadIdentifier("统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字。")
    if code[-1] != stdnum_uscc.calc_check_digit(code):
        raise BadIdentifier("统一社会信用代码校验位不符，请逐位核对。")
    return code


def mobile(text: str) -> str:
    """
    Return a mobile number of the mainland, 11 digits, without +86.

    Raises:
        BadIdentifier: anything else.
    """
    number = _tidy(text)
    number = re.sub(r"^(?:\+|00)86", "", number)
    if not _MOBILE.fullmatch(number):
        raise BadIdentifier("手机号码应为 1 开头的 11 位数字，请核对。")
    return number


def licence_identifier(text: str) -> LicenceIdentifier:
    """
    Return the parts of a 电子证照标识 (GB/T 36904-2018); the check covers all parts after the root.

    Raises:
        BadIdentifier: another structure, or the check character does not fit.
    """
    found = _LICENCE.fullmatch(_tidy(text))
    if not found:
        raise BadIdentifier(f"电子证照标识格式不符：应以 {_LICENCE_ROOT} 开头，其后五段以点分隔。")
    licence = LicenceIdentifier(found[1], found[2], found[3], found[4], found[5])
    if mod_37_36.calc_check_digit("".join(found.groups()[:4])) != licence.check:
        raise BadIdentifier("电子证照标识校验位不符，请核对。")
    return licence


def item_code(text: str) -> ItemCode:
    """
    Return the parts of a 31-character 事项实施编码.

    Raises:
        BadIdentifier: another structure, or the USCC in it is wrong. Older codes belong in `legacy_code`.
    """
    found = _ITEM.fullmatch(_tidy(text))
    if not found:
        raise BadIdentifier("事项实施编码应为 31 位：统一社会信用代码 18 位、行使层级 1 位、基本编码 12 位。")
    return ItemCode(uscc(found[1]), found[2], found[3])


def division_code(text: str) -> str:
    """
    Return a division code (GB/T 2260) of a province, prefecture or county. 市辖区 (…01) is no division.

    Raises:
        BadIdentifier: anything else; whether the division exists, the catalogue of divisions says.
    """
    code = _tidy(text)
    if not _DIVISION.fullmatch(code) or code[:2] not in _PROVINCES:
        raise BadIdentifier("行政区划代码应为 6 位数字，前两位为省级代码，且不能是“市辖区”（末两位 01）。")
    return code


def is_valid(check: Callable[[str], object], text: str) -> bool:
    """Return whether one of the functions above accepts `text`."""
    try:
        check(text)
    except BadIdentifier:
        return False
    return True


def mask_name(name: str) -> str:
    """Return a name that its owner recognises and others don't: 张*, 欧*丰."""
    return name if not name else name[0] + "*" * max(1, len(name) - 2) + name[2:][-1:]


def mask_id(number: str) -> str:
    """Return first and last character only: more would show where or when somebody was born."""
    return number[:1] + "*" * (len(number) - 2) + number[-1:] if len(number) > 2 else "*" * len(number)


def mask_mobile(number: str) -> str:
    """Return the first three and last two digits: 138******34."""
    return number[:3] + "*" * (len(number) - 5) + number[-2:] if len(number) > 6 else "*" * len(number)


def _tidy(text: str) -> str:
    """Full-width digits, spaces and small letters are typing, not mistakes."""
    return re.sub(r"[\s\u200b-\u200f\ufeff-]", "", unicodedata.normalize("NFKC", text)).upper()


def _birth(number: str) -> date:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadIdentifier("身份证号码中的出生日期不存在，请核对第 7 至 14 位。") from None
