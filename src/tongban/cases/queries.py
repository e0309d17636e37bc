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


def public_case(typed: str) -> Case:
    """
    Return a case for whoever knows its number; the caller shows no more than phase, item and places.

    Raises:
        numbers.BadNumber: no number. NotFound: no such case is held here.
    """
    number = numbers.parse(typed)
    found = Case.objects.filter(number=str(number)).first()
    if found is None:
        raise NotFound(f"没有查到办件 {number.display()}。请核对编号，或到收件地查询。")
    return found


def item_name(case: Case) -> str:
    """Return what the case is about, as its guide calls it."""
    guide = guide_of(case)
    return str(guide["name"]) if guide else case.item


def guide_of(case: Case) -> Mapping[str, Any] | None:
    """Return the guide version that counts for a case now, if this node holds it."""
    try:
        guide: Mapping[str, Any] = papers.terms_of(State.from_dict(case.state)).guide
    except NotFound:
        return None  # the case waits, parked, for its papers
    return guide
