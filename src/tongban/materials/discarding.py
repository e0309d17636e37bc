"""Giving a draft up: what was filled in and handed in is destroyed, not only hidden."""

from datetime import datetime
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.kernel import db, vault
from tongban.materials import commands, parts, storage
from tongban.materials.models import Material, Upload

# Whoever withdraws before filing ends the purpose for which the data was given.
BASIS: Final = "个人信息保护法 第四十七条"


def discard(*, number: str, by: Actor, at: datetime) -> None:
    """
    Destroy an unfiled draft of `by` with its form, its files and its key (放弃草稿). Its number is never used again.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: it is a case now, which is withdrawn instead.
    """
    with db.write():
        draft = commands.own_draft(number, by)
        storage.hold(number)
        begun = list(Upload.objects.filter(number=number).values_list("token", flat=True))
        Upload.objects.filter(number=number).delete()
        Material.objects.of_case(number).delete()
        draft.delete()
        vault.destroy(number, BASIS, at)
    for token in begun:
        parts.remove(token)
