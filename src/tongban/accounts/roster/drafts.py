"""A list of staff that somebody sent and has not confirmed yet (导入预览); the table."""

from typing import ClassVar

from django.db import models


class StaffList(models.Model):
    """The lines of a list as they were shown, sealed; gone when it is confirmed, given up or a day old."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"lines_sealed"})

    code = models.CharField("编号", max_length=12, unique=True)
    made_by = models.CharField("上传人化名", max_length=12)
    made_at = models.DateTimeField("上传时间", db_index=True)
    lines_sealed = models.BinaryField("名单（密文）")

    class Meta:
        verbose_name = "待确认的人员名单"
