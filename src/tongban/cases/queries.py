"""What is read of cases only; what of every matter, `procedures.queries`."""

from collections.abc import Mapping
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import papers
from tongban.cases.models import Case, CaseQuerySet
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.journal.fold import State
from tongban.procedures import recording
from tongban.procedures.models import Matter


def cases(actor: Actor) -> CaseQuerySet:
    """Return the cases that `actor` may see, last filed first."""
    return Case.objects.visible_to(actor).order_by("-filed_on", "number")


def case(typed: str, actor: Actor) -> Case:
    """
    Return one case by its number as somebody typed it.

    Raises:
        numbers.BadNumber: no number. NotFound: none that `actor` may see.
    """
    return recording.visible_as(Case, str(numbers.parse(typed)), actor)


def item_name(case: Case) -> str:
    """Return what the case is about, as its guide calls it."""
    guide = guide_of(case)
    return str(guide["name"]) if guide else case.item


def guide_of(case: Matter) -> Mapping[str, Any] | None:
    """Return the guide version that counts for a case now, if this node holds it."""
    try:
        guide: Mapping[str, Any] = papers.terms_of(State.from_dict(case.state)).guide
    except NotFound:
        return None  # the case waits, parked, for its papers
    return guide
