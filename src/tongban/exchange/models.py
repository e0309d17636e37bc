"""Peers, as a human added them."""

from typing import ClassVar

from django.db import models

from tongban.kernel.journal import kept
from tongban.kernel.models import ClockWitness


class Peer(models.Model):
    """Another node that a human of this node compared the fingerprint of."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class State(models.TextChoices):
        ACTIVE = "active", "正常"
        PAUSED = "paused", "暂停"
        QUESTIONED = "questioned", "存疑待核"
        REMOVED = "removed", "已移除"

    node = models.CharField("节点指纹", max_length=68, unique=True)
    name = models.CharField("名称", max_length=100)
    url = models.CharField("地址", max_length=200)
    division = models.CharField("行政区划", max_length=12)
    organisation = models.CharField("政务服务中心", max_length=18)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.ACTIVE)
    added_at = models.DateTimeField("添加于")
    heard_at = models.DateTimeField("最近来信", null=True)
    reached_at = models.DateTimeField("最近送达", null=True)
    # What of our seal the peer holds, as it last told us.
    held_epoch = models.PositiveIntegerField(default=0)
    held_size = models.PositiveBigIntegerField(default=0)
    seal_misses = models.PositiveSmallIntegerField("封存接续落空次数", default=0)
    attempts = models.PositiveIntegerField("失败次数", default=0)
    next_at = models.DateTimeField("下次尝试", null=True)
    trouble = models.CharField("最近的困难", max_length=200, blank=True)
    # What the peer can say to us: {procedure: [{version, digest}]}, by its card and its answers.
    speaks = models.JSONField("能办理的程序", default=dict)
    # While this node recovers from a backup: whether the peer has returned all it holds of ours.
    returned = models.BooleanField("已归还", default=False)
    # Up to which epoch of the peer we have put all shared matters on the list again for it.
    returned_epoch = models.PositiveIntegerField(default=0)
    skipped = models.CharField("不再等待的理由", max_length=200, blank=True)

    @classmethod
    def active(cls) -> "models.QuerySet[Peer]":
        """Return the peers that are exchanged with, the oldest acquaintance first."""
        return cls.objects.filter(state=cls.State.ACTIVE).order_by("pk")

    @property
    def skew(self) -> int | None:
        """By how many seconds its clock stood ahead of ours when we last heard it; nothing if we never did."""
        row = ClockWitness.objects.filter(node=self.node).first()
        return row.skew if row else None


kept.keep(Peer, "node", "name", "url", "division", "organisation", "state", "added_at")
