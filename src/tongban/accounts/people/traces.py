"""Tools of access: keys for machines, and how often signing in has failed."""

from typing import ClassVar, Self

from django.db import models

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.access.reach import within_reach
from tongban.accounts.people.models import Post
from tongban.kernel.journal import kept


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
