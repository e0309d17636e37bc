"""Who looked at a matter (谁看过), for supervisors, auditors and whoever it is about; and the whole record for auditors."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.models import Post
from tongban.kernel.accesses import OK
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import numbers
from tongban.kernel.time.clock import OFFICIAL
from tongban.procedures import queries as matters
from tongban.procedures.models import supervised_by
from tongban.supervision.models import Look

EXPORTS = ("dossier", "tongban dossier export", "tongban audit export", "tongban backup")
REFUSED, EXPORTED, MANAGED = "refused", "exported", "managed"


def may_ask(actor: Actor) -> bool:
    """Return whether somebody may ask who looked at some matter at all."""
    return actor.kind is ActorKind.APPLICANT or bool(supervised_by(actor)) or actor.may(Permission.AUDIT_READ)


def of_matter(typed: str, actor: Actor) -> "QuerySet[Look]":
    """
    Return who looked at a matter, the last one first, as far as `actor` may know.

    Raises:
        numbers.BadNumber: no number. NotFound: no matter that `actor` may see. NotPermitted: `actor` does not watch over it.
    """
    number = str(numbers.parse(typed))
    if not actor.may(Permission.AUDIT_READ):
        found = matters.matter(typed, actor)
        if actor.kind is ActorKind.STAFF and found.procedure not in supervised_by(actor):
            raise NotPermitted("您的岗位不能查看谁看过这个事项。请由督办岗位查看。")
    rows: QuerySet[Look] = Look.objects.visible_to(actor).filter(matter=number).order_by("-pk")
    return rows


def everything(actor: Actor, what: str = "") -> "QuerySet[Look]":
    """Return the whole record as `actor` may audit it, the last one first: all, what was refused, exported or managed."""
    if not actor.may(Permission.AUDIT_READ):
        return Look.objects.none()
    rows: QuerySet[Look] = Look.objects.visible_to(actor).order_by("-pk")
    return {
        REFUSED: rows.exclude(result=OK), EXPORTED: rows.filter(doing__in=EXPORTS),
        MANAGED: rows.filter(kind="operator"),
    }.get(what, rows)  # fmt: skip


def on_day(rows: "QuerySet[Look]", day: date) -> "QuerySet[Look]":
    """Keep what was on a day."""
    begin = datetime.combine(day, time.min, OFFICIAL)
    return rows.filter(at__gte=begin, at__lt=begin + timedelta(days=1))


def of_post(rows: "QuerySet[Look]", place: str) -> "QuerySet[Look]":
    """Keep what was done on a post, written `organisation:post`."""
    organisation, _, post = place.partition(":")
    return rows.filter(organisation=organisation, post=post)


def posts_of(rows: "QuerySet[Look]") -> list[str]:
    """Return the posts that some looks are of, written `organisation:post`."""
    told = rows.order_by().exclude(organisation="").values_list("organisation", "post").distinct()
    return sorted(f"{organisation}:{post}" for organisation, post in told)


def titles_of(places: list[str]) -> dict[str, str]:
    """Return what posts are called, by `organisation:post`; one that there is no more by its code."""
    wanted = [place.partition(":") for place in places]
    asked = Q(pk__in=[])
    for organisation, _, post in wanted:
        asked |= Q(organisation__uscc=organisation, code=post)
    rows: Any = Post.objects.filter(asked).values_list("organisation__uscc", "code", "title")
    known = {f"{organisation}:{code}": title for organisation, code, title in rows}
    return {place: known.get(place, place.partition(":")[2]) for place in places}
