"""What an operator reads of the node's offices: who sits where, who was last there, which keys are out."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from tongban.accounts import queries
from tongban.accounts.access.actor import Actor
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.accounts.people.traces import ApiKey
from tongban.accounts.places.models import Hall, Organisation

Rows = dict[int, list[dict[str, Any]]]


def roll(*, for_actor: Actor, uscc: str = "") -> list[dict[str, Any]]:
    """
    Return the organisations that the actor may see (or the one of this USCC), each with its halls, posts,
    people and keys, as plain values.

    People appear by user name and pseudonym only, and only where the actor manages accounts.

    Raises:
        NotFound: no organisation has this USCC.
    """
    places = Organisation.objects.visible_to(for_actor).order_by("node", "division_code", "pk")
    if uscc:
        places = places.filter(pk=queries.organisation(uscc).pk)
    last: Any = queries.last_sign_ins(for_actor=for_actor).filter(pk__in=places)
    seen: dict[int, datetime | None] = {place.pk: place.last_sign_in for place in last}
    posts, halls = _posts(for_actor), _halls()
    return [
        {
            "uscc": place.uscc, "name": place.name, "division": place.division_code, "kind": place.kind,
            "role": place.role, "node": place.node, "last_sign_in": seen.get(place.pk),
            "halls": halls[place.pk], "posts": posts[place.pk],
        }
        for place in places
    ]  # fmt: skip


def _halls() -> Rows:
    rows: Rows = defaultdict(list)
    for hall in Hall.objects.filter(closed_at=None).order_by("pk").prefetch_related("windows"):
        windows = sorted(window.label for window in hall.windows.all() if window.closed_at is None)
        rows[hall.organisation_id].append({"name": hall.name, "address": hall.address, "windows": windows})
    return rows


def _posts(for_actor: Actor) -> Rows:
    people, keys = _people(for_actor), _keys(for_actor)
    rows: Rows = defaultdict(list)
    for post in Post.objects.visible_to(for_actor).filter(is_active=True).order_by("code"):
        rows[post.organisation_id].append(
            {
                "id": post.pk, "code": post.code, "title": post.title, "permissions": post.permissions,
                "supervises": post.supervises, "people": people[post.pk], "keys": keys[post.pk],
            }
        )  # fmt: skip
    return rows


def _people(for_actor: Actor) -> Rows:
    seen = queries.last_seen(Person.objects.visible_to(for_actor), organisations=_reached(for_actor))
    rows: Rows = defaultdict(list)
    open_ones = Appointment.objects.filter(
        ends_at__isnull=True, person__in=Person.objects.visible_to(for_actor)
    )
    for one in open_ones.select_related("person").order_by("person__username"):
        rows[one.post_id].append(
            {
                "username": one.person.username, "pseudonym": one.person.pseudonym,
                "since": one.starts_at, "last_sign_in": seen.get(one.person.pseudonym),
            }
        )  # fmt: skip
    return rows


def _reached(for_actor: Actor) -> set[str]:
    """Return the organisations of whose people the actor may know when they were last there."""
    reached = Organisation.objects.visible_to(for_actor)
    return set(reached.in_reach_of(for_actor).values_list("uscc", flat=True))


def _keys(for_actor: Actor) -> Rows:
    rows: Rows = defaultdict(list)
    for key in ApiKey.objects.visible_to(for_actor).filter(revoked_at__isnull=True).order_by("created_at"):
        rows[key.post_id].append(
            {
                "prefix": key.prefix, "label": key.label,
                "created_at": key.created_at, "last_used_at": key.last_used_at,
            }
        )  # fmt: skip
    return rows
