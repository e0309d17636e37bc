"""
Refused attempts: who tried what and was told no, for whoever has to find out later.

Never with what was sent. They stand in the one record of access (`kernel.accesses`), of strangers and nodes gathered so
that a thousand tries of one kind are one row.
"""

from datetime import datetime

from tongban.kernel import accesses
from tongban.kernel.crypto import digest


def note(
    *, code: str, doing: str, at: datetime, who: str = "", organisation: str = "", matter: str = ""
) -> None:
    """
    Write down that something was refused with `code`; `doing` says what was tried, in a word of the program's own.

    `who` is the node's code of a person or machine, or the fingerprint of a node; nothing where nobody is known.
    """
    kind = accesses.Kind.NODE if digest.is_digest(who) else ""
    accesses.note(
        accesses.row(
            at=at, doing=doing, result=code, who=who, organisation=organisation, matter=matter, kind=kind
        )
    )
