"""The case as a row: what the fold of its events says, laid out for finding and listing."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from tongban.accounts.actor import Actor, ActorKind, Permission
from tongban.cases.words import TERMINAL, Role, phase_name
from tongban.kernel import identity, kept, limits
from tongban.kernel.models import DIGEST, NUMBER


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the cases that the actor's place and post allow to be seen."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if actor.kind is ActorKind.APPLICANT:
            return self.filter(applicant=actor.applicant) if actor.applicant else self.none()
        if actor.kind is not ActorKind.STAFF or not actor.organisation:
            return self.none()
        place = (
            Q(intake_org=actor.organisation)
            | Q(handling_org=actor.organisation)
            | Q(intake_centre=actor.organisation)
            | Q(handling_centre=actor.organisation)
        )
        if actor.supervises and actor.may(Permission.CASE_SUPERVISE):
            # Who supervises the county sees what its node takes in and what it decides.
            if settings.NODE.division.startswith(actor.supervises):
                place |= Q(intake_node=identity.fingerprint()) | Q(handling_node=identity.fingerprint())
            place |= Q(number__startswith=actor.supervises)
        return self.filter(place)

    def in_progress(self) -> Self:
        """Return cases that are not at their end."""
        return self.exclude(phase__in=[str(phase) for phase in TERMINAL])


class Case(models.Model):
    """A case (办件). Every column is projected from its events; `journal verify` compares them."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("办件编号", max_length=50, primary_key=True)
    version = models.PositiveIntegerField("事件数")
    phase = models.CharField("阶段", max_length=limits.WORD)  # a newer neighbour's may have no name here
    pen = models.CharField("执笔", max_length=limits.ROLE)
    mode = models.CharField("通办模式", max_length=20)
    item = models.CharField("事项", max_length=60)
    offering = models.CharField("实施清单", max_length=60)
    applicant = models.CharField("申请人代号", max_length=26, blank=True)
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
    parked = models.CharField("挂起原因", max_length=limits.WORD, blank=True)
    state = models.JSONField("状态")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("intake_org", "-filed_on", "number"), name="case_intake"),
            models.Index(fields=("handling_org", "-filed_on", "number"), name="case_handling"),
            models.Index(fields=("applicant", "-filed_on"), name="case_applicant"),
            # A licensing case whose notice time may run out is found without reading the decided ones.
            models.Index(
                fields=("handling_node", "received_on"),
                condition=Q(phase__in=["forwarded", "acknowledged", "correcting"]),
                name="case_awaiting_acceptance",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="case_limit_needs_acceptance",
                condition=Q(accepted_on__isnull=False) | Q(decide_by__isnull=True),
            ),
        )

    @property
    def phase_name(self) -> str:
        """The phase in the words people use."""
        return phase_name(self.phase)

    @property
    def facts(self) -> dict[str, Any]:
        """What either side has said, by name; where both use one name, what the intake said."""
        facts: dict[str, dict[str, Any]] = self.state["facts"]
        return {**facts.get(Role.HANDLING, {}), **facts.get(Role.INTAKE, {})}


class DossierExport(models.Model):
    """That a dossier was taken out: by whom, when; with content, for whom and why (sealed in the vault)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("办件编号", max_length=50, db_index=True)
    at = models.DateTimeField("导出时间")
    staff = models.CharField("经办人代号", max_length=20, blank=True)
    organisation = models.CharField("经办机构", max_length=18, blank=True)
    with_content = models.BooleanField("含材料内容", default=False)
    # Digest of the vault's content that names the person and the reason.
    reason = models.CharField("理由摘要", max_length=68, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="dossier_content_needs_a_reason", condition=Q(with_content=False) | ~Q(reason="")
            ),
        )


kept.keep(DossierExport, "number", "at", "staff", "organisation", "with_content", "reason")


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
