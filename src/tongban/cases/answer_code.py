"""
The answer code (答复码) of a case: whoever brings it to a third window was given it by the window or page of the case.

The clerk says that somebody stands there; this code says that they are the applicant, or come from them. Only the node that
took the case in can make it, by a key of its own, so that nothing is stored; fifty bits need no count of wrong tries.
"""

import hmac
import re
from typing import Final

from tongban.accounts.people import sealed
from tongban.kernel.errors import DomainError

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without letters that look like others
LENGTH: Final = 10


class AnswerCodeWrong(DomainError):
    """What was brought is not the answer code of the case, so that nobody knows whether the applicant sent it; nothing was changed."""

    code = "answer_code_wrong"
    status = 403


def of(number: str) -> str:
    """Return the answer code of a case on this node, in groups that can be read out."""
    value = int(sealed.lookup(f"answer:{number}"), 16)
    signs = "".join(ALPHABET[(value >> (5 * place)) & 31] for place in range(LENGTH))
    return f"{signs[:4]}-{signs[4:7]}-{signs[7:]}"


def fits(number: str, typed: str) -> bool:
    """Return whether somebody has typed the answer code of a case, however grouped."""
    plain = re.sub(r"[\s-]", "", typed).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return hmac.compare_digest(plain.encode(), of(number).replace("-", "").encode())
