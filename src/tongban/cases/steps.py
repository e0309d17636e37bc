"""Which review step of the guide comes next in a case, and whose it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.accounts.actor import Permission
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.terms import GUIDE
from tongban.cases.words import Duty
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import NotFound
from tongban.procedures.papers_named import one

# Whose a duty is: the permission of the act that ends it. Who reviews is said by the guide, step by step.
PERMISSIONS: Mapping[Any, Permission] = {
    duty: Permission(rule.permission)
    for act, rule in reversed(list(RULES.items()))
    if rule.permission and not rule.by_step
    for duty in rule.closes
    if len(rule.closes) == 1
} | {Duty.ACCEPT_OR_CORRECT: Permission.CASE_ACCEPT}


@dataclass(frozen=True, slots=True)
class Step:
    """A review step: its name, its place among how many, and the permission it takes."""

    name: str
    place: int
    of: int
    permission: Permission


def of_case(guide: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> Step | None:
    """Return the step that comes next; nothing when all are done, or no guide says. Pure."""
    steps = guide["review_steps"] if guide else []
    done = len(facts.get("reviewed") or [])
    if done >= len(steps):
        return None
    step = steps[done]
    return Step(str(step["name"]), done + 1, len(steps), Permission(step["permission"]))


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
