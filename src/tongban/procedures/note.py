"""The table of private notes; what is done with them is in `notes`."""

from typing import ClassVar

from django.db import models


class Note(models.Model):
    """A private note of an office about a matter (内部便笺): of whom, when; the text is sealed under the node's data key."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})

    matter = models.ForeignKey("procedures.Matter", models.CASCADE, verbose_name="事")
    organisation = models.CharField("机构", max_length=18)
    staff = models.CharField("经办人代号", max_length=20)
    at = models.DateTimeField("时间")
    text = models.BinaryField("内容（密文）")

    class Meta:
        verbose_name = "内部便笺"
