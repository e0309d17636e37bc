"""
Whoever lost their second factor and all recovery codes: one asks for the reset, another confirms it (双人复核).

Then every authenticator is gone, the password is a new one that has to be changed, and the next sign-in enrols anew.
"""

from datetime import datetime, timedelta
from typing import Final

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation, reaches
from tongban.accounts.people import second, staffing, telling
from tongban.accounts.people.authenticators import Authenticator, RecoveryCode, SecondReset
from tongban.accounts.people.models import Person
from tongban.accounts.places.models import Organisation
from tongban.kernel import db
from tongban.kernel.errors import DomainError, NotPermitted

WITHIN: Final = timedelta(hours=24)  # a wish for a reset that nobody confirms comes to nothing


class OneselfNotReset(NotPermitted):
    """Nobody resets their own second factor, nor has a hand in it."""

    code = "oneself_not_reset"


class OwnRequestNotConfirmed(NotPermitted):
    """Nobody confirms the reset that they asked for: that takes two."""

    code = "own_request_not_confirmed"


class NothingToConfirm(DomainError):
    """Nobody asked for this reset within a day."""

    code = "nothing_to_confirm"


def ask(*, person: Person, by: Actor, at: datetime) -> SecondReset:
    """
    Ask that somebody's second factor be reset; a later request takes the place of an earlier one.

    Raises:
        OneselfNotReset: `by` is the person. NotPermitted: the account is closed or holds no post, or one of the posts
            is in an organisation that `by` may not manage.
    """
    for organisation in _organisations(person, by):
        ask_to_manage_organisation(by, organisation)
    with db.write():
        asked = SecondReset.objects.create(person=person, asked_by=by.staff, asked_at=at)
        telling.of_second("second_reset_asked", asked, by=by, at=at)
    return asked


def confirm(*, person: Person, password: str, by: Actor, at: datetime) -> SecondReset:
    """
    Confirm the latest request and do it; `password` is handed to the person, who has to change it.

    Raises:
        OneselfNotReset: `by` is the person. OwnRequestNotConfirmed: `by` asked for it.
        NotPermitted: `by` neither manages the accounts nor supervises there. NothingToConfirm: see there.
        PasswordTooWeak: see `passwords.hashed`.
    """
    for organisation in _organisations(person, by):
        _ask_to_confirm(by, organisation)
    with db.write():
        pending = SecondReset.objects.select_for_update().filter(person=person).order_by("-pk").first()
        if pending is None or pending.confirmed_at or not at - WITHIN < pending.asked_at <= at:
            raise NothingToConfirm("未重置：24 小时内没有人为该人员申请重置。请先由账号管理员申请。")
        if pending.asked_by == by.staff:
            raise OwnRequestNotConfirmed(
                "未重置：申请人不能复核自己的申请。请由另一位账号管理员或督办专员复核。"
            )
        for one in Authenticator.objects.of(person):
            second.take_away(one, by=by, at=at)
        RecoveryCode.objects.filter(person=person).delete()
        staffing.give_password(person=person, new=password, by=by, at=at)
        pending.confirmed_by, pending.confirmed_at = by.staff, at
        pending.save(update_fields=["confirmed_by", "confirmed_at"])
        telling.of_second("second_reset_confirmed", pending, by=by, at=at)
    return pending


def pending(*, by: Actor, at: datetime) -> list[SecondReset]:
    """Return the latest requests of the last day that are still to be confirmed, of people in the reach of `by`."""
    rows = SecondReset.objects.filter(confirmed_at=None, asked_at__gt=at - WITHIN, asked_at__lte=at)
    latest: dict[int, SecondReset] = {}
    for row in rows.select_related("person").order_by("pk"):
        latest[row.person_id] = row
    return [row for row in latest.values() if _reaches(row.person, by)]


def _reaches(person: Person, by: Actor) -> bool:
    try:
        for organisation in _organisations(person, by):
            _ask_to_confirm(by, organisation)
    except NotPermitted:
        return False
    return True


def _organisations(person: Person, by: Actor) -> list[Organisation]:
    """Return where somebody works; refuses them themselves, and an account that cannot sign in anyhow."""
    if by.staff == person.pseudonym:
        raise OneselfNotReset("未重置：不能重置本人的第二因素。请由账号管理员申请，另一人复核。")
    held = person.appointments.filter(ends_at__isnull=True).select_related("post__organisation")
    found = [appointment.post.organisation for appointment in held]
    if not person.is_active or not found:
        raise NotPermitted("未重置：该账号已停用或没有在任岗位。请先登记其岗位。")
    return found


def _ask_to_confirm(by: Actor, organisation: Organisation) -> None:
    supervises = by.may(Permission.CASE_SUPERVISE) and by.supervises != ""
    if supervises and reaches(by.supervises, organisation.division_code):
        return
    ask_to_manage_organisation(by, organisation)
