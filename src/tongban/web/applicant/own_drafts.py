"""The applicant's own drafts, as lists of them show them: for what, for whom, how large, until when."""

from dataclasses import dataclass
from datetime import date

from tongban.accounts.access.actor import Actor
from tongban.accounts.identifiers import mask_name
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel.time import clock
from tongban.materials import queries, quotas, retention
from tongban.materials.models import Draft
from tongban.web.display import place_name
from tongban.web.english import name_of
from tongban.web.forms import kind_of


@dataclass(frozen=True, slots=True)
class Row:
    """A draft in a list: what it is for and where, the masked name of whom it is for, its bytes, the day it goes if that is near."""

    draft: Draft
    name: str
    place: str
    whom: str
    size: int
    ends: date | None


def rows(actor: Actor) -> list[Row]:
    """Return the applicant's drafts that are not filed, last changed first."""
    drafts = list(queries.drafts_of(actor))
    known = offerings({draft.offering for draft in drafts})
    sizes, today = quotas.sizes([draft.number for draft in drafts]), clock.official_day(clock.now())
    return [
        Row(
            draft, *words_of(known, draft.offering), _for_whom(draft.number, draft.offering),
            sizes.get(draft.number, 0), retention.told_of(draft.changed_at, today),
        )
        for draft in drafts
    ]  # fmt: skip


def offerings(codes: set[str]) -> dict[str, Offering]:
    """Return offerings by their codes."""
    return {offering.code: offering for offering in Offering.objects.filter(code__in=codes)}


def words_of(known: dict[str, Offering], code: str) -> tuple[str, str]:
    """Return what an item is called and where it is decided."""
    offering = known.get(code)
    if offering is None:
        return code, ""
    return name_of(offering.name, offering.name_en), place_name(offering.division)


def _for_whom(number: str, code: str) -> str:
    """Return the masked name of whom a draft is for: the first name that its form asks for."""
    schema = catalogue.current_guide(code).body["form"]
    asked = (name for name in schema["x-order"] if kind_of(schema["properties"][name]) == "name")
    name = queries.form_of(number).get(next(asked, ""), "")
    return mask_name(name) if isinstance(name, str) else ""
