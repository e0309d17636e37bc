"""Giving a draft up: what was filled in and handed in is destroyed, not only hidden."""

from datetime import datetime
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.kernel import db, vault
from tongban.materials import commands, parts
from tongban.materials.models import Draft, Material, Upload

# Whoever withdraws before filing ends the purpose for which the data was given.
BASIS: Final = "个人信息保护法 第四十七条"


def discard(*, number: str, by: Actor, at: datetime) -> None:
    """
    Destroy an unfiled draft of `by` with its form, its files and its key (放弃草稿). Its number is never used again.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: it is a case now, which is withdrawn instead.
    """
    with db.write():
        begun = destroy(commands.own_draft(number, by), under=BASIS, at=at)
    for token in begun:
        parts.remove(token)


def destroy(draft: Draft, *, under: str, at: datetime) -> list[str]:
    """
    Destroy a draft that the caller holds locked, under a legal basis, with its form, its files and its key.

    Returns the uploads that were begun: their parts are the caller's to remove, once the transaction is committed.
    """
    number = draft.number
    begun = list(Upload.objects.filter(number=number).values_list("token", flat=True))
    Upload.objects.filter(number=number).delete()
    Material.objects.filter(number=number).delete()
    draft.delete()  # and with that it has no number any more
    vault.destroy(number, under, at)
    return begun
