"""Drafts, and the files handed in for a case."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel.models import DIGEST, NUMBER
from tongban.materials import retention


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own drafts: the applicant's, or those of the window's organisation."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if actor.kind is ActorKind.APPLICANT and actor.applicant:
            return self.filter(applicant=actor.applicant)
        if actor.kind is ActorKind.STAFF and actor.organisation and actor.may(Permission.CASE_FILE):
            return self.filter(organisation=actor.organisation)
        return self.none()

    def unfiled(self) -> Self:
        """Keep what can still be changed by its owner alone."""
        return self.filter(filed=False)


class Draft(models.Model):
    """
    A case that has a number and perhaps content, but is not filed yet (申报草稿).

    It belongs to the applicant who opened it, or to the organisation of the window that did. The form
    lies in the vault of case `number`, under the digest named here.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("办件编号", max_length=NUMBER, primary_key=True)
    offering = models.CharField("实施清单", max_length=60)
    applicant = models.CharField("申请人代号", max_length=20, blank=True)
    organisation = models.CharField("登记机构", max_length=18, blank=True)
    form = models.CharField("表单摘要", max_length=DIGEST, blank=True)
    made_at = models.DateTimeField("建立于")
    changed_at = models.DateTimeField("最近修改于")
    filed = models.BooleanField("已申报", default=False)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = (
            # One owner, or two people would each believe the draft theirs.
            models.CheckConstraint(
                name="draft_has_one_owner",
                condition=(Q(applicant="") & ~Q(organisation="")) | (~Q(applicant="") & Q(organisation="")),
            ),
        )
        indexes = (
            models.Index(
                fields=("applicant", "-changed_at"), condition=Q(filed=False), name="draft_of_applicant"
            ),
            models.Index(
                fields=("organisation", "-changed_at"), condition=Q(filed=False), name="draft_of_window"
            ),
            models.Index(fields=("changed_at",), condition=Q(filed=False), name="draft_unchanged"),
        )

    @property
    def ends_on(self) -> date:
        """The day on which the draft is destroyed unless something is done to it or it is filed."""
        return retention.ends_on(self.changed_at)


class Begun(models.Model):
    """How many drafts an applicant has begun on a day, also those that are gone or filed since; forgotten the day after."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    applicant = models.CharField("申请人代号", max_length=20)
    on = models.DateField("日期")
    count = models.PositiveIntegerField("新建份数", default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("applicant", "on"), name="begun_once_a_day"),)
        indexes = (models.Index(fields=("on",), name="begun_on"),)


class MaterialQuerySet(models.QuerySet["Material"]):
    """Materials in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the materials of the actor's own drafts; those of filed cases are found through the case."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        drafts = Draft.objects.visible_to(actor).unfiled()
        return self.filter(number__in=drafts.values("number"))

    def of_case(self, number: str) -> Self:
        """Keep the materials of one case; what the virus scanner refused is none."""
        return self.filter(number=number).exclude(scan=Material.Scan.REFUSED)

    def held(self) -> Self:
        """Keep what waits for the virus scanner (待查毒): kept, but for nobody to open or send."""
        return self.filter(scan=Material.Scan.HELD)

    def refused_of(self, number: str) -> Self:
        """Return what of one case was held and then found infected; its content is gone."""
        return self.filter(number=number, scan=Material.Scan.REFUSED)

    def unstated(self) -> Self:
        """Keep what no event names yet, so that it may still be taken back."""
        return self.filter(stated=False)


class Material(models.Model):
    """A file handed in for a case (材料); its name and bytes lie in the vault under `digest`."""

    class Scan(models.TextChoices):
        """What the virus scanner said."""

        CLEAN = "clean", "未发现病毒"
        HELD = "held", "待查毒"
        REFUSED = "refused", "查出病毒"

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    number = models.CharField("办件编号", max_length=NUMBER)
    code = models.CharField("材料", max_length=60)
    digest = models.CharField("内容摘要", max_length=DIGEST)
    size = models.PositiveBigIntegerField("字节数")  # as stored, with the line that names the file
    media_type = models.CharField("类型", max_length=60)
    added_at = models.DateTimeField("交于")
    # What may make it hard to read, as told when it came: a hint to whoever handed it in, never a refusal.
    hints = models.TextField("提示", blank=True, default="", db_default="")
    stated = models.BooleanField("已写入记录", default=False)
    # Among what was handed in: as it came, until somebody moves a page.
    place = models.PositiveIntegerField("次序", default=0, db_default=0)
    scan = models.CharField("查毒", max_length=10, choices=Scan, default=Scan.CLEAN)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("number", "digest"), name="material_once"),
            # An event must never name what nobody may open.
            models.CheckConstraint(
                name="stated_material_is_clean", condition=Q(stated=False) | Q(scan="clean")
            ),
        )
        indexes = (
            models.Index(fields=("number", "stated"), name="material_of_case"),
            models.Index(fields=("added_at",), condition=Q(scan="held"), name="material_held"),
        )


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the uploads to drafts of the actor that are not filed."""
        drafts = Draft.objects.visible_to(actor).unfiled()
        return self.filter(number__in=drafts.values("number"))


class Upload(models.Model):
    """A file that is being uploaded in parts (上传中); how far it has come, `parts` tell."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    token = models.CharField("代号", max_length=32, primary_key=True)
    number = models.CharField("办件编号", max_length=NUMBER)
    code = models.CharField("材料", max_length=60)
    size = models.PositiveBigIntegerField("字节数")
    name = models.BinaryField("文件名（已加密）")  # sealed under the key of the case
    expires_at = models.DateTimeField("保留至")

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("number",), name="upload_of_draft"),
            models.Index(fields=("expires_at",), name="upload_expiring"),
        )
