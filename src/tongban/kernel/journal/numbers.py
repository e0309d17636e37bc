"""
Numbers of matters (编号; of a case 办件编号): issued by its founder, at once, asking nobody; unique everywhere; never changed.

27 characters: division (6), issuer tag (4, from node and epoch, so that two nodes claiming one division, and
a node restored from a backup, do not meet), local date (8), random (8), check (1, ISO 7064 MOD 37,36). Letters are
Crockford's base 32, without I, L, O and U, so a number survives being read aloud and typed. Being random, it
tells nobody how many cases there are. A sub-case of a joint case adds -01, -02, …
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Protocol, Self

from stdnum.iso7064 import mod_37_36

from tongban.kernel.crypto import digest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
EPOCHS = 20  # of so many restores a draft may have lived through
MAX_LENGTH = 30  # the standard's field holds 50 (GB/T 39046-2020)

_FORM = re.compile(
    rf"(\d{{6}})([{ALPHABET}]{{4}})(\d{{8}})([{ALPHABET}]{{8}})([{ALPHABET}])(\d{{2}})?", re.ASCII
)
_MISREAD = str.maketrans("OIL", "011")


class BadNumber(ValueError):
    """The text is no case number; the sentence says what to look at."""


class Entropy(Protocol):
    """Where random characters come from: `secrets`, or a seeded `random.Random` for a demo."""

    def choice(self, seq: Sequence[str], /) -> str:
        """Return one of `seq`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A case number in its parts. As text it is what is stored; `display` is for people."""

    division: str
    issuer: str
    on: date
    random: str
    check: str
    sub: int = 0  # 0: not a sub-case

    def __str__(self) -> str:
        return self.division + self.issuer + f"{self.on:%Y%m%d}" + self.random + self.check + self._suffix

    def display(self) -> str:
        """Return the number in groups: 341723-7K2M-20260302-4XW9A0QT-C."""
        return grouped(str(self))

    def child(self, number: int) -> Self:
        """
        Return the number of a sub-case (1 … 99).

        Raises:
            ValueError: out of range, or a sub-case of a sub-case.
        """
        if self.sub or not 1 <= number <= 99:
            raise ValueError("a case has sub-cases 1 to 99, a sub-case has none")
        return replace(self, sub=number)

    @property
    def parent(self) -> Self:
        """The number of the joint case this belongs to; itself if it is not a sub-case."""
        return replace(self, sub=0)

    @property
    def _suffix(self) -> str:
        return f"-{self.sub:02d}" if self.sub else ""


def grouped(number: str) -> str:
    """Return a number that is stored, and so is one, in groups for people."""
    places = (0, 6, 10, 18, 26, 27)
    return "-".join(number[begun:end] for begun, end in pairwise(places)) + number[27:]


def issuer_tag(node: str, epoch: int) -> str:
    """Return the four characters that stand for a node in one epoch of its life."""
    bits = int.from_bytes(
        digest.sm3(digest.tagged_bytes("tongban-issuer/2", {"node": node, "epoch": epoch}))[:3]
    )
    return "".join(ALPHABET[bits >> shift & 31] for shift in (19, 14, 9, 4))


def was_issued_by(subject: str, node: str, epoch: int) -> bool:
    """Return whether a number is well formed and carries the tag of a node, in this epoch of its life or an earlier one."""
    try:
        number = parse(subject)
    except BadNumber:
        return False
    # A draft keeps its number through a restore.
    tags = (issuer_tag(node, earlier) for earlier in range(max(1, epoch - EPOCHS), epoch + 1))
    return str(number) == subject and number.issuer in tags


def issue(division: str, node: str, epoch: int, on: date, entropy: Entropy = secrets) -> Number:
    """
    Return a new number; `on` is the local date of intake.

    Two are alike with a chance of 1 in 2^40 for each pair of a day: the database's unique key is the judge.

    Raises:
        ValueError: the division is not six digits.
    """
    if not re.fullmatch(r"\d{6}", division, re.ASCII):
        raise ValueError("a division code has six digits")
    head = division + issuer_tag(node, epoch) + f"{on:%Y%m%d}"
    while True:
        random = "".join(entropy.choice(ALPHABET) for _ in range(8))
        check = mod_37_36.calc_check_digit(head + random)
        # The check may be any of 36 characters; one that `parse` would read as another is drawn again.
        if check in ALPHABET:
            return Number(division, head[6:10], on, random, check)


def parse(text: str) -> Number:
    """
    Return the number that somebody typed, scanned or read aloud.

    Small and full-width letters, spaces, hyphens, and O, I, L for 0, 1, 1 are understood.

    Raises:
        BadNumber: wrong length or characters, no such day, or the check does not fit.
    """
    plain = unicodedata.normalize("NFKC", text[:100]).upper().translate(_MISREAD)
    plain = re.sub(r"[\s\-‐‑‒–—―−]", "", plain)
    found = _FORM.fullmatch(plain)
    if not found:
        raise BadNumber("办件编号应为 27 位（子办件另加两位序号），由数字和字母组成，请核对。")
    division, issuer, day, random, check, sub = found.groups()
    try:
        on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        raise BadNumber("办件编号中的日期不存在，请核对第 11 至 18 位。") from None
    if mod_37_36.calc_check_digit(division + issuer + day + random) != check:
        raise BadNumber("办件编号校验位不符，可能录错一位，请逐位核对。")
    if sub == "00":
        raise BadNumber("子办件序号从 01 开始，请核对末两位。")
    return Number(division, issuer, on, random, check, int(sub or 0))
