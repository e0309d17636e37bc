"""What an actor may see of accounts: the start of every list and detail."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind, Permission

if TYPE_CHECKING:
    from tongban.accounts.models import ApiKey, Applicant, Organisation, Person, Post, SignIn  # noqa: F401


def _place(actor: Actor, prefix: str) -> Q:
    """Return the condition for the actor's own organisation and the divisions it supervises."""
    if actor.kind is ActorKind.SYSTEM:
        return Q()
    own = Q(**{f"{prefix}uscc": actor.organisation}) if actor.organisation else Q(pk__in=[])
    if actor.supervises:
        own |= Q(**{f"{prefix}division_code__startswith": actor.supervises})
    return own


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations are public: whom to turn to is no secret. `managed_by` narrows."""

    def visible_to(self, actor: Actor) -> Self:
        """Return all organisations in use; the node itself also sees closed ones."""
        return self if actor.kind is ActorKind.SYSTEM else self.filter(is_active=True)

    def in_reach_of(self, actor: Actor) -> Self:
        """Return the actor's own organisation and those in the divisions it supervises."""
        return self.filter(_place(actor, ""))


class PostQuerySet(models.QuerySet["Post"]):
    """Posts are seen by their own organisation and by those who supervise it."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the posts of the organisations in the actor's reach."""
        return self.filter(_place(actor, "organisation__"))


class PersonQuerySet(models.QuerySet["Person"]):
    """Staff are seen by those who manage accounts where they work, and by themselves."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the people whose appointments lie in the actor's reach, and the actor."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        themselves = Q(pseudonym=actor.staff) if actor.staff else Q(pk__in=[])
        if not actor.may(Permission.ACCOUNTS_MANAGE):
            return self.filter(themselves)
        reach = _place(actor, "appointments__post__organisation__")
        return self.filter(themselves | Q(pk__in=self.model._default_manager.filter(reach).values("pk")))


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys are seen by those who manage accounts where they act."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the keys in the actor's reach; none without the permission to manage accounts."""
        if actor.kind is not ActorKind.SYSTEM and not actor.may(Permission.ACCOUNTS_MANAGE):
            return self.none()
        return self.filter(_place(actor, "post__organisation__"))


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    """An applicant's account is seen by its owner alone; cases carry what the offices need."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own account."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(pseudonym=actor.applicant) if actor.applicant else self.none()


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sign-ins are seen by supervisors of the place, and one's own by oneself."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own sign-ins and, for supervisors, those of the divisions they watch."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        themselves = actor.staff or actor.applicant
        seen = Q(pseudonym=themselves) if themselves else Q(pk__in=[])
        if actor.may(Permission.CASE_SUPERVISE) or actor.may(Permission.ACCOUNTS_MANAGE):
            # By code, not by key: sign-ins outlive the organisations they name.
            from tongban.accounts.places.models import Organisation

            watched = Organisation.objects.in_reach_of(actor).values("uscc")
            seen |= Q(organisation__in=watched)
        return self.filter(seen)
