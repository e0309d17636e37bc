"""Notices as tables: who was told of what, and has read it. Made from events; nobody signed them."""

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
            models.Index(fields=("organisation", "-id"), name="notice_of_organisation"),
            models.Index(fields=("applicant", "-id"), name="notice_of_applicant"),
            models.Index(
                fields=("organisation", "permission"), condition=Q(read_at=None), name="notice_unread"
            ),
            models.Index(fields=("applicant",), condition=Q(read_at=None), name="notice_unread_by"),
            models.Index(fields=("matter", "-id"), name="notice_of_matter"),
        )
