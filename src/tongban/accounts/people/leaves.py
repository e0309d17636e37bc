"""Who is away from when until when, and who stands in (请假和替班，A/B 岗); the table."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor
from tongban.accounts.people import sealed
from tongban.accounts.people.models import Person
from tongban.kernel.journal import kept


class LeaveQuerySet(models.QuerySet["Leave"]):
    """Leaves are seen by those who manage the accounts of whoever is away."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the leaves of the people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor))

    def between(self, first: date, last: date) -> Self:
        """Return those that count on one of these days, by when they begin."""
        running = self.filter(cancelled_at=None, begins_on__lte=last, ends_on__gte=first)
        return running.order_by("begins_on", "pk")


class Leave(models.Model):
    """One absence of somebody (请假), both days included, and who stands in meanwhile (替班)."""

    # Why somebody is away may be their health.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note_sealed"})

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    begins_on = models.DateField("第一天")
    ends_on = models.DateField("最后一天")
    substitute = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="stands_in", null=True, blank=True
    )
    note_sealed = models.BinaryField("说明（密文）")
    made_by = models.CharField("登记人化名", max_length=12)
    made_at = models.DateTimeField("登记时间")
    cancelled_by = models.CharField("取消人化名", max_length=12, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    # When what the person had claimed was passed on; nothing while some of it is still to be.
    passed_on_at = models.DateTimeField("移交时间", null=True, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = "请假"
        constraints = (
            models.CheckConstraint(
                name="leave_does_not_end_before_it_begins", condition=Q(ends_on__gte=F("begins_on"))
            ),
            models.CheckConstraint(
                name="leave_is_not_stood_in_by_oneself",
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("person")),
            ),
        )
        indexes = (models.Index(fields=["begins_on"], condition=Q(cancelled_at=None), name="leave_by_day"),)

    @property
    def note(self) -> str:
        """What was said about it, in clear (说明)."""
        return sealed.open_(self.note_sealed)


kept.keep(
    Leave, "person_id", "begins_on", "ends_on", "substitute_id", "note_sealed", "made_by", "made_at",
    "cancelled_by", "cancelled_at",
)  # fmt: skip
