"""Tables of the catalogue: items of the national lists, offerings, and published guides."""

from functools import lru_cache
from typing import Any, ClassVar, cast

from django.db import models
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor, Permission
from tongban.kernel.crypto import canon
from tongban.kernel.errors import DomainError


class PublishedGuideIsFixed(DomainError):
    """A published guide is evidence; a change is a new version."""

    code = "published_guide_is_fixed"


class Item(models.Model):
    """What a national list names (事项). Every fact carries how sure we are of it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Certainty(models.TextChoices):
        PAGE = "page", "见于网页"
        CATEGORY = "page-category", "网页只见类别"
        RECALL = "recall", "凭一般知识，待核"

    class Confidence(models.TextChoices):
        SEEN = "seen", "网页作国家清单事项举出"
        LOCAL_LIST = "local-list", "只见于一处地方清单"
        HIGH = "high", "凭一般知识，较有把握"
        MEDIUM = "medium", "凭一般知识，须重点核对"

    key = models.CharField("内部编号", max_length=20, unique=True)
    name = models.CharField("事项名称", max_length=200)
    batch = models.PositiveSmallIntegerField("批次")  # 1, 2, 3, or 2022 for the list of that year
    batch_certainty = models.CharField("批次依据", max_length=20, choices=Certainty.choices)
    source = models.CharField("来源文件", max_length=100)
    lead = models.CharField("牵头部委", max_length=50)
    lead_certainty = models.CharField("牵头部委依据", max_length=20, choices=Certainty.choices)
    subject = models.CharField("服务对象", max_length=10)
    theme = models.CharField("主题", max_length=20, db_index=True)
    verified = models.BooleanField("名称已核实")
    confidence = models.CharField("把握程度", max_length=20, choices=Confidence.choices)
    note = models.CharField("说明", max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name


class OfferingQuerySet(models.QuerySet["Offering"]):
    """Offerings in the words of the domain."""

    def in_use(self) -> "OfferingQuerySet":
        """Keep what can be applied for today."""
        return self.filter(state=Offering.State.IN_USE)

    def visible_to(self, actor: Actor) -> "OfferingQuerySet":
        """Keep what is public; who publishes for an organisation sees its paused and withdrawn ones too."""
        if actor.organisation and actor.may(Permission.CATALOGUE_PUBLISH):
            return self.filter(Q(state=Offering.State.IN_USE) | Q(organisation=actor.organisation))
        return self.in_use()


class Offering(models.Model):
    """An item as one authority in one region handles it (实施清单), ours or another node's."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class State(models.TextChoices):
        IN_USE = "in-use", "在用"
        PAUSED = "paused", "暂停"
        WITHDRAWN = "withdrawn", "取消"

    # 31 characters where constructible (USCC, level, basic code); older and local codes are longer.
    code = models.CharField("实施编码", max_length=50, unique=True)
    item = models.ForeignKey(Item, verbose_name="事项", null=True, blank=True, on_delete=models.PROTECT)
    name = models.CharField("名称", max_length=200)
    name_en = models.CharField("英文名称", max_length=300, blank=True, default="", db_default="")
    # Plain USCC: the organisations of other nodes have no row here.
    organisation = models.CharField("实施机构", max_length=18, db_index=True)
    division = models.CharField("行政区划", max_length=12, db_index=True)
    node = models.CharField("节点", max_length=68)  # fingerprint of the node that answers for it
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.IN_USE)
    state_since = models.DateTimeField("状态起始", null=True, blank=True)
    # Name and everyday names (俗称) of the current guide, so that search needs no JSON.
    search_text = models.TextField("检索词", blank=True)

    objects: ClassVar[Any] = OfferingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name}（{self.division}）"


class GuideQuerySet(models.QuerySet["Guide"]):
    """Guides can be added and read."""

    def current(self) -> "GuideQuerySet":
        """Keep those of the node that answers for the offering now; others are held for the cases that name them."""
        return self.filter(node=F("offering__node"))

    def update(self, **kwargs: Any) -> int:
        """Refuse: there is no way to change what was published."""
        raise PublishedGuideIsFixed("办事指南一经发布不得修改，请发布新版本。")


class Guide(models.Model):
    """One published version of how an offering is handled (办事指南). Never changed afterwards."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    offering = models.ForeignKey(
        Offering, verbose_name="实施事项", related_name="guides", on_delete=models.PROTECT
    )
    node = models.CharField("发布节点", max_length=68)  # who signed it
    version = models.PositiveIntegerField("版本")
    digest = models.CharField("摘要", max_length=68, unique=True)
    document = models.TextField("内容")  # canonical JSON, exactly the bytes that were signed
    signature = models.JSONField("签名")  # what `kernel.crypto.signed` adds
    published_at = models.DateTimeField("发布时间")

    objects: ClassVar[Any] = GuideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offering", "node", "version"], name="guide_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="guide_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.offering} 第 {self.version} 版"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """
        Store a new version.

        Raises:
            PublishedGuideIsFixed: the row exists already.
        """
        if not self._state.adding:
            raise PublishedGuideIsFixed(f"《{self}》已发布，不得修改，请发布新版本。")
        super().save(*args, **kwargs)

    @property
    def body(self) -> dict[str, Any]:
        """Return the guide's content; do not change it, it is shared."""
        return _decoded(self.document)

    @property
    def signed(self) -> dict[str, Any]:
        """Return the content with its signature, as another node imports it."""
        return {**self.body, **self.signature}


# Every act of every case reads its guide, and the compiled form is remembered by this very object.
@lru_cache(maxsize=256)
def _decoded(document: str) -> dict[str, Any]:
    return cast("dict[str, Any]", canon.decode(document.encode()))
