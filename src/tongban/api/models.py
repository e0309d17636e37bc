"""What the API remembers: answers to writes, and that writing was possible a moment ago."""

from typing import ClassVar

from django.db import models

from tongban.kernel.models import DIGEST


class IdempotencyKey(models.Model):
    """
    The answer that a write got, so that the same request sent again gets it again and does nothing.

    Written in the transaction of the write itself; answers to writes hold no personal data.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    scope = models.CharField("范围", max_length=DIGEST)  # digest of who asked
    key = models.CharField("幂等键", max_length=100)
    request = models.CharField("请求摘要", max_length=DIGEST)
    status = models.PositiveSmallIntegerField("状态码", default=0)
    # As it went out: a database that reads JSON would keep its members in an order of its own.
    body = models.TextField("答复", default="")
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "幂等键"
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="idempotency_key_once"),)


class Probe(models.Model):
    """One row that `/readyz` writes, to know that the node can."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    at = models.DateTimeField("时间")
    filler = models.BinaryField("填充")

    class Meta:
        verbose_name = "写入检查"
