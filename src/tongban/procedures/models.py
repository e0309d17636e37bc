"""A matter as rows: what the fold of its events says, laid out for finding; who took out what of it; how far followers are."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.lookups import In

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel import identity, limits
from tongban.kernel.journal import kept
from tongban.kernel.models import DIGEST, NUMBER, Duty
from tongban.procedures import register
from tongban.procedures.consultation import Consultation
from tongban.procedures.note import Note
from tongban.procedures.tracing import Bearer, Handled, Trace

__all__ = [
    "Bearer",
    "Consultation",
    "Handled",
    "Note",
    "Trace",
]  # tables of this app that stand beside what fills them


class RowByRow(Exists):
    """EXISTS that is asked of each row: PostgreSQL makes a join of any other, and may begin it with all that has ended."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


class MatterQuerySet[M: models.Model](models.QuerySet[M]):
    """Matters in the words of the domain; also those of an app's own table, which are matters too."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the matters that the actor's place and post allow to be seen."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if actor.kind is ActorKind.APPLICANT:
            return self.filter(applicant=actor.applicant) if actor.applicant else self.none()
        if actor.kind is ActorKind.VISITOR:
            return self.filter(number=actor.matter)
        if actor.kind is not ActorKind.STAFF or not actor.organisation:
            return self.none()
        place = Q(bound(actor.organisation, "org")) & _of_post(actor)
        place |= Q(bound(actor.organisation, "office")) & _of_centre(actor)
        # First what is told from the row itself: the other side of OR is not asked then.
        return self.filter(_of_county(actor) | place if actor.supervises else place)

    def named_by(self, column: str) -> Exists:
        """Return the condition that a row's `column` names one of these: asked row by row, so that no history is gone through."""
        return RowByRow(self.filter(number=OuterRef(column)))

    def of_place(self, organisation: str) -> Self:
        """Return the matters of an organisation, whoever asks there: the caller asks `is_of_post` besides."""
        return self.filter(Q(bound(organisation, "org")) | Q(bound(organisation, "office")))

    def in_progress(self) -> Self:
        """Return matters that are not at their end."""
        return self.filter(live=True)


def bound(value: str, column: str, matter: str = "pk") -> In:
    """
    Return the condition that a place is bound to a matter by a column of its parties; `matter` is the row's column of its number.

    The value stands in front, for databases to begin with the matter and not with all that the place is bound to.
    """
    parties = Party.objects.filter(matter=OuterRef(matter))
    return In(Value(value), parties.values(column))


def is_of_post(matter: "Matter", actor: Actor) -> bool:
    """Return whether a matter of the own organisation is one that the actor's post has to do with."""
    found = register.find(matter.procedure)
    if found is None or (not matter.live and keeps_archive(actor)):
        return True
    if not found.is_for(actor.permissions):
        return False
    state, here = matter.state, actor.organisation
    handles = any(bound["org"] == here for bound in state["roles"].values())
    owed = any(duty["holder"]["org"] == here for duty in state["duties"].values())
    return handles or owed or bool(matter.parked) or found.name in supervised_by(actor)


def _of_post(actor: Actor) -> Q:
    """As `is_of_post`; of a procedure that is unknown here nobody can say for whom it is."""
    theirs = ~Q(procedure__in=[one.name for one in register.everyone() if not one.is_for(actor.permissions)])
    return theirs | Q(live=False) if keeps_archive(actor) else theirs


def _of_centre(actor: Actor) -> Q:
    """
    As `is_of_post` for whoever sees a matter only as the service centre of a side.

    It watches over its bureaux; its windows have to do with what waits for the centre, and with nothing else.
    """
    owed = Duty.objects.filter(subject=OuterRef("pk"), closed_at=None, organisation=actor.organisation)
    waits = (Q(RowByRow(owed)) | ~Q(parked="")) & _of_post(actor)
    watched = Q(procedure__in=supervised_by(actor)) | ~Q(procedure__in=register.names())
    archive = Q(live=False) if keeps_archive(actor) else Q(pk__in=())
    return waits | watched | archive


def _of_county(actor: Actor) -> Q:
    """Who supervises the county sees what its node takes in and what it decides, of what the post is for."""
    county = Q(number__startswith=actor.supervises)
    if settings.NODE.division.startswith(actor.supervises):
        county |= Q(bound(identity.fingerprint(), "node"))
    return Q(procedure__in=supervised_by(actor)) & county


def keeps_archive(actor: Actor) -> bool:
    """Return whether the actor's post has to do with whatever has ended."""
    return actor.may(Permission.ARCHIVE_DESTROY) or actor.may(Permission.ARCHIVE_APPROVE)


def supervised_by(actor: Actor) -> list[str]:
    """Return the procedures whose matters the actor's post is to watch over."""
    return [one.name for one in register.everyone() if one.supervises and actor.may(one.supervises)]


class Matter(models.Model):
    """One run of a procedure (事). Every column is projected from its events; `journal verify` compares them."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("编号", max_length=NUMBER, primary_key=True)
    procedure = models.CharField("程序", max_length=limits.WORD)
    version = models.PositiveIntegerField("事件数")
    phase = models.CharField("阶段", max_length=limits.WORD)  # a newer neighbour's may have no name here
    live = models.BooleanField("在办")
    pen = models.CharField("执笔", max_length=limits.ROLE)
    applicant = models.CharField("申请人代号", max_length=26, blank=True)
    label = models.CharField("所办", max_length=60, blank=True)
    about = models.CharField("所关", max_length=NUMBER, blank=True)
    opened_on = models.DateField("开始日", null=True)
    parked = models.CharField("挂起原因", max_length=limits.WORD, blank=True)
    ended_on = models.DateField("结束日（内容仍在）", null=True)
    state = models.JSONField("状态")

    objects = MatterQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("procedure", "-opened_on", "number"), name="matter_of_procedure"),
            models.Index(fields=("applicant", "-opened_on"), name="matter_of_applicant"),
            models.Index(
                fields=("applicant", "procedure", "-opened_on", "number"), name="matter_of_applicant_by_kind"
            ),
            # Whole, as SQLite does not conclude from a number that is given that it is not empty.
            models.Index(fields=("about", "-opened_on", "number"), name="matter_about_newest"),
            models.Index(fields=("procedure", "label", "live"), name="matter_of_label"),
            # What waits for a human, and what is under way, lies among any number that has ended.
            models.Index(fields=("parked", "opened_on", "number"), name="matter_parked"),
            models.Index(
                fields=("procedure", "-opened_on", "number"), condition=Q(live=True), name="matter_live"
            ),
            models.Index(
                fields=("procedure", "phase", "ended_on", "number"),
                condition=Q(ended_on__isnull=False),
                name="matter_in_archive",
            ),
        )

    @property
    def title(self) -> str:
        """What people call such a matter; one of a procedure that is unknown here by its code."""
        found = register.find(self.procedure)
        return found.title if found else self.procedure

    @property
    def phase_name(self) -> str:
        """The phase in the words people use."""
        found = register.find(self.procedure)
        return found.phase_name(self.phase) if found else self.phase

    def title_of_act(self, kind: str) -> str:
        """Return the name of an act as people say it; one that is unknown here by its code."""
        found = register.find(self.procedure)
        return found.present.title_of_act(kind) if found else kind

    def title_of_duty(self, kind: str) -> str:
        """Return what a duty is called; one that is unknown here by its code."""
        found = register.find(self.procedure)
        return found.present.title_of_duty(kind) if found else kind

    def title_of_clock(self, name: str) -> str:
        """Return what a clock is called; one that is unknown here by its code."""
        found = register.find(self.procedure)
        return found.present.clocks[name].title if found and name in found.present.clocks else name

    def title_of_label(self, label: str) -> str:
        """Return what a piece of content is, in words; one that is unknown here by its code."""
        found = register.find(self.procedure)
        return found.labels.get(label, label) if found else label

    @property
    def facts(self) -> dict[str, Any]:
        """What all sides have said, by name; where several use one name, what the founder said."""
        said: dict[str, dict[str, Any]] = self.state["facts"]
        found = register.find(self.procedure)
        first = found.founder if found else ""
        others = {name: one for role, facts in said.items() if role != first for name, one in facts.items()}
        return {**others, **said.get(first, {})}


class Party(models.Model):
    """
    Who is bound to a role of a matter now: the node, the organisation, and its office (政务服务中心).

    What a list is in the order of is repeated here, so that the newest of a place are found without reading those of others.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    matter = models.ForeignKey(
        Matter, models.CASCADE, related_name="parties", verbose_name="事", db_index=False
    )
    role = models.CharField("角色", max_length=limits.ROLE)
    node = models.CharField("节点", max_length=DIGEST)
    org = models.CharField("机构", max_length=18)
    office = models.CharField("中心", max_length=18)
    procedure = models.CharField("程序", max_length=limits.WORD)
    opened_on = models.DateField("开始日", null=True)
    live = models.BooleanField("在办")

    class Meta:
        indexes = (
            models.Index(fields=("org", "procedure", "-opened_on", "matter"), name="party_org_newest"),
            models.Index(fields=("office", "procedure", "-opened_on", "matter"), name="party_office_newest"),
            models.Index(
                fields=("org", "procedure", "-opened_on", "matter"),
                condition=Q(live=True),
                name="party_org_live",
            ),
            models.Index(
                fields=("office", "procedure", "-opened_on", "matter"),
                condition=Q(live=True),
                name="party_office_live",
            ),
        )
        constraints = (models.UniqueConstraint(fields=("matter", "role"), name="party_once_a_role"),)


class Unjudged(models.Model):
    """A matter of which something was taken in while its procedure was unknown here: held within the bounds, and not judged."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("编号", max_length=NUMBER, primary_key=True)
    procedure = models.CharField("程序", max_length=limits.ROLE)

    class Meta:
        verbose_name = "待核对事项"


class Gathering(models.Model):
    """A parent of which a child, or which itself, has changed its phase since its children were last looked at."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    parent = models.CharField("编号", max_length=NUMBER, primary_key=True)
    changes = models.PositiveIntegerField("变化数", default=0)
    tried = models.BooleanField("已试", default=False)  # in vain: it waits for the watch

    class Meta:
        verbose_name = "待汇总事项"


class Opened(models.Model):
    """That a calendar has opened the matter of a period: written with its founding event, so that none is opened twice."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    procedure = models.CharField("程序", max_length=limits.ROLE)
    period = models.CharField("周期", max_length=10)
    matter = models.CharField("编号", max_length=NUMBER)

    class Meta:
        verbose_name = "按日历开立的事项"
        constraints = (models.UniqueConstraint(fields=("procedure", "period"), name="opened_once_a_period"),)


class DossierExport(models.Model):
    """That a dossier was taken out: by whom, when; with content, for whom and why (sealed in the vault)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("编号", max_length=50, db_index=True)
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


class Mark(models.Model):
    """
    How far a follower has heard: up to this event, in the order that `kernel.committed` explains.

    Follows from nothing that was written and signed: `journal verify` need not look at it.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    follower = models.CharField("后续处理", max_length=60, unique=True)
    xact = models.BigIntegerField("事务号")
    event = models.BigIntegerField("记录行号")


class Unheard(models.Model):
    """An event with which a follower failed, and which it hears again: the mark stands behind it already."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    follower = models.CharField("后续处理", max_length=60)
    event = models.BigIntegerField("记录行号")  # no key: a settlement may take the row away
    attempts = models.PositiveIntegerField("尝试次数")
    next_at = models.DateTimeField("下次尝试")
    trouble = models.CharField("最近的困难", max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("follower", "event"), name="unheard_once"),)
        indexes = (models.Index(fields=("follower", "next_at"), name="unheard_due"),)
