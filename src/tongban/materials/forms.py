"""How a filled-in form lies in the vault: JSON, as it was typed."""

import json
from typing import Any, Final

from tongban.kernel.errors import InvalidInput

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 32


class FormUnreadable(InvalidInput):
    """What was sent is no form: not JSON, far too long, or nested without end."""

    code = "form_unreadable"


def encode(instance: dict[str, Any]) -> bytes:
    """
    Return the bytes to store for a form, finished or not.

    Not canonical JSON: an area of 56.5 m² has a fraction, and the digest is over the bytes anyway.

    Raises:
        FormUnreadable: it cannot be stored as a form.
    """
    if not isinstance(instance, dict) or not _shallow(instance, MAX_DEPTH):
        raise FormUnreadable("表单内容不是预期的格式，没有保存。请刷新页面后重新填写。")
    try:
        data = json.dumps(
            instance, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
    except (TypeError, ValueError):  # half a surrogate pair, NaN, or what JSON does not know
        raise FormUnreadable("表单含有无法保存的字符或数值，没有保存。请删去特殊符号后重试。") from None
    if len(data) > MAX_BYTES:
        raise FormUnreadable("表单内容过长，没有保存。请精简文字，较长的说明请作为材料上传。")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """
    Return the form that `encode` stored.

    Raises:
        FormUnreadable: these bytes are no form, which a peer may have sent.
    """
    try:
        instance = json.loads(data)
    except (ValueError, RecursionError):
        instance = None
    if not isinstance(instance, dict):
        raise FormUnreadable("存储的表单无法读取。请联系管理员核对，或请对方县重新提供。")
    return instance


def _shallow(value: object, depth: int) -> bool:
    if not isinstance(value, dict | list | tuple):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_shallow(inner, depth - 1) for inner in inside)
