"""Looks as supervisors, auditors and applicants may see them; tallies of a day, and alarms about what is unusual."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.models import Organisation
from tongban.accounts.people import sealed
from tongban.kernel.accesses import OK, Kind
from tongban.kernel.models import DIGEST, Access
from tongban.procedures.models import Matter, supervised_by


class LookQuerySet(models.QuerySet["Look"]):
    """Records of access in the words of who asks."""

    def visible_to(self, actor: Actor) -> Self:
        """
        Return what somebody may see: auditors all of their reach, supervisors what is of the matters they watch, applicants
        what staff, machines and visitors were shown of their own.
        """
        if actor.kind is ActorKind.SYSTEM:
            return self
        if actor.kind is ActorKind.APPLICANT:
            own = Matter.objects.visible_to(actor).values("number")
            return self.filter(matter__in=own, kind__in=(Kind.STAFF, Kind.MACHINE, Kind.VISITOR), result=OK)
        if actor.kind is not ActorKind.STAFF:
            return self.none()
        if actor.may(Permission.AUDIT_READ) and _audits_the_node(actor):
            return self
        seen = Q(pk__in=[])
        if watched := supervised_by(actor):
            theirs = Matter.objects.visible_to(actor).filter(procedure__in=watched)
            seen |= Q(theirs.named_by("matter"))
        if actor.may(Permission.AUDIT_READ):
            seen |= Q(organisation__in=Organisation.objects.in_reach_of(actor).values("uscc"))
        return self.filter(seen)


def _audits_the_node(actor: Actor) -> bool:
    """Whoever audits the node's own division sees all of it, strangers and other nodes too; others the organisations of their reach."""
    return bool(actor.supervises) and settings.NODE.division.startswith(actor.supervises)


class Look(Access):
    """A record of access, with who may see it."""

    PERSONAL: ClassVar[frozenset[str]] = Access.PERSONAL

    objects: ClassVar[Any] = LookQuerySet.as_manager()

    class Meta:
        proxy = True


class LookDay(models.Model):
    """What somebody looked at on a day, in figures: what alarms are measured by."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    day = models.DateField("日期")
    who = models.CharField("化名或密钥", max_length=DIGEST)
    organisation = models.CharField("机构", max_length=18)
    post = models.CharField("岗位", max_length=40)
    strange = models.PositiveIntegerField("无责任而打开的办件")
    off_hours = models.PositiveIntegerField("办公时间外打开的办件")
    refused = models.PositiveIntegerField("被拒次数")
    searched = models.PositiveIntegerField("按人查找次数", default=0, db_default=0)

    class Meta:
        verbose_name = "查看日计"
        constraints = (
            models.UniqueConstraint(fields=("day", "who", "organisation", "post"), name="look_day_once"),
        )
        indexes = (models.Index(fields=("organisation", "post", "day"), name="look_day_of_post"),)


class LookAlarmQuerySet(models.QuerySet["LookAlarm"]):
    """Alarms in the words of who asks."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the alarms about people of the organisations that a supervisor or auditor watches."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if not (actor.may(Permission.CASE_SUPERVISE) or actor.may(Permission.AUDIT_READ)):
            return self.none()
        return self.filter(organisation__in=Organisation.objects.in_reach_of(actor).values("uscc"))

    def open(self) -> Self:
        """Return those that nobody has closed."""
        return self.filter(closed_at=None)


class LookAlarm(models.Model):
    """That somebody looked at unusually much on a day; one a person, day and kind, closed by a supervisor with a word."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"word_sealed"})

    class Kind(models.TextChoices):
        """What was unusual."""

        STRANGE = "strange", "打开大量与本机构无责任的办件"
        OFF_HOURS = "off_hours", "办公时间外打开办件"
        REFUSED = "refused", "多次越权被拒"
        SEARCHED = "searched", "按人查找办件过多"

    day = models.DateField("日期")
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    who = models.CharField("化名或密钥", max_length=DIGEST)
    organisation = models.CharField("机构", max_length=18)
    post = models.CharField("岗位", max_length=40)
    count = models.PositiveIntegerField("次数")
    usual = models.PositiveIntegerField("报警线")
    closed_at = models.DateTimeField("处置时间", null=True)
    closed_by = models.CharField("处置人化名", max_length=20, blank=True)
    word_sealed = models.BinaryField("处置说明（密文）", null=True)

    objects: ClassVar[Any] = LookAlarmQuerySet.as_manager()

    class Meta:
        verbose_name = "异常查看"
        constraints = (
            models.UniqueConstraint(
                fields=("day", "kind", "who", "organisation", "post"), name="look_alarm_once"
            ),
            models.CheckConstraint(
                name="look_alarm_closed_with_a_word",
                condition=Q(closed_at=None, word_sealed=None)
                | Q(closed_at__isnull=False, word_sealed__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("-day",), condition=Q(closed_at=None), name="look_alarm_open"),
            models.Index(fields=("-day", "-id"), name="look_alarm_newest"),
        )

    @property
    def word(self) -> str:
        """What the supervisor found."""
        return sealed.open_(self.word_sealed) if self.word_sealed is not None else ""
