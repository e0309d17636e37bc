"""Consultations of a case in words (调阅记录), for its offices, for who supervises it and who audits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.procedures.consulting import Told
from tongban.web.staff import places_called


@dataclass(frozen=True, slots=True)
class Line:
    """One consultation: from when until when, by which organisation and post, on which ground, and why as far as the reader may know."""

    at: datetime
    until: datetime
    where: str
    ground: Any
    reason: str


def lines(told: Sequence[Told]) -> list[Line]:
    """Return consultations as a page shows them."""
    names = places_called({f"{one.row.organisation}:{one.row.post}" for one in told}) if told else {}
    return [
        Line(
            one.row.at, one.row.until, names[f"{one.row.organisation}:{one.row.post}"],
            one.row.get_ground_display(), one.reason,
        )
        for one in told
    ]  # fmt: skip
