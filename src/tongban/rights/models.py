"""Copies of their data that people have asked for."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class DataCopy(models.Model):
    """That somebody was given a copy of their data (数据副本), and whether it is still on its way; not the copy, which nobody keeps."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    owner = models.CharField("化名", max_length=12)
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "数据副本"
        constraints = (
            models.UniqueConstraint(
                fields=("owner",), condition=Q(ended_at__isnull=True), name="copy_one_at_a_time"
            ),
        )
        indexes = (models.Index(fields=("owner", "begun_at"), name="copy_of_owner"),)
