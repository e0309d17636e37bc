"""
Corrections to what is registered of places: names, addresses, hours, and that a hall or window is closed.

What identifies a place never changes; what was issued at a window keeps the name that it had then.
"""

import re
from datetime import datetime

from django.db import IntegrityError

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.places.models import Hall, Organisation, Window
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted


class NameTaken(DomainError):
    """Another one has this name there; nothing was changed."""

    code = "place_name_taken"


class HallHasWindows(DomainError):
    """A hall is closed once all its windows are; nothing was changed."""

    code = "hall_has_windows"


class PlaceClosed(DomainError):
    """The hall or window is closed already; nothing was changed."""

    code = "place_closed"


def amend_organisation(
    *,
    organisation: Organisation,
    name: str,
    short_name: str,
    kind: str,
    role: str,
    phone: str,
    by: Actor,
    at: datetime,
) -> Organisation:
    """
    Correct an organisation's names, kind, role and telephone; USCC, division and node stay.

    Raises:
        NotPermitted: `by` may not manage accounts there.
    """
    ask_to_manage_organisation(by, organisation)
    organisation.name, organisation.short_name = name, short_name
    organisation.kind, organisation.role, organisation.phone = kind, role, phone
    with db.write():
        organisation.save(update_fields=["name", "short_name", "kind", "role", "phone"])
    return organisation


def set_phone(*, organisation: Organisation, phone: str, by: Actor, at: datetime) -> Organisation:
    """
    Say under which telephone colleagues reach an organisation; those of a neighbour are for any account manager to enter.

    Raises:
        NotPermitted: `by` may not manage accounts there. InvalidInput: it is no telephone number.
    """
    if organisation.is_here:
        ask_to_manage_organisation(by, organisation)
    elif not by.may(Permission.ACCOUNTS_MANAGE):
        raise NotPermitted("未作更改：您的岗位没有账号管理权限。请联系本节点的账号管理员。")
    phone = phone.strip()
    if phone and not re.fullmatch(r"[0-9+][0-9 -]{2,30}[0-9](转[0-9]{1,8})?", phone, re.ASCII):
        raise InvalidInput("工作电话未保存：请按“区号-号码”或“区号-号码转分机”填写。")
    organisation.phone = phone
    with db.write():
        organisation.save(update_fields=["phone"])
    return organisation


def amend_hall(*, hall: Hall, address: str, phone: str, open_hours: str, by: Actor, at: datetime) -> Hall:
    """
    Correct where a hall is, its telephone and its hours.

    Raises:
        NotPermitted: `by` may not manage accounts of the organisation that runs it.
    """
    ask_to_manage_organisation(by, hall.organisation)
    hall.address, hall.phone, hall.open_hours = address, phone, open_hours
    with db.write():
        hall.save(update_fields=["address", "phone", "open_hours"])
    return hall


def amend_window(
    *, window: Window, organisation: Organisation, is_cross_province: bool, by: Actor, at: datetime
) -> Window:
    """
    Say anew who staffs a window and whether it is for other provinces (跨省通办专窗).

    Raises:
        NotPermitted: `by` may not manage accounts of the organisation that runs the hall.
    """
    ask_to_manage_organisation(by, window.hall.organisation)
    window.organisation, window.is_cross_province = organisation, is_cross_province
    with db.write():
        window.save(update_fields=["organisation", "is_cross_province"])
    return window


def rename_hall(*, hall: Hall, name: str, by: Actor, at: datetime) -> Hall:
    """
    Give a hall another name.

    Raises:
        NotPermitted: `by` may not manage accounts of the organisation that runs it. InvalidInput: there is no name, or it
            is too long. NameTaken: see there.
    """
    ask_to_manage_organisation(by, hall.organisation)
    hall.name = _name(name, 120)
    return _save(hall, "name")


def rename_window(*, window: Window, label: str, by: Actor, at: datetime) -> Window:
    """Give a window another name; raises as `rename_hall`."""
    ask_to_manage_organisation(by, window.hall.organisation)
    window.label = _name(label, 60)
    return _save(window, "label")


def close_window(*, window: Window, by: Actor, at: datetime) -> Window:
    """
    Close a window: nobody goes on shift there any more, and nobody is sent there.

    Raises:
        NotPermitted: as `rename_hall`. PlaceClosed: it is closed already.
    """
    ask_to_manage_organisation(by, window.hall.organisation)
    with db.write():
        if not Window.objects.filter(pk=window.pk, closed_at=None).update(closed_at=at):
            raise PlaceClosed("窗口未停用：它已经停用。请刷新后再看。")
    window.closed_at = at
    return window


def close_hall(*, hall: Hall, by: Actor, at: datetime) -> Hall:
    """
    Close a hall whose windows are all closed.

    Raises:
        NotPermitted: as `rename_hall`. HallHasWindows, PlaceClosed: see there.
    """
    ask_to_manage_organisation(by, hall.organisation)
    with db.write():
        if hall.windows.filter(closed_at=None).exists():
            raise HallHasWindows("大厅未停用：还有在用的窗口。请先逐一停用窗口。")
        if not Hall.objects.filter(pk=hall.pk, closed_at=None).update(closed_at=at):
            raise PlaceClosed("大厅未停用：它已经停用。请刷新后再看。")
    hall.closed_at = at
    return hall


def _name(typed: str, longest: int) -> str:
    name = typed.strip()
    if not 0 < len(name) <= longest or not name.isprintable():
        raise InvalidInput(f"名称未更改：请填写名称，至多 {longest} 个字。")
    return name


def _save[T: (Hall, Window)](place: T, field: str) -> T:
    try:
        with db.write():
            place.save(update_fields=[field])
    except IntegrityError:
        raise NameTaken("名称未更改：那里已有这个名称（包括已停用的）。请换一个。") from None
    return place
