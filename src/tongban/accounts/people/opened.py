"""Sessions: what each holds, whose it is, and where its owner signed in (登录的设备): people can look, and end what is not theirs."""

from typing import ClassVar, Final

from django.db import models
from django.utils import timezone

from tongban.accounts.people.models import Applicant, Person, Post
from tongban.kernel import db

MOST: Final = 10  # of one person at once; the oldest ends


class Session(models.Model):
    """
    A session, found by a keyed hash of what the cookie holds.

    `person` and `post`, or `applicant`, are set once somebody has signed in; `owner` and what follows it, once that is to be listed.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"told", "address"})

    key = models.CharField("会话（检索值）", max_length=40, primary_key=True)
    told = models.JSONField("内容", default=dict)
    ends_at = models.DateTimeField("失效时间", db_index=True)  # by the machine's clock, as cookies end
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+")
    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, null=True, related_name="+")
    owner = models.CharField("化名", max_length=12, blank=True, db_index=True)
    begun_at = models.DateTimeField("登录时间", null=True)
    channel = models.CharField("渠道", max_length=12, blank=True)
    address = models.CharField("网段", max_length=45, blank=True)  # shortened: whence, not who
    browser = models.CharField("浏览器", max_length=60, blank=True)

    class Meta:
        verbose_name = "会话"


def of(owner: str) -> models.QuerySet[Session]:
    """Return the sessions that somebody has opened and that have not ended by themselves, the newest first."""
    return Session.objects.filter(owner=owner, ends_at__gt=timezone.now()).order_by("-begun_at", "key")


def end_oldest(owner: str) -> None:
    """End the oldest sessions of somebody who has too many."""
    newest = Session.objects.filter(owner=owner).order_by("-begun_at", "key")
    with db.write():
        Session.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[MOST:])).delete()


def end(*, owner: str, but: str = "", only: str = "") -> int:
    """End the sessions of somebody, all but the one of this key, or the one of the key that begins so; return how many."""
    rows = Session.objects.filter(owner=owner).exclude(key=but)
    with db.write():
        return (rows.filter(key__startswith=only) if only else rows).delete()[0]


def sweep() -> int:
    """Delete sessions that have ended by themselves; return how many."""
    ended = Session.objects.filter(ends_at__lt=timezone.now())
    if not ended.exists():
        return 0
    with db.write():
        return ended.delete()[0]
