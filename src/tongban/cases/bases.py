"""
On what basis something is done or owed: the permit law (行政许可法) binds licensing items only. Pure.

The table names for each act and duty the provision that holds where a licence is asked for. For every other item the
same step rests on the rule of cross-province handling, the agreement of the two places, and the published guide.
"""

from collections.abc import Mapping
from typing import Any, Final

from tongban.catalogue.kinds import Kind

# What stands in place of a provision of the permit law where no licence is asked for.
OTHERWISE: Final[Mapping[str, str]] = {
    "行政许可法 第三十二条": "本事项办事指南（一次性告知）",
    "行政许可法 第三十二条（一）（二）": "通办协议",
    "行政许可法 第三十四条": "本事项办事指南（审查）",
    "行政许可法 第三十七条、第三十八条": "本事项办事指南（办理结果）",
    "行政许可法 第三十八条": "本事项办事指南（办理结果）",
    "行政许可法 第四十二条": "本事项办事指南（办理时限）",
    "行政许可法 第四十四条": "本事项办事指南、通办协议（送达）",
    "行政许可法 第四十五条": "本事项办事指南（特别环节）",
}


def basis_of(written: str, guide: Mapping[str, Any] | None, otherwise: Mapping[str, str] = OTHERWISE) -> str:
    """Return the basis that counts under a guide, for one that the tables name; without a guide, the table's own."""
    return written if guide is None or guide["kind"] == Kind.LICENCE else otherwise.get(written, written)
