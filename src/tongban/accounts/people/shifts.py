"""Who sits at which window, since when until when (值班): the record of shifts, and windows staffed or not."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.people.models import Person
from tongban.accounts.places.models import Window
from tongban.kernel import db
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.time.clock import official_day


class Shift(models.Model):
    """One spell of one clerk at one window."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="shifts")
    started_at = models.DateTimeField("上岗")
    ended_at = models.DateTimeField("交班", null=True, blank=True)

    class Meta:
        verbose_name = "值班"
        constraints = (
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="shift_open_once_per_person"
            ),
            models.CheckConstraint(
                name="shift_does_not_end_before_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        )
        indexes = (
            models.Index(fields=["window"], condition=Q(ended_at__isnull=True), name="shift_open_at_window"),
            models.Index(fields=["person", "-started_at", "-id"], name="shift_of_person"),
        )


@dataclass(frozen=True, slots=True)
class Staffing:
    """One window, and who sits there now: pseudonym and since when."""

    window: Window
    clerks: list[tuple[str, datetime]]


def start_shift(*, window: int, by: Actor, at: datetime) -> Shift:
    """
    Begin a shift at a window (上岗); the clerk's earlier one, if it is open, ends with it.

    Raises:
        NotPermitted: `by` is nobody who takes cases in. NotFound: not a window of the clerk's organisation.
    """
    person = _clerk(by)
    chosen = windows_for(by).filter(pk=window).first()
    if chosen is None:
        raise NotFound("未上岗：没有这个窗口，或不是本机构人员的窗口。请从列表中选择。")
    with db.write():
        _end(person, at)
        return Shift.objects.create(person=person, window=chosen, started_at=at)


def end_shift(*, by: Actor, at: datetime) -> bool:
    """Hand over (交班): end the clerk's open shift; return whether there was one."""
    person = Person.objects.filter(pseudonym=by.staff).first() if by.staff else None
    if person is None or not Shift.objects.filter(person=person, ended_at=None).exists():
        return False
    with db.write():
        return _end(person, at)


def windows_for(actor: Actor) -> models.QuerySet[Window]:
    """Return the windows that clerks of the actor's organisation staff; 专窗 come first."""
    return (
        Window.objects.filter(
            organisation__uscc=actor.organisation, hall__organisation__node="", closed_at=None
        )
        .select_related("hall")
        .order_by("-is_cross_province", "hall", "label")
    )


def current(actor: Actor, at: datetime) -> Shift | None:
    """Return the shift that the clerk is on; one left open on an earlier day no longer counts."""
    found = _of(actor).filter(ended_at=None).first()
    return found if found and official_day(found.started_at) == official_day(at) else None


def last(actor: Actor) -> Shift | None:
    """Return the clerk's latest shift, ended or not, at a window that is still theirs to staff."""
    return _of(actor).filter(window__in=windows_for(actor)).first()


def staffing(*, for_actor: Actor, at: datetime) -> list[Staffing]:
    """Return the windows of this node in the actor's reach with who sits there today; unstaffed ones first."""
    reach = Q(hall__organisation__uscc=for_actor.organisation)
    if for_actor.supervises:
        reach |= Q(hall__organisation__division_code__startswith=for_actor.supervises)
    if for_actor.kind is ActorKind.SYSTEM:
        reach = Q()
    windows = Window.objects.filter(
        reach, hall__organisation__node="", hall__organisation__is_active=True, closed_at=None
    )
    open_ones = Shift.objects.filter(ended_at=None, window__in=windows).select_related("person")
    sitting: dict[int, list[tuple[str, datetime]]] = {}
    for shift in open_ones.order_by("started_at", "pk"):
        if official_day(shift.started_at) == official_day(at):
            sitting.setdefault(shift.window_id, []).append((shift.person.pseudonym, shift.started_at))
    rows = [
        Staffing(window, sitting.get(window.pk, []))
        for window in windows.select_related("hall").order_by("hall", "label")
    ]
    return sorted(rows, key=lambda row: (bool(row.clerks), not row.window.is_cross_province))


def _of(actor: Actor) -> models.QuerySet[Shift]:
    if not actor.staff:
        return Shift.objects.none()
    # Not by way of a join: only of one person does the index know the order.
    person = Person.objects.filter(pseudonym=actor.staff).values("pk")[:1]
    return Shift.objects.filter(person=person).select_related("window__hall").order_by("-started_at", "-pk")


def _clerk(by: Actor) -> Person:
    person = Person.objects.filter(pseudonym=by.staff).first() if by.staff else None
    if person is None or not by.may(Permission.CASE_RECEIVE):
        raise NotPermitted("未上岗：只有窗口岗位的人员可以值班。请换用窗口岗位登录。")
    return person


def _end(person: Person, at: datetime) -> bool:
    # Never before it started: a demo node's clock may have been set back meanwhile.
    shift = Shift.objects.select_for_update().filter(person=person, ended_at=None).first()
    if shift is None:
        return False
    shift.ended_at = max(at, shift.started_at)
    shift.save(update_fields=["ended_at"])
    return True
