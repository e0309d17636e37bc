"""Login names as they are typed: brought into one form at the door, which is then looked up, counted and recorded."""

import unicodedata
from typing import Final

from tongban.kernel.errors import InvalidInput

LONGEST: Final = 200


class LoginTooLong(InvalidInput):
    """The name is longer than any account's; nothing was looked up."""

    code = "login_too_long"


def plain(typed: str) -> str:
    """
    Return the one form of a login name, whichever way it was typed: full-width or not, with blanks around it or signs that nobody sees.

    Raises:
        LoginTooLong: no account has a name like that.
    """
    if len(typed) > LONGEST:
        raise _too_long()
    # Twice: what a first pass takes apart or makes small may be put together anew.
    for _ in range(2):
        typed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).lower())
        # Format and control signs: zero-width marks, direction marks, soft hyphens.
        typed = "".join(
            sign for sign in typed if unicodedata.category(sign) not in ("Cf", "Cc") or sign.isspace()
        )
        typed = typed.strip()
    if len(typed) > LONGEST:
        raise _too_long()
    return typed


def _too_long() -> LoginTooLong:
    return LoginTooLong(f"未办理：账号过长，至多 {LONGEST} 个字符。请核对后重新输入。")
