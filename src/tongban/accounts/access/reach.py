"""How far an actor reaches: the condition from which lists of places and of people start."""

from django.db.models import Q

from tongban.accounts.access.actor import Actor, ActorKind


def within_reach(actor: Actor, prefix: str = "") -> Q:
    """Return the condition for the actor's own organisation and the divisions it supervises."""
    if actor.kind is ActorKind.SYSTEM:
        return Q()
    own = Q(**{f"{prefix}uscc": actor.organisation}) if actor.organisation else Q(pk__in=[])
    if actor.supervises:
        own |= Q(**{f"{prefix}division_code__startswith": actor.supervises})
    return own
