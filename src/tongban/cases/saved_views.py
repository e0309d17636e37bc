"""Filters that somebody keeps under a name (常用): their own, a few."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.db import IntegrityError

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.cases.case_lists import Box, asked
from tongban.cases.models import SavedView
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted

MOST: Final = 20
LONGEST: Final = 20  # characters of a name


class ViewsTooMany(DomainError):
    """Somebody has as many saved views as they may have."""

    code = "saved_views_too_many"


class ViewNameTaken(DomainError):
    """There is a saved view of that name already."""

    code = "saved_view_name_taken"


def of(by: Actor) -> list[SavedView]:
    """Return the actor's saved views, by name."""
    return list(SavedView.objects.filter(staff=by.staff).order_by("name", "pk")) if by.staff else []


def keep(*, name: str, given: Mapping[str, str], by: Actor) -> SavedView:
    """
    Keep the list and the filters of an address under a name.

    Raises:
        NotPermitted: not a member of staff. InvalidInput: no name, or too long. ViewsTooMany, ViewNameTaken: as named.
    """
    if by.kind is not ActorKind.STAFF or not by.staff:
        raise NotPermitted("没有保存：常用筛选只供本单位人员使用。请用本人账号登录。")
    title = " ".join(name.split())
    if not title or len(title) > LONGEST:
        raise InvalidInput(f"没有保存：请给常用筛选起个名字，最多 {LONGEST} 个字。")
    box = given.get("box", "")
    kept = {"box": box if box in set(Box) else str(Box.DOING), **asked(given).to_dict()}
    try:
        with write():
            if SavedView.objects.filter(staff=by.staff).count() >= MOST:
                raise ViewsTooMany(f"没有保存：常用筛选最多 {MOST} 个。请先删去不用的。")
            return SavedView.objects.create(staff=by.staff, name=title, query=urlencode(kept))
    except IntegrityError:
        raise ViewNameTaken("没有保存：已有同名的常用筛选。请换个名字，或先删去原来的。") from None


def remove(*, view: int, by: Actor) -> None:
    """Delete one of the actor's saved views; raises NotFound where they have none of that number."""
    with write():
        gone, _ = SavedView.objects.filter(staff=by.staff, pk=view).delete()
    if not gone:
        raise NotFound("没有这个常用筛选，可能已经删去。请刷新后再看。")
