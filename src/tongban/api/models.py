"""What the API remembers: answers to writes, and who read content."""

from typing import ClassVar

from django.db import models

from tongban.kernel.models import DIGEST, NUMBER


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
    body = models.JSONField("答复", null=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "幂等键"
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="idempotency_key_once"),)


class ContentView(models.Model):
    """One reading of a form, a file or a reason (查看记录): who read which content of which case, and when."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    case = models.CharField("办件编号", max_length=NUMBER)
    digest = models.CharField("内容摘要", max_length=DIGEST)
    organisation = models.CharField("机构", max_length=18, blank=True)
    pseudonym = models.CharField("化名", max_length=20)
    channel = models.CharField("渠道", max_length=12)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "内容查看记录"
        indexes = (models.Index(fields=("case", "at"), name="content_view_of_case"),)
