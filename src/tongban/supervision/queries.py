"""What who watches over duties asks: all open duties of the place, here and mirrored, and what is stuck."""

from datetime import date, datetime, time

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Length, Substr

from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel import identity
from tongban.kernel.models import Duty, Event
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import OFFICIAL
from tongban.kernel.time.standing import last_worked_before
from tongban.procedures import register
from tongban.procedures.models import Matter
from tongban.procedures.words import OF_SYSTEM

HERE, THERE, APPLICANT = "here", "there", "applicant"
MOST_EVENTS = 50_000  # what a page may verify while somebody waits; more is for the command line


def open_duties(actor: Actor) -> QuerySet[Duty]:
    """Return every open duty of the matters that `actor` supervises, whoever holds it; none to others."""
    if not actor.may(Permission.CASE_SUPERVISE):
        return Duty.objects.none()
    return Duty.objects.filter(Matter.objects.visible_to(actor).named_by("subject"), closed_at=None)


def held_by(duties: QuerySet[Duty], where: str) -> QuerySet[Duty]:
    """Keep duties held on this node, those mirrored from elsewhere, or the applicants'; else all."""
    own = identity.fingerprint()
    return {
        HERE: duties.filter(node=own).exclude(organisation=""),
        THERE: duties.exclude(node=own).exclude(organisation=""),
        APPLICANT: duties.filter(organisation=""),
    }.get(where, duties)


def never_opened(duties: QuerySet[Duty], today: date) -> QuerySet[Duty]:
    """Keep what an organisation holds, had a whole working day for, and nobody there has opened (无人查看)."""
    return duties.filter(unopened_on(today))


def unopened_on(today: date) -> Q:
    """
    Return the condition of a duty that nobody has opened though there was a whole working day for it.

    What an act of the very side that holds it has opened needs no opening: who acted had it before their eyes.
    """
    return Q(
        ~Q(organisation=""),
        ~Q(kind__in=OF_SYSTEM),
        ~Exists(_own_act()),
        first_opened_at=None,
        since__lt=opened_by_now(today),
    )


def opened_by_now(today: date) -> datetime:
    """Return the moment before which a duty must have come, to have had a whole working day by today."""
    return datetime.combine(last_worked_before(today, calendars.current()), time.min, OFFICIAL)


def _own_act() -> QuerySet[Event]:
    """Return the act of its own side that opened a duty: a duty is named by the place of its event, `role/term.seq.index`."""
    place = Concat(
        "role", Value("/"), Cast("term", CharField()), Value("."), Cast("seq", CharField()), Value(".")
    )
    events = Event.objects.filter(
        subject=OuterRef("subject"), role=OuterRef("role"), kind__in=_done_by_people()
    )
    return events.annotate(place=place).filter(place=Substr(OuterRef("name"), 1, Length("place")))


def _done_by_people() -> set[str]:
    """Return the acts that only staff of the side itself do: neither the system nor an applicant."""
    return {
        str(kind)
        for procedure in register.everyone()
        for kind, rule in procedure.present.rules.items()
        if rule.permission and not rule.applicant and not rule.automatic
    }


def parked(actor: Actor) -> QuerySet[Matter]:
    """Return the matters that wait for a human (暂停待核实) among those `actor` supervises."""
    found = (
        Matter.objects.visible_to(actor) if actor.may(Permission.CASE_SUPERVISE) else Matter.objects.none()
    )
    # Greater than nothing, not other than nothing: that is where the index begins.
    return found.filter(parked__gt="").order_by("opened_on", "number")


def parkings(matter: Matter) -> list[tuple[str, str]]:
    """Return on which side a matter is parked, and why: (role, reason)."""
    facts = matter.state["facts"]
    sides = ((role, str(facts.get(role, {}).get("parked") or "")) for role in matter.state["roles"])
    return [(role, reason) for role, reason in sides if reason]


def is_small() -> bool:
    """Return whether this node's journal can be verified while somebody waits for the page."""
    return Event.objects.order_by().values("id")[: MOST_EVENTS + 1].count() <= MOST_EVENTS
