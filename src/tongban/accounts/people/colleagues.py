"""
Who of this node's staff stands behind a pseudonym: name and post, for colleagues and for the letters they issue.

Events, logs and what goes to other nodes name the pseudonym alone. Nothing here is for applicants' pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from tongban.accounts.access.actor import Actor
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.accounts.people.traces import ApiKey
from tongban.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff of this node, or a machine that acts for one of its posts."""

    name: str
    post: str

    def __str__(self) -> str:
        return f"{self.name}（{self.post}）" if self.post else self.name


def known(pseudonyms: Iterable[str]) -> dict[str, Colleague]:
    """Return those of this node's staff that are meant, by pseudonym; whoever works elsewhere is not among them."""
    wanted = set(pseudonyms) - {""}
    if not wanted:
        return {}
    held = Appointment.objects.filter(person__pseudonym__in=wanted).order_by("starts_at", "pk")
    posts = dict(held.values_list("person__pseudonym", "post__title"))  # the last one counts
    found = {
        person.pseudonym: Colleague(person.name, posts.get(person.pseudonym, ""))
        for person in Person.objects.filter(pseudonym__in=wanted)
    }
    machines = ApiKey.objects.filter(prefix__in=wanted - found.keys()).values_list("prefix", "post__title")
    return found | {prefix: Colleague(f"系统接口 {prefix}", post) for prefix, post in machines}


def beside(by: Actor, permission: str) -> dict[str, Colleague]:
    """Return who else of the actor's organisation holds a post with a permission now, by pseudonym: whom work can be handed to."""
    held = Appointment.objects.filter(
        ends_at=None, person__is_active=True, post__is_active=True, post__organisation__uscc=by.organisation
    ).select_related("person", "post")
    return {
        one.person.pseudonym: Colleague(one.person.name, one.post.title)
        for one in held.order_by("post__title", "person_id")
        if permission in one.post.powers() and one.person.pseudonym != by.staff
    }


def demand(code: str, by: Actor, *, permission: str) -> None:
    """Ask whether work can be handed to a person of this code; raises InvalidInput."""
    if code not in beside(by, permission):
        raise InvalidInput("所选的接办人不在本机构的经办岗位上，未转交。请另选一人，或退回待认领。")


def called(by: Actor) -> tuple[Colleague, str] | None:
    """Return the actor's own name and post, and what the office is called; nothing for who is none of this node's staff."""
    post = Post.objects.filter(organisation__uscc=by.organisation, code=by.post)
    person: Any = (
        Person.objects.filter(pseudonym=by.staff)
        .annotate(
            acts_as=Subquery(post.values("title")[:1]),
            acts_at=Subquery(post.values("organisation__name")[:1]),
        )
        .first()
    )
    return (Colleague(person.name, person.acts_as or ""), person.acts_at or "") if person else None
