"""What who watches over duties asks: all open duties of the place, here and mirrored, and what is stuck."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel import identity
from tongban.kernel.models import Duty, Event
from tongban.procedures import queues
from tongban.procedures.listing import known_names
from tongban.procedures.models import Matter
from tongban.procedures.standard import Owed

HERE, THERE, APPLICANT = "here", "there", "applicant"
MOST_EVENTS = 50_000  # what a page may verify while somebody waits; more is for the command line


@dataclass(frozen=True, slots=True)
class Tally:
    """How many duties are open under one heading, how many of them late, and how many never opened."""

    name: str
    total: int
    late: int
    unopened: int


def open_duties(actor: Actor) -> QuerySet[Duty]:
    """Return every open duty of the matters that `actor` supervises, whoever holds it; none to others."""
    if not actor.may(Permission.CASE_SUPERVISE):
        return Duty.objects.none()
    return Duty.objects.filter(closed_at=None, subject__in=Matter.objects.visible_to(actor).values("number"))


def held_by(duties: QuerySet[Duty], where: str) -> QuerySet[Duty]:
    """Keep duties held on this node, those mirrored from elsewhere, or the applicants'; else all."""
    own = identity.fingerprint()
    return {
        HERE: duties.filter(node=own).exclude(organisation=""),
        THERE: duties.exclude(node=own).exclude(organisation=""),
        APPLICANT: duties.filter(organisation=""),
    }.get(where, duties)


def never_opened(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    """Keep what an organisation holds and nobody there has opened (无人查看)."""
    return duties.filter(first_opened_at=None).exclude(organisation="").exclude(kind=Owed.DELIVER)


def by_kind(duties: QuerySet[Duty], today: date) -> list[Tally]:
    """Return the tallies by kind of duty, most first."""
    names = queues.kinds()
    return _tallies(duties, ("procedure", "kind"), today, lambda of: names.get(":".join(of), of[-1]))


def by_holder(duties: QuerySet[Duty], today: date) -> list[Tally]:
    """Return the tallies by holder, most first."""
    holders = duties.order_by().values_list("organisation", flat=True).distinct()
    names = {**known_names(holders), "": "申请人"}
    return _tallies(duties, ("organisation",), today, lambda of: names.get(of[0], of[0]))


def parked(actor: Actor) -> QuerySet[Matter]:
    """Return the matters that wait for a human (挂起待核) among those `actor` supervises."""
    found = (
        Matter.objects.visible_to(actor) if actor.may(Permission.CASE_SUPERVISE) else Matter.objects.none()
    )
    return found.exclude(parked="").order_by("opened_on", "number")


def parkings(matter: Matter) -> list[tuple[str, str]]:
    """Return on which side a matter is parked, and why: (role, reason)."""
    facts = matter.state["facts"]
    sides = ((role, str(facts.get(role, {}).get("parked") or "")) for role in matter.state["roles"])
    return [(role, reason) for role, reason in sides if reason]


def is_small() -> bool:
    """Return whether this node's journal can be verified while somebody waits for the page."""
    return Event.objects.order_by().values("id")[: MOST_EVENTS + 1].count() <= MOST_EVENTS


def _tallies(
    duties: QuerySet[Duty], columns: tuple[str, ...], today: date, name: Callable[[tuple[str, ...]], str]
) -> list[Tally]:
    unopened = Q(first_opened_at=None) & ~Q(organisation="") & ~Q(kind=Owed.DELIVER)
    rows = (
        duties.order_by()
        .values_list(*columns)
        .annotate(
            total=Count("id"), late=Count("id", filter=Q(due_on__lt=today)), unopened=Count("id", filter=unopened)
        )
    )  # fmt: skip
    found = [Tally(name(tuple(row[:-3])), *row[-3:]) for row in rows]
    return sorted(found, key=lambda tally: (-tally.total, tally.name))
