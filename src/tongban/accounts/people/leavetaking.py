"""
People losing their posts: one, or all with the account, which may be opened again.

Before that it is asked that accounts are still managed, and that nothing they have claimed is left behind.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation, reaches
from tongban.accounts.people import opened, telling
from tongban.accounts.people.grants import Grant
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.kernel import db
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.models import Duty


class LastManager(DomainError):
    """Nobody else in use could manage the accounts that this post does; nothing was changed."""

    code = "last_manager"


class StillHolds(DomainError):
    """The person has claimed duties that are still open, and nobody could end them then; nothing was changed."""

    code = "still_holds_duties"


def end_appointment(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """
    End an appointment (免职) at `at`; ended appointments stay on record.

    Raises:
        NotPermitted: `by` may not manage accounts of the post's organisation.
        LastManager: nobody else could manage the accounts that this post does.
        StillHolds: it is the last post there, and the person has claimed what that organisation owes.
        DomainError: it has ended already.
    """
    ask_to_manage_organisation(by, appointment.post.organisation)
    with db.write():
        demand_successor([appointment])
        others = appointment.person.appointments.filter(
            ends_at=None, post__organisation=appointment.post.organisation
        )
        if not others.exclude(pk=appointment.pk).exists():
            demand_free(appointment.person, organisations=[appointment.post.organisation.uscc])
        ended = Appointment.objects.filter(pk=appointment.pk, ends_at__isnull=True).update(ends_at=at)
        if ended:
            telling.of_appointment("post_taken", appointment, by=by, at=at)
    if not ended:
        raise DomainError("任职未变更：该任职已经结束。请刷新后再看。")
    appointment.ends_at = at
    return appointment


def deactivate_person(*, person: Person, by: Actor, at: datetime) -> Person:
    """
    Close a person's account and end all their appointments; sessions in use end with the next request, and posts that are
    proposed for them come to nothing.

    Raises:
        NotPermitted: one of the appointments is in an organisation that `by` may not manage.
        LastManager: nobody else could manage the accounts that this person does.
        StillHolds: they have claimed duties, which nobody could end then.
    """
    open_ones = list(person.appointments.filter(ends_at__isnull=True).select_related("post__organisation"))
    proposed = list(person.grants.filter(outcome="").select_related("person", "post__organisation"))
    if not open_ones and not proposed and by.kind is not ActorKind.SYSTEM:
        raise NotPermitted("账号未停用：该人员没有任何在任岗位，请由本节点管理员在命令行处理。")
    for post in [one.post for one in open_ones] + [one.post for one in proposed]:
        ask_to_manage_organisation(by, post.organisation)
    with db.write():
        ending = list(person.appointments.filter(ends_at__isnull=True).select_related("post__organisation"))
        demand_successor(ending)
        demand_free(person)
        person.appointments.filter(ends_at__isnull=True).update(ends_at=at)
        person.is_active = False
        person.save(update_fields=["is_active"])
        for appointment in ending:
            telling.of_appointment("post_taken", appointment, by=by, at=at)
        for grant in proposed:
            grant.outcome, grant.decided_by, grant.decided_at = Grant.Outcome.WITHDRAWN, by.staff, at
            grant.save(update_fields=["outcome", "decided_by", "decided_at"])
            telling.of_grant("grant_declined", grant, by=by, at=at)
        telling.of_person("person_closed", person, by=by, at=at)
        opened.end(owner=person.pseudonym)
    return person


def reopen(*, person: Person, by: Actor, at: datetime) -> Person:
    """
    Let a closed account be used again; it holds no post, and its old password should not be left. The caller has asked who may.

    Raises:
        DomainError: it is in use.
    """
    with db.write():
        if not Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            raise DomainError("账号未恢复：该账号在用。请刷新后再看。")
        person.is_active = True
        telling.of_person("person_reopened", person, by=by, at=at)
    return person


def demand_successor(ending: Iterable[Appointment]) -> None:
    """
    Ask whether somebody else manages accounts wherever these appointments do; inside the caller's transaction.

    Raises:
        LastManager: nobody does.
    """
    ending = list(ending)
    if not any(Permission.ACCOUNTS_MANAGE in one.post.powers() for one in ending):
        return
    posts = {
        post.pk: post
        for post in Post.objects.filter(
            is_active=True, organisation__is_active=True, organisation__node=""
        ).select_related("organisation")
        if Permission.ACCOUNTS_MANAGE in post.powers()
    }
    # In one order and locked: of two managers who close each other at once, the second finds nobody else.
    rows = list(
        Appointment.objects.select_for_update().filter(post__in=list(posts), ends_at=None).order_by("pk")
    )
    active = set(
        Person.objects.filter(pk__in={row.person_id for row in rows}, is_active=True).values_list(
            "pk", flat=True
        )
    )
    gone = {one.pk for one in ending}
    left = [posts[row.post_id] for row in rows if row.person_id in active and row.pk not in gone]
    for one in ending:
        managed = posts.get(one.post_id)
        if managed is not None and not any(_covers(other, managed) for other in left):
            raise LastManager(
                f"未作更改：这是最后一位能管理{managed.organisation}账号的管理员，离任后无人能管理。请先任命另一位账号管理员。"
            )


def claimed(person: Person, *, organisations: Collection[str] | None = None) -> int:
    """Return how many open duties somebody has claimed, of these organisations (USCC) or of all."""
    found = Duty.objects.filter(closed_at=None, claimed_by=person.pseudonym)
    return (found if organisations is None else found.filter(organisation__in=organisations)).count()


def demand_free(person: Person, *, organisations: Collection[str] | None = None) -> None:
    """Ask whether somebody has claimed nothing that is open; raises StillHolds."""
    count = claimed(person, organisations=organisations)
    if count:
        raise StillHolds(
            f"未作更改：此人还认领着 {count} 项未了结的事项，离任后无人能办。请先退回待认领，或由本人转交。"
        )


def _covers(other: Post, managed: Post) -> bool:
    here = other.organisation_id == managed.organisation_id
    division = managed.organisation.division_code
    if not here and not (other.supervises and reaches(other.supervises, division)):
        return False
    return not managed.supervises or bool(other.supervises and reaches(other.supervises, managed.supervises))
