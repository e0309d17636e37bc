"""First opening (首次查看): whoever opens a matter opens the duties of the own organisation with it, once."""

from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.errors import DomainError
from tongban.procedures import commands, recording, register
from tongban.procedures.models import Matter
from tongban.procedures.words import OF_SYSTEM, Standard


def unopened(matter: Matter, by: Actor) -> list[str]:
    """Return the names of the open duties of the actor's organisation that nobody has opened yet."""
    procedure = register.find(matter.procedure)
    if procedure is None or by.kind is not ActorKind.STAFF or not by.may(procedure.reads):
        return []
    return sorted(
        name
        for name, duty in matter.state["duties"].items()
        if duty["holder"]["org"] == by.organisation
        and duty["first_opened"] is None
        and duty["kind"] not in OF_SYSTEM
    )


def first_look[M: Matter](*, matter: M, by: Actor, at: datetime) -> M:
    """
    Write down that `by` has opened a matter, if anything of the own organisation was unopened; return it as it is then.

    Reading never fails because looking could not be written down: somebody else was quicker, or the node may
    only read.
    """
    names = unopened(matter, by)
    if not names:
        return matter
    for own in recording.by_role(names):
        try:
            commands.act(matter=matter, act=Standard.LOOK, by=by, at=at, given={"duties": own})
        except DomainError:
            continue
    return recording.visible_as(type(matter), matter, by)
