"""Which review step of the guide comes next in a case, and whose it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.cases.models import Case
from tongban.cases.terms import GUIDE
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import NotFound
from tongban.procedures.papers_named import one
from tongban.procedures.practice import Step


def of_case(guide: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> Step | None:
    """Return the step that comes next; nothing when all are done, or no guide says. Pure."""
    steps = guide["review_steps"] if guide else []
    done = len(facts.get("reviewed") or [])
    if done >= len(steps):
        return None
    step = steps[done]
    return Step(str(step["name"]), done + 1, len(steps), str(step["permission"]))


def of_cases(numbers: Iterable[str]) -> dict[str, Step]:
    """Return the next step of each of these cases, without reading their whole state."""
    rows = Case.objects.filter(number__in=set(numbers)).values_list(
        "number", "state__facts__handling__reviewed", "state__roles__handling__papers"
    )
    guides: dict[str | None, Mapping[str, Any] | None] = {}
    found: dict[str, Step] = {}
    for number, reviewed, papers in rows:
        digest = one(papers, GUIDE)["digest"] if papers else None
        if digest not in guides:
            guides[digest] = _guide(digest)
        step = of_case(guides[digest], {"reviewed": reviewed})
        if step is not None:
            found[number] = step
    return found


def _guide(digest: str | None) -> Mapping[str, Any] | None:
    try:
        return catalogue.document_by_digest(digest) if digest else None
    except NotFound:
        return None
