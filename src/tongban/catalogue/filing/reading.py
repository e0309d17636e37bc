"""A guide as people read it, and what a draft says otherwise than the one before. Pure."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tongban.catalogue.guides import Document

UNITS = {"working_day": "个工作日", "day": "日", "month": "个月"}


def _named(rows: Any) -> list[str]:
    return [str(row.get("name", "")) for row in rows]


def _materials(rows: Any) -> list[str]:
    return [f"{row['name']}（{'、'.join(_of_material(row))}）" for row in rows]


def _of_material(row: Any) -> list[str]:
    said = [
        row.get("form", ""),
        "必要" if row.get("required") else "可选",
        "可共享免交" if row.get("shared") else "",
    ]
    return [str(one) for one in said if one]


def _limits(limits: Any) -> list[str]:
    said = (("法定", limits.get("statutory")), ("承诺", limits.get("promised")))
    days = [f"{name} {one['n']} {UNITS.get(one['unit'], one['unit'])}" for name, one in said if one]
    return [*days, *([limits["note"]] if limits.get("note") else [])]


def _fee(fee: Any) -> list[str]:
    return [one for one in (fee.get("standard"), fee.get("basis")) if one]


def _steps(rows: Any) -> list[str]:
    return [f"{row['actor']}：{row['action']}" for row in rows]


def _basis(rows: Any) -> list[str]:
    return [
        row if isinstance(row, str) else "".join(str(one) for one in row.values() if isinstance(one, str))
        for row in rows
    ]


def _optional(rows: Any) -> list[str]:
    return list(rows or ())


def _line(text: Any) -> list[str]:
    return [str(text)] if text else []


# Part → what people call it, and how it is said in lines.
PARTS: dict[str, tuple[str, Callable[[Any], list[str]]]] = {
    "name": ("事项名称", _line), "subject": ("服务对象", _line), "handling_type": ("办件类型", _line),
    "conditions": ("申请条件", list), "window_questions": ("窗口询问", _optional),
    "materials": ("申请材料", _materials), "limits": ("办理时限", _limits),
    "review_steps": ("审查环节", _named), "fee": ("收费", _fee), "result": ("办理结果", _named),
    "delivery": ("送达方式", list), "legal_basis": ("设定依据", _basis), "steps": ("办理流程", _steps),
    "channels": ("办理渠道", list), "pitfalls": ("常见问题", list),
}  # fmt: skip


def in_words(text: str, before: str) -> str:
    """
    Return a draft as people read it: first what it says otherwise than `before` (a draft, or the guide in force; empty: nothing
    to compare with), then all of it. A text that is no guide comes back as it is.
    """
    document = _read(text)
    if document is None:
        return text
    whole = [f"【{title}】{'；'.join(lines) or '无'}" for title, lines in _said(document)]
    return "\n".join([*differences(document, _read(before)), *whole])


def differences(document: Document, before: Document | None) -> list[str]:
    """Return line by line what a guide says otherwise than another: what came in with ＋, what fell out with －."""
    if before is None:
        return []
    found = []
    for (title, lines), (_, were) in zip(_said(document), _said(before), strict=True):
        changed = [*_only(were, lines, "－"), *_only(lines, were, "＋")]
        found += [f"【改动：{title}】{'；'.join(changed)}"] if changed else []
    if document.get("form") != before.get("form"):
        found.append("【改动：申请表】申请表的栏目有改动，见原文。")
    return found


def _only(these: Iterable[str], those: Iterable[str], mark: str) -> list[str]:
    known = set(those)
    return [f"{mark}{one}" for one in these if one not in known]


def _said(document: Document) -> list[tuple[str, list[str]]]:
    return [(title, _safely(say, document.get(name))) for name, (title, say) in PARTS.items()]


def _safely(say: Callable[[Any], list[str]], part: Any) -> list[str]:
    """A neighbour may write anything into a part: what cannot be said is left to the original."""
    try:
        return [str(line) for line in say(part)] if part else []
    except (AttributeError, KeyError, TypeError):
        return ["（见原文）"]


def _read(text: str) -> Document | None:
    try:
        document = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
