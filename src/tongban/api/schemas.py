"""What answers look like, where more than one resource gives the same."""

import base64
import binascii
import re
from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import BeforeValidator, ConfigDict, WithJsonSchema

from tongban.cases.models import Case

# Codes stand in events, so they can hold no identity or telephone number.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Digest = Annotated[str, Field(pattern=r"^sm3:[0-9a-f]{64}$")]
# NUL fits into no database; it helps nobody anywhere else.
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Text = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*\S[^\x00]*$")]


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None


Bytes = Annotated[
    bytes, BeforeValidator(_decoded), WithJsonSchema({"type": "string", "contentEncoding": "base64"})
]
OfferingCode = Annotated[str, Field(pattern=r"^[0-9A-Z-]{12,50}$")]


def no_long_number(text: str) -> str:
    """Return a code as it is; raises ValueError where it could be an identity or telephone number."""
    if re.search(r"[0-9]{8}", text):
        raise ValueError("a code holds no identity or telephone number")
    return text


class Body(Schema):
    """A request body: what it does not name is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class CaseBrief(Schema):
    """A case as lists show it, and what a write answers."""

    number: str
    version: int
    phase: str
    phase_name: str
    pen: str
    mode: str
    item: str
    offering: str
    outcome: str
    intake_org: str
    handling_org: str
    filed_on: date
    received_on: date | None
    accepted_on: date | None
    decide_by: date | None
    concluded_on: date | None
    parked: str

    @classmethod
    def of(cls, case: Case) -> "CaseBrief":
        """Return a case as this shows it."""
        return cls(**{name: getattr(case, name) for name in cls.model_fields})


class DutyOut(Schema):
    """An open duty: who owes what by when."""

    id: int
    procedure: str
    matter: str
    name: str
    kind: str
    title: str
    item: str
    organisation: str
    basis: str
    limit: str
    since: datetime
    due_on: date | None
    overdue: bool
    late_since: date | None
    late_working_days: int | None
    first_opened_at: datetime | None
    claimed_by: str


class Problem(Schema):
    """A refusal (RFC 9457): `code` is stable, `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: list[dict[str, Any]] | None = None
