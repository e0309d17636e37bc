"""
The table of consultations (调阅): that a supervising post reads form and files of one matter, on which ground, until when.

Rows are only added; of the reason nothing is left once the content of the matter is gone. What is done with them is in `consulting`.
"""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.models import Appointment
from tongban.kernel.journal import kept
from tongban.kernel.models import NUMBER


class Ground(models.TextChoices):
    """On what ground somebody consults (调阅依据); the kinds of supervision are those of 政府督查工作条例 第十四条."""

    COMPLAINT = "complaint", "投诉核查"
    SUPERVISION = "supervision", "日常督办"
    CLUE = "clue", "线索核查"
    SPOT_CHECK = "spot_check", "抽查"
    ORDERED = "ordered", "上级交办"
    OTHER = "other", "其他"


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Consultations in the words of who asks."""

    def open_to(self, by: Actor, at: datetime) -> Self:
        """Return those by which somebody may read at a moment: their own, within the time, on the post held without a break since."""
        if by.kind is not ActorKind.STAFF or by.machine or not by.staff:
            return self.none()
        held = Appointment.objects.filter(
            person__pseudonym=OuterRef("staff"), post__code=OuterRef("post"), ends_at=None,
            post__organisation__uscc=OuterRef("organisation"), starts_at__lte=OuterRef("at"),
        )  # fmt: skip
        own = {"staff": by.staff, "organisation": by.organisation, "post": by.post}
        return self.filter(Exists(held), **own, at__lte=at, until__gt=at)


class Consultation(models.Model):
    """That somebody consulted a matter: who, by which post, on which ground, from when until when; why is sealed by the node's data key."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})

    number = models.CharField("编号", max_length=NUMBER, db_index=True)
    staff = models.CharField("经办人代号", max_length=20)
    organisation = models.CharField("机构", max_length=18)
    post = models.CharField("岗位", max_length=40)
    ground = models.CharField("依据", max_length=12, choices=Ground.choices)
    reason = models.BinaryField("理由（密文）")
    at = models.DateTimeField("调阅时间")
    until = models.DateTimeField("截止时间")

    objects: ClassVar[Any] = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "调阅"
        constraints = (
            models.CheckConstraint(name="consultation_ends_after_it_begins", condition=Q(until__gt=F("at"))),
        )


# All but the reason, which goes with the content of the matter.
kept.keep(Consultation, "number", "staff", "organisation", "post", "ground", "at", "until")
