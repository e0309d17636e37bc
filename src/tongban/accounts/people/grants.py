"""Posts that decide, proposed by one manager of accounts and given once another has countersigned (双人复核); the table."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.access.reach import within_reach
from tongban.accounts.people.models import Person, Post
from tongban.kernel.journal import kept


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants are seen by those who manage accounts where the post is."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the grants of posts in the actor's reach; none without the permission to manage accounts."""
        if actor.kind is not ActorKind.SYSTEM and not actor.may(Permission.ACCOUNTS_MANAGE):
            return self.none()
        return self.filter(within_reach(actor, "post__organisation__"))

    def waiting(self) -> Self:
        """Return those that nobody has decided yet, the oldest first."""
        return self.filter(outcome="").order_by("asked_at", "pk")


class Grant(models.Model):
    """That somebody is to be given a post that decides: who proposed it, who countersigned, or that it came to nothing."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Outcome(models.TextChoices):
        """What became of it; nothing while it waits."""

        COUNTERSIGNED = "countersigned", "已复核"
        DECLINED = "declined", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="grants")
    asked_by = models.CharField("提出人化名", max_length=12)
    asked_at = models.DateTimeField("提出时间")
    outcome = models.CharField("结果", max_length=16, choices=Outcome.choices, blank=True)
    decided_by = models.CharField("复核人化名", max_length=12, blank=True)
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位授予"
        constraints = (
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(outcome=""),
                name="grant_waits_once_per_person_and_post",
            ),
            models.CheckConstraint(
                name="grant_is_countersigned_by_another",
                condition=~Q(outcome="countersigned", asked_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="grant_decided_has_a_time", condition=Q(outcome="") | Q(decided_at__isnull=False)
            ),
        )


kept.keep(Grant, "person_id", "post_id", "asked_by", "asked_at", "outcome", "decided_by", "decided_at")
