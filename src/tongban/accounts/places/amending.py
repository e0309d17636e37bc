"""Corrections to what is registered of places: names, addresses, hours. What identifies a place never changes."""

from datetime import datetime

from tongban.accounts.access.actor import Actor
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.places.models import Hall, Organisation, Window
from tongban.kernel import db


def amend_organisation(
    *, organisation: Organisation, name: str, short_name: str, kind: str, role: str, by: Actor, at: datetime
) -> Organisation:
    """
    Correct an organisation's names, kind and role; USCC, division and node stay.

    Raises:
        NotPermitted: `by` may not manage accounts there.
    """
    ask_to_manage_organisation(by, organisation)
    organisation.name, organisation.short_name = name, short_name
    organisation.kind, organisation.role = kind, role
    with db.write():
        organisation.save(update_fields=["name", "short_name", "kind", "role"])
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
