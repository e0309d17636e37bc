"""Traces and tools of access: sign-ins, keys for machines, failed attempts."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.access.reach import within_reach
from tongban.accounts.people.models import Post
from tongban.accounts.places.models import Organisation
from tongban.kernel.journal import kept


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sign-ins are seen by supervisors of the place, and one's own by oneself."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own sign-ins and, for supervisors, those of the divisions they watch."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        themselves = actor.staff or actor.applicant
        seen = Q(pseudonym=themselves) if themselves else Q(pk__in=[])
        if actor.may(Permission.CASE_SUPERVISE) or actor.may(Permission.ACCOUNTS_MANAGE):
            # By code, not by key: sign-ins outlive the organisations they name.
            watched = Organisation.objects.in_reach_of(actor).values("uscc")
            seen |= Q(organisation__in=watched)
        return self.filter(seen)


class SignIn(models.Model):
    """
    One attempt to sign in (登录记录), kept per organisation.

    Supervision reads from it where nobody has signed in for days (无人登录).
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organisation = models.CharField("机构", max_length=18, blank=True)  # USCC; empty for applicants
    pseudonym = models.CharField("化名", max_length=12, blank=True)  # empty: no such account
    at = models.DateTimeField("时间")
    channel = models.CharField("渠道", max_length=12)
    succeeded = models.BooleanField("成功")
    device = models.CharField("浏览器", max_length=60, blank=True, default="", db_default="")

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = "登录记录"
        indexes = (
            models.Index(fields=["organisation", "-at"], name="sign_in_of_organisation"),
            models.Index(fields=["pseudonym", "-at"], name="sign_in_of_person"),
        )


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys are seen by those who manage accounts where they act."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the keys in the actor's reach; none without the permission to manage accounts."""
        if actor.kind is not ActorKind.SYSTEM and not actor.may(Permission.ACCOUNTS_MANAGE):
            return self.none()
        return self.filter(within_reach(actor, "post__organisation__"))


class ApiKey(models.Model):
    """A machine's key (接口密钥): acts as its post. Its prefix is its pseudonym in events."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    prefix = models.CharField("前缀", max_length=12, unique=True)
    # A keyed hash is enough: the secret has 256 random bits, so there is nothing to guess.
    secret_hash = models.CharField("密钥摘要", max_length=64)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="api_keys")
    label = models.CharField("用途", max_length=120)
    created_at = models.DateTimeField("创建时间")
    created_by = models.CharField("创建人化名", max_length=12, blank=True)
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    expires_at = models.DateTimeField(
        "有效期至", null=True, blank=True
    )  # nothing in rows of the first version
    addresses = models.JSONField("限用网段", default=list, blank=True)  # empty: from anywhere
    scopes = models.JSONField("限用权限", default=list, blank=True)  # empty: all of the post's
    warned_at = models.DateTimeField("到期提醒", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "接口密钥"

    def __str__(self) -> str:
        return f"{self.label}（{self.prefix}）"


kept.keep(
    ApiKey, "prefix", "secret_hash", "post_id", "label", "created_at", "created_by", "revoked_at",
    later=("expires_at", "addresses", "scopes"),
)  # fmt: skip


class FailedAttempt(models.Model):
    """How often a sign-in has failed for one key (登录失败计数): an account, an address, both together, or the node."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    key = models.CharField("检索值", max_length=64, unique=True)  # keyed hash, names nobody
    count = models.PositiveIntegerField("失败次数", default=0)
    begun_at = models.DateTimeField("计数起", null=True, blank=True)  # nothing in rows of the first version
    last_at = models.DateTimeField("最近失败", db_index=True)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)

    class Meta:
        verbose_name = "登录失败计数"
