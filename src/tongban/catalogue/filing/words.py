"""The words of a guide's filing: roles, phases, acts, duties. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The two roles of every filing."""

    DEPARTMENT = "department"  # 编制部门
    CENTRE = "centre"  # 政务服务中心


class Phase(StrEnum):
    """Where a filing stands."""

    NONE = ""
    DRAFTED = "drafted"
    CHECKED = "checked"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FILED = "filed"
    PUBLISHED = "published"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What may be done to a filing."""

    DRAFT = "draft"
    REVISE = "revise"
    CHECK = "check"
    SUBMIT = "submit"
    RETURN_WITH_REMARKS = "return_with_remarks"
    FILE = "file"
    PUBLISH = "publish"
    REPLACE = "replace"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"


class Duty(StrEnum):
    """What somebody owes a filing."""

    CHECK = "check"
    SUBMIT = "submit"
    FILE = "file"
    REVISE = "revise"
    PUBLISH = "publish"


TERMINAL = frozenset({Phase.REPLACED, Phase.WITHDRAWN})
ROLE_NAMES = {Role.DEPARTMENT: "编制部门", Role.CENTRE: "备案的政务服务中心"}
PHASE_NAMES = {
    Phase.NONE: "未起草", Phase.DRAFTED: "待内部审核", Phase.CHECKED: "待报送", Phase.SUBMITTED: "待备案",
    Phase.RETURNED: "退回修改", Phase.FILED: "已备案", Phase.PUBLISHED: "已公布", Phase.REPLACED: "已有新版",
    Phase.WITHDRAWN: "已撤回",
}  # fmt: skip
# An empty list of codes: written, not chosen.
CODES: Mapping[str, Mapping[Any, str]] = {
    "change": {"new": "新编指南", "revision": "修订指南"}, "filing_number": {},
}  # fmt: skip
LABELS = {
    "guide": "指南内容", "remarks": "修改意见", "reason": "理由", "note": "处置说明", "offering": "实施编码",
    "centre": "报送哪个政务服务中心", "change": "备案原因", "filing_number": "备案号",
}  # fmt: skip
