"""The table of which member of staff is which subject of an identity provider (单位认证身份)."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor
from tongban.accounts.people.models import Person
from tongban.kernel.journal import kept


class StaffIdentityQuerySet(models.QuerySet["StaffIdentity"]):
    """Who is bound is seen by those who see the account."""

    def bound(self) -> Self:
        """Return those that count."""
        return self.filter(unbound_at=None)

    def visible_to(self, actor: Actor) -> Self:
        """Return those of people whom the actor manages, and their own."""
        return self.filter(person__in=Person.objects.visible_to(actor))


class StaffIdentity(models.Model):
    """
    That a subject of an issuer is a member of staff; the subject is kept as a keyed hash only.

    A row is never deleted, so that the node's chain can answer for it.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"subject_lookup"})

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="staff_identities")
    issuer = models.CharField("签发者", max_length=200)
    subject_lookup = models.CharField("主体（检索值）", max_length=64)  # issuer and subject
    bound_at = models.DateTimeField("绑定时间")
    confirmed_at = models.DateTimeField("本人确认时间", null=True, blank=True)
    unbound_at = models.DateTimeField("解除时间", null=True, blank=True)

    objects = StaffIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = "单位认证身份"
        constraints = (
            models.UniqueConstraint(
                fields=["subject_lookup"], condition=Q(unbound_at=None), name="staff_identity_of_one_person"
            ),
            models.UniqueConstraint(
                fields=["person", "issuer"],
                condition=Q(unbound_at=None),
                name="staff_identity_once_per_issuer",
            ),
            models.CheckConstraint(
                name="staff_identity_is_not_unbound_before_it_is_bound",
                condition=Q(unbound_at__isnull=True) | Q(unbound_at__gte=F("bound_at")),
            ),
        )

    def __str__(self) -> str:
        return self.issuer


kept.keep(StaffIdentity, "person_id", "issuer", "subject_lookup", "bound_at", "confirmed_at", "unbound_at")
