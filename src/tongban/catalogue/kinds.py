"""
What an item is by its nature (事项性质): what letters are called, on what they rest, and which limits bind follow from it. Pure.

The permit law (行政许可法) binds licences only; registrations, filings, benefits and notaries have laws of their own.
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The natures of items that a guide may name."""

    LICENCE = "licence"
    REALTY = "realty"
    ENTERPRISE = "enterprise"
    REGISTRATION = "registration"
    RECORD = "record"
    CONFIRMATION = "confirmation"
    BENEFIT = "benefit"
    NOTARY = "notary"
    SERVICE = "service"


KIND_NAMES: Final = {
    Kind.LICENCE: "行政许可", Kind.REALTY: "不动产登记", Kind.ENTERPRISE: "企业登记", Kind.REGISTRATION: "登记",
    Kind.RECORD: "备案", Kind.CONFIRMATION: "行政确认", Kind.BENEFIT: "行政给付", Kind.NOTARY: "公证",
    Kind.SERVICE: "公共服务",
}  # fmt: skip
# What lacks is told with the refusal itself, on the spot, and the papers are given back (不动产登记暂行条例 第十七条、
# 市场主体登记管理条例实施细则 第十八条): there is no correction to be awaited.
AT_ONCE: Final = frozenset({Kind.REALTY, Kind.ENTERPRISE})
