"""Drafts that nobody came back for: destroyed when their time is over (草稿到期销毁)."""

from datetime import datetime
from typing import Final

from tongban.kernel import db
from tongban.kernel.time.clock import official_day
from tongban.materials import discarding, parts, retention
from tongban.materials.models import Draft, DraftQuerySet, Upload
from tongban.procedures.tasks import each

BATCH: Final = 50


def expire_all(at: datetime, *, batch: int = BATCH) -> int:
    """
    Destroy every draft whose time is over, of applicants and windows alike; return how many.

    One to which a file is just being uploaded waits for that to end: its owner is there.
    """
    due = _over(at)
    return each(due, batch, lambda draft: int(_expire(draft.number, at)))


def _over(at: datetime) -> DraftQuerySet:
    uploading = Upload.objects.filter(expires_at__gt=at).values("number")
    since = retention.kept_since(official_day(at))
    return Draft.objects.unfiled().filter(changed_at__lt=since).exclude(number__in=uploading)


def _expire(number: str, at: datetime) -> bool:
    with db.write():
        # Asked again with the row held: its owner may have come back this very moment.
        draft = _over(at).select_for_update(of=("self",)).filter(number=number).first()
        if draft is None:
            return False
        begun = discarding.destroy(draft, under=retention.BASIS, at=at)
    for token in begun:
        parts.remove(token)
    return True
