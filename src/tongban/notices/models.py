"""Notices as tables: who was told of what, and has read it (made from events; nobody signed them); codes that were asked for by SMS."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import limits
from tongban.kernel.models import DIGEST, NUMBER


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices in the words of the domain."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the box of somebody: of staff what their organisation is told and their post has to do with."""
        if actor.kind is ActorKind.APPLICANT and actor.applicant:
            return self.filter(applicant=actor.applicant)
        if actor.kind is ActorKind.STAFF and actor.organisation:
            return self.filter(
                organisation=actor.organisation, permission__in=sorted(map(str, actor.permissions))
            )
        return self.none()

    def unread(self) -> Self:
        """Return what nobody has read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """
    That somebody is told of an act: the posts of an organisation, or the applicant.

    An applicant without an account (`applicant` empty, as is `organisation`) has no box; they are reached by what is sent.
    Read by one member of staff, it is read for the post. It goes when the content of its matter does.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    procedure = models.CharField("程序", max_length=limits.ROLE)
    matter = models.CharField("编号", max_length=NUMBER)
    event = models.CharField("事件摘要", max_length=DIGEST)
    row = models.CharField("所告知", max_length=60)  # the name of a row of `notices.rows`
    organisation = models.CharField("机构", max_length=18, blank=True)
    permission = models.CharField("岗位权限", max_length=40, blank=True)
    applicant = models.CharField("申请人代号", max_length=26, blank=True)
    day = models.DateField("期限", null=True)
    made_at = models.DateTimeField("告知时间")
    read_at = models.DateTimeField("已读时间", null=True)
    read_by = models.CharField("已读人", max_length=limits.PSEUDONYM, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        constraints = (
            # A follower hears at least once; each is told once.
            models.UniqueConstraint(fields=("event", "row"), name="notice_once"),
        )
        indexes = (
            # Each permission for itself: a post that sees few of what its organisation is told finds them by it.
            models.Index(fields=("organisation", "permission", "-id"), name="notice_of_post"),
            models.Index(fields=("applicant", "-id"), name="notice_of_applicant"),
            # `read_at` is empty in all of it; named, it lets SQLite prefer this to the whole box of the post.
            models.Index(
                fields=("organisation", "permission", "read_at"),
                condition=Q(read_at=None),
                name="notice_unread",
            ),
            models.Index(fields=("applicant", "read_at"), condition=Q(read_at=None), name="notice_unread_by"),
            models.Index(fields=("matter", "-id"), name="notice_of_matter"),
        )


class Dispatch(models.Model):
    """
    That a notice goes to an applicant outside the pages, and how that fares; `address` is sealed, and gone once it is over.

    `GIVEN_UP` is also what could not be begun: there is no number, or no gateway.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})

    class Way(models.TextChoices):
        """By what."""

        SMS = "sms", "短信"
        MAIL = "mail", "邮件"

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "待发送"
        SENT = "sent", "已发出，等待回执"
        DELIVERED = "delivered", "已到达"
        REFUSED = "refused", "未到达"
        GIVEN_UP = "given_up", "无法发送"
        SKIPPED = "skipped", "不再发送"

    UNDER_WAY: ClassVar = (State.WAITING, State.SENT)
    FAILED: ClassVar = (State.REFUSED, State.GIVEN_UP)

    notice = models.ForeignKey(
        Notice, models.CASCADE, related_name="dispatches", verbose_name="消息", db_index=False
    )
    matter = models.CharField("编号", max_length=NUMBER)
    way = models.CharField("方式", max_length=8, choices=Way.choices)
    required = models.BooleanField("依法必须告知")
    address = models.BinaryField("号码或邮箱（密文）", default=bytes)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    tries = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次尝试")
    reference = models.CharField("网关编号", max_length=120, blank=True)
    reason = models.CharField("原因", max_length=30, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    # Of what failed and is owed: when a duty was opened for it, or was seen not to be needed.
    settled_at = models.DateTimeField("已另作处理", null=True)

    class Meta:
        verbose_name = "外发消息"
        constraints = (models.UniqueConstraint(fields=("notice", "way"), name="dispatch_once"),)
        indexes = (
            models.Index(
                fields=("state", "next_at"), condition=Q(state__in=("waiting", "sent")), name="dispatch_due"
            ),
            models.Index(
                fields=("next_at",),
                condition=Q(state__in=("refused", "given_up"), settled_at=None),
                name="dispatch_unsettled",
            ),
            models.Index(fields=("matter", "-id"), name="dispatch_of_matter"),
        )


class OptOut(models.Model):
    """That an applicant wants nothing sent but what the law wants told (退订); the box is not concerned."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    applicant = models.CharField("申请人代号", max_length=26, unique=True)
    since = models.DateTimeField("自")

    class Meta:
        verbose_name = "短信退订"


class SmsCode(models.Model):
    """
    A code (验证码) that somebody has asked for, to be sent to the telephone on file: the newest for each purpose and number.

    Kept whether there is such a case and telephone or not, so that nothing tells them apart. The code is drawn as it is sent and
    stands here only as a keyed hash; the telephone is looked up then, and kept nowhere.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Purpose(models.TextChoices):
        """What it opens."""

        LOOK = "look", "查看办件"
        HELP = "help", "确认窗口帮办的申请"

    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    matter = models.CharField("编号", max_length=NUMBER)  # as asked for: there need be none
    about = models.CharField("所确认的内容（检索值）", max_length=64, blank=True)
    digest = models.CharField("验证码（检索值）", max_length=64, blank=True)  # empty: not sent
    asked_at = models.DateTimeField("申请时间")
    ends_at = models.DateTimeField("失效时间", db_index=True)
    next_at = models.DateTimeField("下次发送", null=True)  # empty: nothing more is sent of it
    sends = models.PositiveSmallIntegerField("发送次数", default=0)
    tries = models.PositiveSmallIntegerField("输错次数", default=0)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "短信验证码"
        constraints = (models.UniqueConstraint(fields=("purpose", "matter"), name="sms_code_newest"),)
        indexes = (
            models.Index(fields=("next_at",), condition=Q(next_at__isnull=False), name="sms_code_due"),
        )
