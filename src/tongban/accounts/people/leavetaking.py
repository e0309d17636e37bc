"""What is asked before somebody loses a post: that accounts are still managed, and that nothing they have claimed is left behind."""

from collections.abc import Collection, Iterable

from tongban.accounts.access.actor import Permission
from tongban.accounts.access.authority import reaches
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.kernel.errors import DomainError
from tongban.kernel.models import Duty


class LastManager(DomainError):
    """Nobody else in use could manage the accounts that this post does; nothing was changed."""

    code = "last_manager"


class StillHolds(DomainError):
    """The person has claimed duties that are still open, and nobody could end them then; nothing was changed."""

    code = "still_holds_duties"


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
