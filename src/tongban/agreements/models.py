"""Agreements as rows: `raw` is the truth, the columns are for finding it."""

from typing import Any, ClassVar, Self, cast

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.crypto import canon
from tongban.kernel.journal import kept


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return all to the node and its staff, and to a peer those it is a party of."""
        if actor.kind in (ActorKind.SYSTEM, ActorKind.STAFF):
            return self
        return self.of(actor.node) if actor.kind is ActorKind.PEER and actor.node else self.none()

    def of(self, node: str) -> Self:
        """Keep those of which the node is a party."""
        return self.filter(Q(party_a=node) | Q(party_b=node))

    def between(self, node: str, other: str) -> Self:
        """Keep those of these two nodes, in whatever order; of one with itself if they are equal."""
        return self.filter(Q(party_a=node, party_b=other) | Q(party_a=other, party_b=node))

    def agreed(self) -> Self:
        """Keep what both have signed, ended or not."""
        return self.exclude(state=Agreement.State.PROPOSED)


class Agreement(models.Model):
    """One version of an agreement between two nodes (通办协议)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class State(models.TextChoices):
        """How far an agreement has come."""

        PROPOSED = "proposed", "待对方签署"
        IN_FORCE = "in_force", "已生效"
        ENDED = "ended", "已终止"

    agreement_id = models.CharField("协议编号", max_length=60)
    version = models.PositiveIntegerField("版本")
    digest = models.CharField("摘要", max_length=68, unique=True)
    raw = models.TextField("原文")  # canonical JSON with the signatures
    valid_from = models.DateField("生效日")
    valid_to = models.DateField("失效日", null=True)  # the last day
    party_a = models.CharField("甲方节点", max_length=68)
    party_b = models.CharField("乙方节点", max_length=68)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    ended_on = models.DateField("终止日", null=True)  # the last day, by notice of a party
    ending = models.TextField("终止通知", blank=True)  # canonical JSON, signed

    objects: ClassVar[Any] = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "通办协议"
        indexes = (models.Index(fields=("party_a", "party_b", "valid_from"), name="agreement_of_parties"),)
        constraints = (
            # Both sides may propose a next version at once; only one can be agreed.
            models.UniqueConstraint(
                fields=("agreement_id", "version"),
                condition=~Q(state="proposed"),
                name="agreement_version_once",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="agreement_version_from_one"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from__lte=models.F("valid_to")),
                name="agreement_period_is_not_backwards",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on=None)),
                name="agreement_ended_on_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id} 第 {self.version} 版"

    @property
    def document(self) -> dict[str, Any]:
        """The agreement as both signed it."""
        return cast("dict[str, Any]", canon.decode(self.raw.encode()))


kept.keep(
    Agreement, "agreement_id", "version", "digest", "raw", "valid_from", "valid_to", "party_a", "party_b", "state",
    "ended_on", "ending",
)  # fmt: skip
