"""
Figures as tables: what each matter adds, and the sums.

`journal verify` does not look at them: nobody signed them and nothing rests on them. They are computed again at will, by
`tongban figures --recompute`, which also says what was different.
"""

from dataclasses import fields
from typing import ClassVar

from django.db import models

from tongban.figures.counting import MONTH, Counts
from tongban.kernel import limits
from tongban.kernel.models import NUMBER


class Share(models.Model):
    """What one matter has added to the sums, up to these heads of its chains."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("编号", max_length=NUMBER, primary_key=True)
    procedure = models.CharField("程序", max_length=limits.ROLE)
    heads = models.JSONField("所计至", default=dict)
    counts = models.JSONField("所计", default=list)  # [organisation, month, the counts in their order]


class Figure(models.Model):
    """The sum of what all matters of a procedure add for an organisation in a month."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organisation = models.CharField("机构", max_length=18)
    procedure = models.CharField("程序", max_length=limits.ROLE)
    month = models.CharField("月份", max_length=MONTH)
    begun = models.IntegerField("承办", default=0)
    ended = models.IntegerField("了结", default=0)
    parked = models.IntegerField("挂起", default=0)
    opened = models.IntegerField("产生责任", default=0)
    in_time = models.IntegerField("按期了结责任", default=0)
    late = models.IntegerField("逾期了结责任", default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "procedure", "month"), name="figure_once"),
        )
        indexes = (models.Index(fields=("month",), name="figure_of_month"),)

    @property
    def counted(self) -> Counts:
        """The counts by themselves."""
        return Counts(**{one.name: getattr(self, one.name) for one in fields(Counts)})
