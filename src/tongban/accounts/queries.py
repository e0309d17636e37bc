"""Everything that is read from accounts for a page, a report or another app."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.people.models import Applicant, Appointment, Person, Post, PostQuerySet, powers_of
from tongban.accounts.people.opened import Session
from tongban.accounts.places.models import Division, Hall, Organisation, OrganisationQuerySet, Window
from tongban.kernel import accesses
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.models import Access
from tongban.kernel.prepared import Prepared


def actor_for_person(*, person: Person, post: Post, channel: Channel, at: datetime) -> Actor:
    """
    Return the actor that `person` is while acting on `post`.

    Raises:
        NotPermitted: account, post or organisation is closed, sits on another node, or the person does
            not hold the post at `at`.
    """
    appointment = appointments_of(person=person, at=at).filter(post=post).first()
    if appointment is None:
        raise NotPermitted("无法以该岗位办理：您目前不在此岗位任职。请重新登录并选择岗位。")
    return actor_for_appointment(appointment, channel=channel)


def actor_for_appointment(appointment: Appointment, *, channel: Channel) -> Actor:
    """Return the actor for an appointment found by `appointments_of`; reads nothing more."""
    return _staff(appointment.post, appointment.person.pseudonym, channel)


@dataclass(frozen=True, slots=True)
class Holding:
    """That somebody holds a post now: what a session has to be compared with, and who acts by it."""

    password: str
    must_change_password: bool
    password_changed_at: datetime | None
    pseudonym: str
    organisation: str
    post: str
    permissions: frozenset[str]
    supervises: str

    def actor(self, channel: Channel) -> Actor:
        """Return who acts by it."""
        return _acting(
            self.organisation, self.post, self.permissions, self.supervises, self.pseudonym, channel
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """What a session holds, and whom it belongs to: somebody who holds a post, an applicant, or nobody (any more)."""

    told: dict[str, Any]
    holding: Holding | None
    applicant: Applicant | None  # only what signing in looks at is filled in


def caller(session: str, at: datetime) -> Caller | None:
    """
    Return what the session of this stored key holds and whom it belongs to at `at`; nothing where there is none.

    One statement: it is asked in every request (docs/performance.md).
    """
    rows = _callers.rows(session, timezone.now(), at)
    if not rows:
        return None
    told, holds, password, must_change, changed_at, pseudonym, uscc, code, permissions, supervises, *owner = (
        rows[0]
    )
    holding = applicant = None
    if holds:
        powers = powers_of(permissions)
        holding = Holding(password, bool(must_change), changed_at, pseudonym, uscc, code, powers, supervises)
    if owner[0]:
        _, own_password, own_pseudonym, assurance = owner
        applicant = Applicant(password=own_password, pseudonym=own_pseudonym, assurance=assurance)
    return Caller(told, holding, applicant)


_callers = Prepared(
    lambda session, now, at: Session.objects.filter(key=session, ends_at__gt=now).annotate(
        holds=Exists(appointments_of(person=OuterRef("person"), at=at).filter(post=OuterRef("post")).order_by())
    ).values_list(
        "told", "holds", "person__password", "person__must_change_password", "person__password_changed_at", "person__pseudonym",
        "post__organisation__uscc", "post__code", "post__permissions", "post__supervises",
        "applicant__is_active", "applicant__password", "applicant__pseudonym", "applicant__assurance",
    ),
    str, datetime, datetime,
)  # fmt: skip


def _staff(post: Post, pseudonym: str, channel: Channel) -> Actor:
    organisation = post.organisation.uscc
    return _acting(organisation, post.code, post.powers(), post.supervises, pseudonym, channel)


def _acting(
    organisation: str, post: str, powers: frozenset[str], supervises: str, pseudonym: str, channel: Channel
) -> Actor:
    return Actor(
        kind=ActorKind.STAFF, channel=channel, organisation=organisation, post=post, staff=pseudonym,
        assurance=Applicant.Assurance.VERIFIED, permissions=powers, supervises=supervises,
    )  # fmt: skip


def verified(actor: Actor) -> Applicant | None:
    """Return the account of an applicant who acts, if it has proved who they are (已实名)."""
    found = Applicant.objects.filter(pseudonym=actor.applicant).exclude(identity_lookup="")
    return found.first() if actor.applicant else None


def applicant_known_by(lookup: str) -> str:
    """Return the code of the account that has proved an identity, by its keyed hash (`applicants.identity_key`); nothing if none has."""
    found = Applicant.objects.filter(identity_lookup=lookup, is_active=True).exclude(identity_lookup="")
    return found.values_list("pseudonym", flat=True).first() or ""


def actor_for_applicant(*, applicant: Applicant, channel: Channel, assurance: int | None = None) -> Actor:
    """Return the actor that the owner of an account is; the assurance is the account's unless one is given."""
    return Actor(
        kind=ActorKind.APPLICANT,
        channel=channel,
        applicant=applicant.pseudonym,
        assurance=applicant.assurance if assurance is None else assurance,
    )


def actor_for_key(*, post: Post, prefix: str, only: Collection[str] = ()) -> Actor:
    """Return the actor for a machine's key, which acts as `post` under the key's prefix, or for a part of its permissions."""
    actor = replace(_staff(post, prefix, Channel.API), machine=True)
    if not only:
        return actor
    return replace(actor, permissions=actor.permissions & set(only), withheld=actor.permissions - set(only))


def appointments_of(*, person: Person | OuterRef, at: datetime) -> models.QuerySet[Appointment]:
    """Return the appointments by which `person` may act at `at`, oldest first."""
    return (
        Appointment.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)
        .filter(
            person=person,
            person__is_active=True,
            post__is_active=True,
            post__organisation__is_active=True,
            post__organisation__node="",
        )
        .select_related("person", "post__organisation")
        .order_by("starts_at", "pk")
    )


def organisation(uscc: str) -> Organisation:
    """
    Return the organisation with this USCC.

    Raises:
        NotFound: none is registered on this node.
    """
    found = Organisation.objects.filter(uscc=uscc).first()
    if found is None:
        raise NotFound(f"机构 {uscc} 未在本节点登记。请核对统一社会信用代码。")
    return found


def competent(*, division: str, role: str) -> Organisation:
    """
    Return the organisation in use that fills `role` (e.g. "public_security") in `division`.

    Raises:
        NotFound: the division has none here.
    """
    found = (
        Organisation.objects.filter(division_code=division, role=role, is_active=True).order_by("pk").first()
    )
    if found is None:
        raise NotFound(f"区划 {division} 没有登记职能为 {role} 的机构。请先登记机构。")
    return found


def posts(*, of: Organisation, for_actor: Actor) -> PostQuerySet:
    """Return the organisation's posts in use, by code."""
    return Post.objects.visible_to(for_actor).filter(organisation=of, is_active=True).order_by("code")


def works_here(uscc: str) -> bool:
    """Return whether an organisation is one of this node's own."""
    return Organisation.objects.filter(uscc=uscc, node="", is_active=True).exists()


def hall_of(organisation: str, window: str = "") -> Hall | None:
    """Return the hall in which an organisation's clerks sit: that of `window` (hall and label), else its first."""
    windows = Window.objects.filter(
        organisation__uscc=organisation, hall__organisation__is_active=True, closed_at=None
    )
    found = list(windows.select_related("hall").order_by("-is_cross_province", "hall", "label"))
    return next((one.hall for one in found if str(one) == window), found[0].hall if found else None)


def windows_of(division: str) -> models.QuerySet[Window]:
    """Return the windows in halls of `division` and everything below it; 专窗 come first."""
    return (
        Window.objects.filter(
            hall__organisation__division_code__startswith=_trunk(division),
            hall__organisation__is_active=True,
            organisation__is_active=True,
            closed_at=None,
        )
        .select_related("hall__organisation", "organisation")
        .order_by("-is_cross_province", "hall__organisation__division_code", "hall", "label")
    )


def last_sign_ins(*, for_actor: Actor) -> OrganisationQuerySet:
    """
    Return this node's organisations in the actor's reach with `last_sign_in`, longest unseen first.

    Empty means nobody has ever signed in.
    """
    last = (
        Access.objects.filter(organisation=OuterRef("uscc"), doing=accesses.SIGN_IN, result=accesses.OK)
        .order_by("-at")
        .values("at")[:1]
    )
    return (
        Organisation.objects.visible_to(for_actor)
        .in_reach_of(for_actor)
        .filter(node="")
        .annotate(last_sign_in=Subquery(last))
        .order_by(models.F("last_sign_in").asc(nulls_first=True), "uscc")
    )


def phones(usccs: Iterable[str]) -> dict[str, str]:
    """Return the telephones under which colleagues reach organisations, by USCC: their own, else that of their hall."""
    wanted = [uscc for uscc in usccs if uscc]
    halls = (
        Hall.objects.filter(organisation__uscc__in=wanted, closed_at=None).exclude(phone="").order_by("-pk")
    )
    known = dict(halls.values_list("organisation__uscc", "phone"))
    own = Organisation.objects.filter(uscc__in=wanted).exclude(phone="")
    return known | dict(own.values_list("uscc", "phone"))


def last_seen(people: QuerySet[Person], *, organisations: Iterable[str]) -> dict[str, datetime]:
    """Return when each of these people signed in last in these organisations, by pseudonym; the caller asks who may know."""
    of_one = Access.objects.filter(
        who=OuterRef("pseudonym"),
        doing=accesses.SIGN_IN,
        result=accesses.OK,
        organisation__in=[*organisations],
    )
    last = Subquery(
        of_one.order_by("-pk").values("at")[:1]
    )  # one by one, by index: not all that was ever recorded
    found = people.order_by().annotate(last=last).values_list("pseudonym", "last")
    return {pseudonym: at for pseudonym, at in found if at}


def nobody_signed_in_since(*, since: datetime, for_actor: Actor) -> OrganisationQuerySet:
    """Return the organisations in the actor's reach in which nobody has signed in since (无人登录)."""
    return last_sign_ins(for_actor=for_actor).filter(Q(last_sign_in__isnull=True) | Q(last_sign_in__lt=since))


def division_named(code: str) -> Division:
    """
    Return the division of this code, the one in force if the code had several lives.

    Raises:
        NotFound: the list has no such code.
    """
    found = (
        Division.objects.filter(code=code).order_by(models.F("valid_to").desc(nulls_first=True), "pk").first()
    )
    if found is None:
        raise NotFound(f"区划代码 {code} 不在行政区划表中。请核对或载入最新区划表。")
    return found


def full_name(code: str) -> str:
    """Return the division's name with those above it: 安徽省池州市青阳县; "" for an unknown code."""
    # Three levels at most, and one query for all of them.
    codes = {code[:2] + "0000", code[:4] + "00", code[:6]}
    names = dict(
        Division.objects.filter(code__in=codes, valid_to__isnull=True)
        .order_by("code")
        .values_list("code", "name")
    )
    return "".join(names.values())


def _trunk(division: str) -> str:
    """Return the prefix that all divisions at and below `division` share."""
    if len(division) > 6:
        return division
    return (
        division[:2] if division.endswith("0000") else division[:4] if division.endswith("00") else division
    )
