"""Divisions, organisations, halls and windows: where someone sits and for whom."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, In

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.access.reach import within_reach


class Division(models.Model):
    """
    One administrative division (行政区划) under one code and name, for as long as both hold.

    Codes are merged and divisions renamed, so a division identifies nobody: organisations are known by
    their USCC, and the division is a dated attribute of the world around them (GB/T 2260, GB/T 10114).
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Level(models.IntegerChoices):
        """How far down the tree a division stands."""

        PROVINCE = 1, "省级"
        CITY = 2, "地级"
        COUNTY = 3, "县级"
        TOWNSHIP = 4, "乡级"
        VILLAGE = 5, "村级"

    code = models.CharField("区划代码", max_length=12)
    name = models.CharField("名称", max_length=60)
    level = models.SmallIntegerField("级别", choices=Level.choices)
    parent_code = models.CharField("上级区划代码", max_length=12, blank=True)
    successor_code = models.CharField("并入或更名后的代码", max_length=12, blank=True)
    # Empty: always, as far as the list reaches back; still in force.
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = "行政区划"
        constraints = (
            models.UniqueConstraint(fields=["code", "valid_from"], name="division_code_once_per_period"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_from__isnull=True),
                name="division_code_once_from_the_start",
            ),
            models.CheckConstraint(
                name="division_code_has_6_9_or_12_digits",
                condition=In(Length("code"), [6, 9, 12]),
            ),
            models.CheckConstraint(
                name="division_period_is_not_backwards",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=models.F("valid_to")),
            ),
        )
        indexes = (models.Index(fields=["parent_code"], name="division_parent"),)

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def is_in_force(self, on: date) -> bool:
        """Return whether the code was in use on the day `on`."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations are public: whom to turn to is no secret. `managed_by` narrows."""

    def visible_to(self, actor: Actor) -> Self:
        """Return all organisations in use; the node itself also sees closed ones."""
        return self if actor.kind is ActorKind.SYSTEM else self.filter(is_active=True)

    def in_reach_of(self, actor: Actor) -> Self:
        """Return the actor's own organisation and those in the divisions it supervises."""
        return self.filter(within_reach(actor))


class Organisation(models.Model):
    """An authority or service body (机构), known by its unified social credit code (USCC)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Kind(models.TextChoices):
        """What an organisation is in the course of a case."""

        COMPETENT = "competent", "业务主管部门"
        SERVICE_CENTRE = "service_centre", "政务服务中心"
        LEAD = "lead", "牵头部门"
        COUNTY_OFFICE = "county_office", "政府办公室"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=40)
    division_code = models.CharField("区划代码", max_length=12, db_index=True)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    role = models.SlugField("职能", max_length=40, blank=True)  # e.g. public_security
    phone = models.CharField(
        "工作电话", max_length=40, blank=True
    )  # for colleagues of both places, not for the public
    # Fingerprint of the node it sits on; empty: this one.
    node = models.CharField("所在节点", max_length=68, blank=True)
    is_active = models.BooleanField("在用", default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "机构"
        constraints = (
            models.CheckConstraint(
                name="organisation_uscc_has_18_characters",
                condition=Exact(Length("uscc"), 18),
            ),
        )

    def __str__(self) -> str:
        return self.short_name

    @property
    def is_here(self) -> bool:
        """Whether the organisation works on this node."""
        return self.node == ""


class Hall(models.Model):
    """A place with counters (大厅) that people can walk into."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="halls")
    name = models.CharField("名称", max_length=120)
    address = models.CharField("地址", max_length=200)
    phone = models.CharField("咨询电话", max_length=40, blank=True)
    open_hours = models.CharField("办公时间", max_length=200, blank=True)
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "大厅"
        constraints = (
            models.UniqueConstraint(fields=["organisation", "name"], name="hall_name_once_per_organisation"),
        )

    def __str__(self) -> str:
        return self.name


class Window(models.Model):
    """A counter (窗口) in a hall; a 跨省通办 window (专窗) takes cases for other provinces."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="windows")
    label = models.CharField("窗口名称", max_length=60)
    is_cross_province = models.BooleanField("跨省通办专窗", default=False)
    # Whose clerks sit there: often another body than the one that runs the hall.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="windows")
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "窗口"
        constraints = (models.UniqueConstraint(fields=["hall", "label"], name="window_label_once_per_hall"),)

    def __str__(self) -> str:
        return f"{self.hall.name} {self.label}"
