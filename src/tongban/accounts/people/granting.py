"""
Giving posts through the front door: what decides nothing is given at once, a post that decides once a second manager has countersigned.

The first manager of a node has nobody beside them; they come in at the command line (`tongban office load`), by the operator alone.
"""

from datetime import datetime
from typing import Protocol

from django.db import IntegrityError

from tongban.accounts import permissions
from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation, reaches
from tongban.accounts.people import leavetaking, staffing, telling
from tongban.accounts.people.grants import Grant
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.kernel import db
from tongban.kernel.errors import DomainError, NotPermitted


class OwnGrantNotCountersigned(NotPermitted):
    """Nobody countersigns what they proposed: that takes two."""

    code = "own_grant_not_countersigned"


class OwnPostNotCountersigned(NotPermitted):
    """Nobody has a hand in being given a post."""

    code = "own_post_not_countersigned"


class GrantWaits(DomainError):
    """The same post is proposed for this person already, and waits for a second manager."""

    code = "grant_waits_already"


class GrantDecided(DomainError):
    """Somebody has decided about this grant before; nothing was changed."""

    code = "grant_decided"


class Deciding(Protocol):
    """What a second manager does about a grant: `countersign` or `decline`."""

    def __call__(self, *, grant: Grant, by: Actor, at: datetime) -> object:
        """Do it."""
        ...


def is_by_two(post: Post) -> bool:
    """Return whether a post is given by two."""
    return permissions.decide(post.powers())


def add(
    *, username: str, name: str, password: str, post: Post, by: Actor, at: datetime
) -> tuple[Person, Appointment | Grant]:
    """
    Add a member of staff with a first post; `password` is handed to them, and they have to change it.

    Raises:
        NotPermitted: `by` may not manage accounts of the post's organisation. As `staffing.new_account`.
    """
    ask_to_manage_organisation(by, post.organisation)
    with db.write():
        person = staffing.new_account(username=username, name=name, password=password, by=by, at=at)
        return person, give(person=person, post=post, by=by, at=at)


def give(*, person: Person, post: Post, by: Actor, at: datetime) -> Appointment | Grant:
    """
    Give somebody a post, or propose it where it decides; return the appointment, or the grant that waits.

    Raises:
        NotPermitted: see `staffing.appoint`; or the account or the post is closed.
        PowersApart, AlreadyAppointed: see there. GrantWaits: it is proposed already.
    """
    ask_to_manage_organisation(by, post.organisation)
    if not person.is_active or not post.is_active:
        raise NotPermitted("岗位未授予：该账号或岗位已停用。请刷新后再看。")
    if not is_by_two(post):
        return staffing.appoint(person=person, post=post, by=by, at=at)
    if by.staff == person.pseudonym:
        raise NotPermitted(f"任职未登记：不能为本人登记岗位“{post.title}”。请由另一位账号管理员办理。")
    staffing.demand_fit(person, post)
    try:
        with db.write():
            grant = Grant.objects.create(person=person, post=post, asked_by=by.staff, asked_at=at)
            telling.of_grant("grant_asked", grant, by=by, at=at)
            return grant
    except IntegrityError:
        raise GrantWaits(f"岗位未授予：“{post.title}”已经提出过，正等另一位账号管理员复核。") from None


def countersign(*, grant: Grant, by: Actor, at: datetime) -> Appointment:
    """
    Countersign what another manager proposed: from now on the person holds the post.

    Raises:
        OwnGrantNotCountersigned: `by` proposed it. OwnPostNotCountersigned: `by` is whom it is for.
        NotPermitted: `by` may not manage accounts there, is a program, or account or post is closed.
        GrantDecided: it waits no longer. PowersApart, AlreadyAppointed: see `staffing.give_post`.
    """
    ask_to_manage_organisation(by, grant.post.organisation)
    if by.machine:
        raise NotPermitted("岗位未授予：复核须由账号管理员本人办理，不能用接口密钥。")
    if by.staff == grant.asked_by:
        raise OwnGrantNotCountersigned("岗位未授予：提出人不能复核自己提出的岗位。请由另一位账号管理员复核。")
    if by.staff == grant.person.pseudonym:
        raise OwnPostNotCountersigned("岗位未授予：不能复核授予本人的岗位。请由另一位账号管理员复核。")
    with db.write():
        decided = _decide(grant, Grant.Outcome.COUNTERSIGNED, by, at)
        if not decided.person.is_active or not decided.post.is_active:
            raise NotPermitted("岗位未授予：该账号或岗位已停用。请核对后改为不同意。")
        appointment = staffing.give_post(person=decided.person, post=decided.post, by=by, at=at)
        telling.of_grant("grant_countersigned", decided, by=by, at=at)
    return appointment


def decline(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """
    Let a grant come to nothing: whoever proposed it takes it back, another manager does not agree.

    Raises:
        OwnPostNotCountersigned: `by` is whom it is for. NotPermitted: `by` may not manage accounts there.
        GrantDecided: it waits no longer.
    """
    ask_to_manage_organisation(by, grant.post.organisation)
    if by.staff == grant.person.pseudonym:
        raise OwnPostNotCountersigned("未作更改：不能办理授予本人的岗位。请由另一位账号管理员办理。")
    own = by.staff == grant.asked_by
    with db.write():
        decided = _decide(grant, Grant.Outcome.WITHDRAWN if own else Grant.Outcome.DECLINED, by, at)
        telling.of_grant("grant_declined", decided, by=by, at=at)
    return decided


def move(*, person: Person, post: Post, by: Actor, at: datetime) -> Appointment | Grant:
    """
    Move somebody to a post of another organisation: all posts that they hold end, and the new one is given or proposed.

    Raises:
        as `leavetaking.end_appointment` and `give`; nothing was changed then.
    """
    with db.write():
        for held in person.appointments.filter(ends_at=None).select_related("person", "post__organisation"):
            leavetaking.end_appointment(appointment=held, by=by, at=at)
        return give(person=person, post=post, by=by, at=at)


def reopen(*, person: Person, post: Post, password: str, by: Actor, at: datetime) -> Appointment | Grant:
    """
    Let a closed account be used again, with a handed-out password and a post, which is given or proposed.

    Raises:
        NotPermitted: `by` may not manage accounts of the post's organisation. As `leavetaking.reopen`, `staffing.give_password` and `give`.
    """
    ask_to_manage_organisation(by, post.organisation)
    with db.write():
        leavetaking.reopen(person=person, by=by, at=at)
        staffing.give_password(person=person, new=password, by=by, at=at)
        return give(person=person, post=post, by=by, at=at)


def others_who_countersign(post: Post, *, by: str) -> int:
    """Return how many people besides whoever proposed it (the node's code) could countersign a grant of this post now."""
    held = Appointment.objects.filter(
        ends_at=None, person__is_active=True, post__is_active=True,
        post__organisation__is_active=True, post__organisation__node="",
    ).exclude(person__pseudonym=by)  # fmt: skip
    place = post.organisation
    return len(
        {
            one.person_id
            for one in held.select_related("post__organisation")
            if Permission.ACCOUNTS_MANAGE in one.post.powers()
            and (
                one.post.organisation_id == place.pk
                or (one.post.supervises and reaches(one.post.supervises, place.division_code))
            )
        }
    )


def _decide(grant: Grant, outcome: Grant.Outcome, by: Actor, at: datetime) -> Grant:
    """Close a grant that waits, inside the caller's transaction: of two who decide at once, one wins."""
    if not Grant.objects.filter(pk=grant.pk, outcome="").update(
        outcome=outcome, decided_by=by.staff, decided_at=at
    ):
        raise GrantDecided("未作更改：这项授予已经复核、撤回或未同意。请刷新后再看。")
    return Grant.objects.select_related("person", "post__organisation").get(pk=grant.pk)
