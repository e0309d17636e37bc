"""Browsers in which somebody has signed in before (常用设备): strangers who guess elsewhere must not keep their owner out."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models

from tongban.accounts.people import sealed
from tongban.kernel import db

KEPT: Final = timedelta(days=180)
MOST: Final = 10  # of one person; the one not used for longest makes room


class Device(models.Model):
    """A browser that holds a random id, found by a keyed hash over id and owner, so that it says of nobody who else sits there."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    owner = models.CharField("化名", max_length=12)
    mark = models.CharField("检索值", max_length=64)
    last_at = models.DateTimeField("最近登录", db_index=True)

    class Meta:
        verbose_name = "常用设备"
        constraints = (models.UniqueConstraint(fields=["owner", "mark"], name="device_once_per_owner"),)


def known(*, owner: str, token: str, at: datetime) -> str:
    """Return the mark of a browser in which `owner` has signed in within the last half year; nothing for any other."""
    mark = _mark(owner, token)
    if not (owner and token):
        return ""
    return mark if Device.objects.filter(owner=owner, mark=mark, last_at__gt=at - KEPT).exists() else ""


def remember(*, owner: str, token: str, at: datetime) -> None:
    """Keep that `owner` has signed in in this browser, in place of the one not used for longest where there are too many."""
    with db.write():
        Device.objects.update_or_create(owner=owner, mark=_mark(owner, token), defaults={"last_at": at})
        newest = (
            Device.objects.filter(owner=owner).order_by("-last_at", "-pk").values_list("pk", flat=True)[:MOST]
        )
        Device.objects.filter(owner=owner).exclude(pk__in=list(newest)).delete()


def forget_others(*, owner: str, token: str) -> None:
    """Forget all browsers of `owner` but this one: their password may have been known there."""
    with db.write():
        Device.objects.filter(owner=owner).exclude(mark=_mark(owner, token)).delete()


def _mark(owner: str, token: str) -> str:
    return sealed.lookup(f"device:{owner}:{token}")
