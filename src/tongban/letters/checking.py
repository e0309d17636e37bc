"""Whether a letter is true (文书查验), by the code that stands on it: nothing of a person, nothing of what it says."""

from dataclasses import dataclass
from datetime import date

from tongban.letters.issuing import ALPHABET, LENGTH
from tongban.letters.models import Letter
from tongban.procedures import queries as matters


@dataclass(frozen=True, slots=True)
class Checked:
    """A letter of this node as anybody may know it who holds it: to be compared with the paper by eye."""

    title: str
    serial: str
    issuer: str
    issued_on: date
    digest: str


def find(code: str) -> Checked | None:
    """Return the letter that bears a code, however the code is typed: in small letters, with spaces, after the address."""
    plain = "".join(character for character in code.upper().rpartition("=")[2] if character in ALPHABET)
    row = Letter.objects.filter(code=plain).first() if len(plain) == LENGTH else None
    if row is None:
        return None
    names = matters.names_of({row.organisation})
    return Checked(
        row.title, row.serial, names.get(row.organisation, row.organisation), row.issued_on, row.digest
    )
