"""
What notices say. A box says what happened and what comes next; what leaves the node says less: no name, no item, no outcome.

A text for the telephone fits into one message, and names a case by the last four signs of its number.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

LONGEST: Final = 70  # characters of one SMS
_TAIL: Final = 4
REASONS: Final = {
    "no_gateway": "本节点没有短信通道", "no_number": "申请表没有手机号", "not_in_use": "号码已停用",
    "wrong_subscriber": "号码已由他人使用", "blacklisted": "号码拒收", "unreachable": "短信通道连续三天不通",
    "no_report": "三天没有回执", "overtaken": "已有更新的消息",
}  # fmt: skip
# What is sent with a code, by what it opens: never a link, and what to do if somebody else asked for it.
CODES: Final = {
    "help": "【{sign}】验证码{code}，10分钟内有效，窗口帮办尾号{tail}用，勿告他人。非本人操作致电{phone}。",
    "look": "【{sign}】验证码{code}，10分钟内有效，查看尾号{tail}办件用，勿告他人。非本人操作致电{phone}。",
}
_FILE: Final = Path(__file__).parent / "data/texts.json"


@cache
def table() -> dict[str, dict[str, str]]:
    """Return all texts by the name of their row: `box`, `next`, and `sms` where something is sent."""
    found: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def box(row: str) -> str:
    """Return what the box says has happened; of a row that is no more, its name."""
    return table().get(row, {}).get("box", row)


def next_step(row: str) -> str:
    """Return what the box says comes next."""
    return table().get(row, {}).get("next", "")


def reason(code: str) -> str:
    """Return in words why something did not arrive; a code of the gateway's own as it is."""
    return REASONS.get(code, code)


def sms(row: str, *, number: str, sign: str, phone: str, day: date | None, by_code: bool = False) -> str:
    """
    Return what is sent to a telephone; `by_code`: to somebody without an account, who looks at the case by a code.

    Raises:
        KeyError: the row sends nothing.
    """
    said, texts = f"{day.month}月{day.day}日" if day else "规定日期", table()[row]
    text = texts.get("sms_by_code", texts["sms"]) if by_code else texts["sms"]
    return text.format(sign=sign, tail=number[-_TAIL:], day=said, phone=phone)


def code(purpose: str, *, code: str, number: str, sign: str, phone: str) -> str:
    """Return what is sent with a code, by what it opens."""
    return CODES[purpose].format(sign=sign, tail=number[-_TAIL:], code=code, phone=phone)
