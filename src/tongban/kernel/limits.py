"""
How large and how deep what comes from outside may be: the one place of these figures (docs/protocol.md §2).

The same on every node and both databases; columns of tables are at least as wide. Pure.
"""

import re
from typing import Final

EVENT_BYTES: Final = 65_536
BODY_BYTES: Final = 65_536
DEPTH: Final = 16
INTEGER: Final = 2**31 - 1
CONTENT_SIZE: Final = 2**40
TEXT: Final = 4096
ROLE: Final = 24
WORD: Final = 40
DUTY: Final = 48  # role/term.seq.n
CHAIN: Final = 27  # role/term
SUBJECT: Final = 30
PSEUDONYM: Final = 26
CONTENTS: Final = 200
DUTIES: Final = 64
FACTS: Final = 64
FACT_BYTES: Final = 4096
REFS: Final = 16
TERMS: Final = 99
EVENTS: Final = 2000  # of a transfer
MESSAGE: Final = 32 * 1024 * 1024
SIGNATURES: Final = 4

ROLE_FORM: Final = rf"[a-z][a-z0-9_]{{0,{ROLE - 1}}}"
WORD_FORM: Final = rf"[a-z][a-z0-9_.]{{0,{WORD - 1}}}"
TERM_FORM: Final = r"[1-9][0-9]?"
CHAIN_FORM: Final = rf"{ROLE_FORM}/{TERM_FORM}"
DUTY_FORM: Final = rf"{CHAIN_FORM}\.[1-9][0-9]{{0,9}}\.[0-9]{{1,2}}"
DIGEST_FORM: Final = r"sm3:[0-9a-f]{64}"
SUBJECT_FORM: Final = rf"[0-9A-Z-]{{1,{SUBJECT}}}"

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class BeyondLimits(ValueError):
    """A value is larger, deeper or otherwise not what events may hold."""


def demand_plain(value: object, depth: int = DEPTH) -> None:
    """
    Ask whether an event or body keeps to the limits of depth, texts and whole numbers.

    Raises:
        BeyondLimits: it does not.
    """
    if isinstance(value, str):
        _demand_text(value)
    elif isinstance(value, dict | list):
        if depth == 0:
            raise BeyondLimits(f"nested deeper than {DEPTH}")
        if isinstance(value, dict):
            for name in value:
                _demand_text(name)
        for member in value.values() if isinstance(value, dict) else value:
            if type(member) is str:  # as most are
                _demand_text(member)
            else:
                demand_plain(member, depth - 1)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > INTEGER:
        raise BeyondLimits("number beyond 2^31 - 1")


def _demand_text(text: str) -> None:
    if len(text) > TEXT or _CONTROL.search(text):
        raise BeyondLimits("text too long, or with control characters")
