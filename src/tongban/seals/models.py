"""The tables of seals: public parts only. The keys are files beside the node's own (`keys`)."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor
from tongban.accounts.access.reach import within_reach
from tongban.accounts.models import Organisation


class SealAuthority(models.Model):
    """Who certifies the seals that this node makes itself (印章签发机构): the one root a reader has to trust."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    fingerprint = models.CharField("证书指纹", max_length=64, unique=True)
    certificate = models.TextField("证书")
    valid_to = models.DateTimeField("有效期至")
    made_at = models.DateTimeField("建立时间")
    is_current = models.BooleanField("现用", default=True)

    class Meta:
        verbose_name = "印章签发机构"
        constraints = (
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="seal_authority_one_current"
            ),
        )

    def __str__(self) -> str:
        return self.fingerprint[:16]


class SealQuerySet(models.QuerySet["Seal"]):
    """Seals, found by whose they are."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the seals of the actor's own organisation and of those in the divisions it supervises."""
        return self.filter(organisation__in=Organisation.objects.filter(within_reach(actor)))

    def of(self, uscc: str, kind: str) -> Self:
        """Return the seals of one kind of an organisation."""
        return self.filter(organisation__uscc=uscc, kind=kind)


class Seal(models.Model):
    """One seal of an organisation: a certificate, from the day it was made to the day it ended."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Kind(models.TextChoices):
        """What a seal is for."""

        OFFICIAL = "official", "公章"
        SPECIAL = "special", "专用章"

    class State(models.TextChoices):
        """Whether letters are sealed with it; what was sealed before it ended stays good."""

        IN_USE = "in_use", "在用"
        REPLACED = "replaced", "已更换"
        REVOKED = "revoked", "已吊销"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seals")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    word = models.CharField("专用章文字", max_length=20, blank=True)  # e.g. 行政审批专用章
    certificate = models.TextField("证书")
    chain = models.TextField("上级证书", blank=True)  # of its issuers, one after the other
    fingerprint = models.CharField("证书指纹", max_length=64, unique=True)
    valid_from = models.DateTimeField("有效期自")
    valid_to = models.DateTimeField("有效期至")
    made_at = models.DateTimeField("制作时间")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.IN_USE)
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)
    reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = "电子印章"
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(state="in_use"), name="seal_one_in_use_per_kind"
            ),
            models.CheckConstraint(
                name="seal_ends_when_it_is_not_in_use",
                condition=Q(state="in_use", ended_at__isnull=True)
                | (~Q(state="in_use") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="seal_word_is_of_special_seals",
                condition=(Q(kind="special") & ~Q(word="")) | (~Q(kind="special") & Q(word="")),
            ),
            models.CheckConstraint(
                name="seal_period_is_not_backwards", condition=Q(valid_from__lt=models.F("valid_to"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.fingerprint[:16]}"

    def is_valid(self, at: datetime) -> bool:
        """Return whether its certificate is in force at `at`."""
        return self.valid_from <= at <= self.valid_to
