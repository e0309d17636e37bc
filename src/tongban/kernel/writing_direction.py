"""Characters that turn the direction of writing: what an officer reads would be another text than what is kept and signed. Pure."""

import re
from typing import Final

# Unicode's Bidi_Control: nobody types them on purpose in a Chinese office.
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

SENTENCE: Final = "含有改变文字显示方向的控制字符，请删除后重新填写"


def turns(text: str) -> bool:
    """Return whether a text holds such a character."""
    return _TURNING.search(text) is not None
