"""What staff have to prove who they are a second time (第二因素): one-time codes, passkeys, recovery codes; the tables."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongban.accounts.people import sealed
from tongban.accounts.people.models import Person
from tongban.kernel.journal import kept


class AuthenticatorQuerySet(models.QuerySet["Authenticator"]):
    """An authenticator is its owner's affair; nobody else is shown any."""

    def of(self, person: Person) -> Self:
        """Return what somebody has in use, the first one first."""
        return self.filter(person=person, removed_at=None).order_by("added_at", "pk")


class Authenticator(models.Model):
    """
    Something that a member of staff has: a telephone or token that counts codes (TOTP), or a passkey (通行密钥).

    A row is never deleted, so that the node's chain can answer for it; what it kept secret goes when it is removed.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"label", "credential", "secret_sealed"})

    class Kind(models.TextChoices):
        """What it is."""

        TOTP = "totp", "动态验证码"
        PASSKEY = "passkey", "通行密钥"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="authenticators")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    label = models.CharField("名称", max_length=60)
    credential = models.TextField(
        "凭据编号", blank=True
    )  # of a passkey: the id by which it answers, base64url
    secret_sealed = models.BinaryField(
        "密钥（密文）"
    )  # the secret of the codes; of a passkey its public key, hex
    # What may not come again: the last step of 30 seconds whose code was used, or the passkey's own count of uses.
    counter = models.BigIntegerField("计数", default=0)
    added_at = models.DateTimeField("登记时间")
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)

    objects = AuthenticatorQuerySet.as_manager()

    class Meta:
        verbose_name = "第二因素"
        constraints = (
            models.UniqueConstraint(
                fields=["credential"], condition=~Q(credential=""), name="authenticator_credential_once"
            ),
            models.CheckConstraint(
                name="authenticator_is_not_removed_before_it_is_added",
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("added_at")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}（{self.get_kind_display()}）"

    @property
    def secret(self) -> str:
        """The secret of the codes, or the passkey's public key in hex."""
        return sealed.open_(self.secret_sealed)


class RecoveryCode(models.Model):
    """One of the ten codes for whoever has lost the rest (恢复码): kept as a keyed hash, counts once."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField("恢复码摘要", max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"


class SecondReset(models.Model):
    """That somebody's second factors are to be taken away, since all are lost: one asks, another confirms (双人复核)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="second_resets")
    asked_by = models.CharField("申请人化名", max_length=12)
    asked_at = models.DateTimeField("申请时间")
    confirmed_by = models.CharField("复核人化名", max_length=12, blank=True)
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)

    class Meta:
        verbose_name = "第二因素重置"
        constraints = (
            models.CheckConstraint(
                name="second_reset_is_confirmed_by_another", condition=~Q(asked_by=F("confirmed_by"))
            ),
        )


kept.keep(
    Authenticator, "person_id", "kind", "label", "credential", "secret_sealed", "added_at", "removed_at"
)
kept.keep(SecondReset, "person_id", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
