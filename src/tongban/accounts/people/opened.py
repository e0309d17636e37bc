"""Who has signed in where (登录的设备): so that people can look, and end what is not theirs."""

from typing import ClassVar, Final

from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from tongban.kernel import db

MOST: Final = 10  # of one person at once; the oldest ends


class OpenSession(models.Model):
    """A session that somebody has opened, beside what it holds; its key is kept as a keyed hash, as there."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})

    key = models.CharField("会话（检索值）", max_length=40, unique=True)
    owner = models.CharField("化名", max_length=12, db_index=True)
    begun_at = models.DateTimeField("登录时间")
    channel = models.CharField("渠道", max_length=12)
    address = models.CharField("网段", max_length=45, blank=True)  # shortened: whence, not who
    browser = models.CharField("浏览器", max_length=60, blank=True)

    class Meta:
        verbose_name = "已打开的会话"


def note(row: OpenSession) -> None:
    """Keep that a session was opened; where its owner has too many, the oldest ends."""
    with db.write():
        row.save(force_insert=True)
        newest = OpenSession.objects.filter(owner=row.owner).order_by("-begun_at", "-pk")
        _end(OpenSession.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[MOST:])))


def of(owner: str) -> models.QuerySet[OpenSession]:
    """Return the sessions that somebody has opened and that have not ended by themselves, the newest first."""
    return OpenSession.objects.filter(owner=owner).order_by("-begun_at", "-pk")


def end(*, owner: str, but: str = "", only: str = "") -> int:
    """End the sessions of somebody, all but the one of this key, or the one of the key that begins so; return how many."""
    rows = OpenSession.objects.filter(owner=owner).exclude(key=but)
    with db.write():
        return _end(rows.filter(key__startswith=only) if only else rows)


def sweep() -> int:
    """Delete sessions that have ended by themselves, and forget them; return how many were forgotten."""
    # Sessions count by the machine's clock, as Django writes them.
    ended = Session.objects.filter(expire_date__lt=timezone.now())
    over = OpenSession.objects.exclude(key__in=Session.objects.values("session_key"))
    if not ended.exists() and not over.exists():
        return 0
    with db.write():
        ended.delete()
        return over.delete()[0]


def _end(rows: models.QuerySet[OpenSession]) -> int:
    keys = list(rows.values_list("key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    OpenSession.objects.filter(key__in=keys).delete()
    return len(keys)
