"""Who issues letters on this node, under which numbers, and which were issued."""

from typing import ClassVar

from django.db import models


class Issuer(models.Model):
    """
    What the letters of an organisation need to say of it; kept by the office (办公室), derived from nothing.

    `authority` decides whom to turn to against a decision (行政复议法 第二十四至二十八条); the court is named in full, as higher
    courts may assign cases across districts (行政诉讼法 第十八条).
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Authority(models.TextChoices):
        """What an organisation is to those who turn against its decisions."""

        DEPARTMENT = "department", "县级政府工作部门、行政审批局"
        TOWN = "town", "乡镇政府、街道办事处"
        STATION = "station", "依法以自己名义办理的派出机构"
        PROVINCIAL = "provincial", "省级部门"
        VERTICAL = "vertical", "垂直领导的机关"
        JUSTICE = "justice", "司法行政部门"
        AGENCY = "agency", "法律法规授权的经办机构"
        FUND = "fund", "住房公积金管理中心"
        NOTARY = "notary", "公证机构"
        DISABLED = "disabled", "残疾人联合会"
        OTHER = "other", "其他非行政主体"

    organisation = models.CharField("机构", max_length=18, unique=True)
    authority = models.CharField("机关类别", max_length=20, choices=Authority.choices)
    word = models.CharField("机关代字", max_length=8)
    review = models.CharField("复议机关", max_length=120, blank=True)
    court = models.CharField("管辖法院", max_length=120, blank=True)
    review_url = models.CharField("网上复议渠道", max_length=200, blank=True)
    contact = models.CharField("承办和联系方式", max_length=300, blank=True)
    phrases = models.JSONField("本机关常用语", default=list, blank=True)

    class Meta:
        verbose_name = "文书签发机关"


class Series(models.Model):
    """One series of numbers: of an organisation, a kind of letter and a year, from 1, without a gap."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organisation = models.CharField("机构", max_length=18)
    mark = models.CharField("类别字", max_length=8)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = "文号序列"
        constraints = (
            models.UniqueConstraint(fields=["organisation", "mark", "year"], name="letter_series_once"),
        )


class Letter(models.Model):
    """A letter that an organisation of this node issued; what it says lies in the case, under the case's key."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("办件编号", max_length=50, db_index=True)
    kind = models.CharField("文书", max_length=20)
    title = models.CharField("名称", max_length=60)
    serial = models.CharField("文号", max_length=40, unique=True)
    # What the QR code of the letter leads to; it says nothing of the case and cannot be guessed from it.
    code = models.CharField("查验码", max_length=12, unique=True)
    organisation = models.CharField("机构", max_length=18)
    issued_on = models.DateField("成文日期")
    digest = models.CharField("文件摘要", max_length=71)  # SM3 of the file as it was issued

    class Meta:
        verbose_name = "已签发的文书"
