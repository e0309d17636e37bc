"""Entering and cancelling leave (请假), and who may stand in (替班). What somebody had claimed is passed on by `procedures.standing_in`."""

from datetime import date, datetime, timedelta
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.people import sealed, telling
from tongban.accounts.people.leaves import Leave
from tongban.accounts.people.models import Appointment, Person
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.time.clock import official_day

LONGEST: Final = timedelta(days=366)
LONGEST_NOTE: Final = 200


class LeaveOverlaps(DomainError):
    """The person is away on one of these days already; nothing was changed."""

    code = "leave_overlaps"


class SubstituteUnfit(DomainError):
    """Whoever is to stand in has not all the permissions there that the person on leave has; nothing was changed."""

    code = "substitute_unfit"


class SubstituteAway(DomainError):
    """Whoever is to stand in is away on one of these days; nothing was changed."""

    code = "substitute_away"


class LeaveOver(DomainError):
    """The leave has been cancelled, or is over; nothing was changed."""

    code = "leave_over"


def enter(
    *, person: Person, begins_on: date, ends_on: date, substitute: Person | None, note: str, by: Actor, at: datetime
) -> Leave:  # fmt: skip
    """
    Enter that somebody is away from one day to another, both included, and who stands in, if anybody does.

    Raises:
        NotPermitted: the account is closed or holds no post, or one of its posts is where `by` may not manage accounts.
        InvalidInput: the days run backwards, lie in the past or too far apart, or the note is too long.
        LeaveOverlaps, SubstituteUnfit, SubstituteAway: see there.
    """
    _ask(person, by)
    today = official_day(at)
    if not begins_on <= ends_on <= begins_on + LONGEST or ends_on < today or begins_on > today + LONGEST:
        raise InvalidInput("请假未登记：请核对起止日期，最后一天不能早于第一天和今天，最长一年。")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"请假未登记：说明至多 {LONGEST_NOTE} 个字。请写短一些。")
    with db.write():
        # Whoever enters two at once for one person: the second waits here, and finds the first.
        Person.objects.select_for_update().filter(pk=person.pk).first()
        if person.leaves.filter(cancelled_at=None, begins_on__lte=ends_on, ends_on__gte=begins_on).exists():
            raise LeaveOverlaps("请假未登记：此人在这些日子里已有请假。请先取消原来的，或改日期。")
        if substitute is not None:
            _demand_fit(person, substitute, begins_on, ends_on)
        leave = Leave.objects.create(
            person=person, begins_on=begins_on, ends_on=ends_on, substitute=substitute,
            note_sealed=sealed.seal(note.strip()), made_by=by.staff, made_at=at,
        )  # fmt: skip
        telling.of_leave("leave_entered", leave, by=by, at=at)
    return leave


def appoint_substitute(*, leave: Leave, substitute: Person, by: Actor, at: datetime) -> Leave:
    """
    Say who stands in for somebody on leave (指定替班), or who does now; what is claimed by then is passed on to them.

    Raises:
        NotPermitted: see `enter`. LeaveOver, SubstituteUnfit, SubstituteAway: see there.
    """
    _ask(leave.person, by)
    with db.write():
        found = _running(leave, at)
        _demand_fit(found.person, substitute, found.begins_on, found.ends_on)
        found.substitute, found.passed_on_at = substitute, None
        found.save(update_fields=["substitute", "passed_on_at"])
        telling.of_leave("leave_substituted", found, by=by, at=at)
    return found


def cancel(*, leave: Leave, by: Actor, at: datetime) -> Leave:
    """
    Cancel a leave (取消请假), also of somebody who came back earlier; what was passed on stays where it is.

    Raises:
        NotPermitted: see `enter`. LeaveOver: it was cancelled before, or has ended.
    """
    _ask(leave.person, by)
    with db.write():
        found = _running(leave, at)
        found.cancelled_by, found.cancelled_at = by.staff, at
        found.save(update_fields=["cancelled_by", "cancelled_at"])
        telling.of_leave("leave_cancelled", found, by=by, at=at)
    return found


def substitutes_for(person: Person) -> list[Person]:
    """Return who could stand in for somebody: all that hold, where the person does, every permission the person has there."""
    wanted = _powers(person)
    colleagues = Person.objects.filter(
        is_active=True, appointments__ends_at=None, appointments__post__organisation__in=list(wanted)
    ).exclude(pk=person.pk)
    found = colleagues.distinct().order_by("username")
    return [one for one in found if _covers(_powers(one), wanted)]


def away(day: date) -> dict[int, Leave]:
    """Return the leaves of a day by the person (primary key) who is away; the caller asks who may know."""
    found = Leave.objects.between(day, day).select_related("substitute")
    return {leave.person_id: leave for leave in found}


def _demand_fit(person: Person, substitute: Person, first: date, last: date) -> None:
    wanted = _powers(person)
    if substitute.pk == person.pk or not substitute.is_active or not _covers(_powers(substitute), wanted):
        raise SubstituteUnfit(
            "未登记：替班人须是同一单位、权限不少于本人的另一位在岗人员。请另选一人，或先授予其相应岗位。"
        )
    if substitute.leaves.filter(cancelled_at=None, begins_on__lte=last, ends_on__gte=first).exists():
        raise SubstituteAway("未登记：替班人在这些日子里也请假。请另选一人。")


def _powers(person: Person) -> dict[int, frozenset[str]]:
    """Return what somebody may do, by organisation (primary key)."""
    found: dict[int, frozenset[str]] = {}
    held = Appointment.objects.filter(person=person, ends_at=None, post__is_active=True)
    for one in held.select_related("post"):
        place = one.post.organisation_id
        found[place] = found.get(place, frozenset()) | one.post.powers()
    return found


def _covers(there: dict[int, frozenset[str]], wanted: dict[int, frozenset[str]]) -> bool:
    return bool(wanted) and all(powers <= there.get(place, frozenset()) for place, powers in wanted.items())


def _running(leave: Leave, at: datetime) -> Leave:
    rows = Leave.objects.select_for_update().filter(
        pk=leave.pk, cancelled_at=None, ends_on__gte=official_day(at)
    )
    found = rows.first()
    if found is None:
        raise LeaveOver("未作更改：这次请假已取消或已结束。请刷新后再看。")
    return found


def _ask(person: Person, by: Actor) -> None:
    held = person.appointments.filter(ends_at=None).select_related("post__organisation")
    if not person.is_active or not held:
        raise NotPermitted("请假未登记：该账号已停用或没有在任岗位。请刷新后再看。")
    for appointment in held:
        ask_to_manage_organisation(by, appointment.post.organisation)
