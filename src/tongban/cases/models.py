"""The case as a row: what of its state it is found and listed by."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tongban.cases.words import ANSWERED, WITH_OUTCOME, Phase
from tongban.kernel import limits
from tongban.procedures.models import Matter, MatterQuerySet


class CaseQuerySet(MatterQuerySet["Case"]):
    """Cases in the words of the domain."""


class Case(Matter):
    """A case (办件): a matter, with what it is found by. Every column is projected from its events; `journal verify` compares them."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    matter = models.OneToOneField(Matter, models.CASCADE, parent_link=True, primary_key=True)
    mode = models.CharField("通办模式", max_length=20)
    item = models.CharField("事项", max_length=60)
    offering = models.CharField("实施清单", max_length=60)
    outcome = models.CharField("结果", max_length=limits.WORD, blank=True)
    intake_node = models.CharField("收件节点", max_length=68)
    intake_org = models.CharField("收件机构", max_length=18)
    intake_centre = models.CharField("收件地中心", max_length=18)
    handling_node = models.CharField("办理节点", max_length=68, blank=True)
    handling_org = models.CharField("办理机构", max_length=18, blank=True)
    handling_centre = models.CharField("办理地中心", max_length=18, blank=True)
    filed_on = models.DateField("申报日")
    received_on = models.DateField("收件日", null=True)
    accepted_on = models.DateField("受理日", null=True)
    decide_by = models.DateField("办理期限", null=True)
    concluded_on = models.DateField("办结日", null=True)
    answered_on = models.DateField("答复补正日", null=True)

    objects = CaseQuerySet.as_manager()  # type: ignore[misc]

    @property
    def phase_name(self) -> str:
        """What pages call where the case stands: with its outcome once there is one, and whose turn it is in a correction."""
        if self.phase == Phase.CORRECTING and self.answered_on:
            return ANSWERED
        return WITH_OUTCOME.get((self.phase, self.outcome), super().phase_name)

    class Meta:
        indexes = (
            # The window's book of a day.
            models.Index(fields=("intake_org", "received_on"), name="case_daybook"),
            # A licensing case whose notice time may run out is found without reading the decided ones.
            models.Index(
                fields=("handling_node", "received_on"),
                condition=Q(accepted_on=None, outcome=""),
                name="case_awaiting_acceptance",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="case_limit_needs_acceptance",
                condition=Q(accepted_on__isnull=False) | Q(decide_by__isnull=True),
            ),
        )


class SavedView(models.Model):
    """Filters of a list of cases that somebody keeps under a name (常用): codes and days, never anything of a person."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    staff = models.CharField("经办人代号", max_length=20)
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选", max_length=300)

    class Meta:
        verbose_name = "常用筛选"
        constraints = (models.UniqueConstraint(fields=("staff", "name"), name="saved_view_once"),)
