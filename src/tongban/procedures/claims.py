"""Who has taken what upon themselves (认领): what somebody holds in a matter, and handing it to a colleague or back to all."""

from collections.abc import Sequence
from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import identity
from tongban.kernel.db import write
from tongban.kernel.journal import pseudonyms
from tongban.procedures import commands, possible, recording, register
from tongban.procedures.models import Matter
from tongban.procedures.words import OF_SYSTEM, Standard


def claims_something(actor: Actor) -> bool:
    """Return whether somebody's post takes part in matters of any procedure, so that there may be something to hand over."""
    return actor.kind is ActorKind.STAFF and any(actor.may(one.reads) for one in register.everyone())


def relieves_somebody(actor: Actor) -> bool:
    """Return whether somebody's post watches over matters of any procedure, so that it may give back what another has claimed."""
    return actor.kind is ActorKind.STAFF and any(actor.may(one.supervises) for one in register.everyone())


def held_by(matter: Matter, actor: Actor) -> list[str]:
    """Return the names of the open duties of a matter that somebody has claimed."""
    who = pseudonyms.of(matter.number, actor.staff) if actor.staff else ""
    return [name for name, duty in matter.state["duties"].items() if who and duty["claimed"] == who]


def claimed(matter: Matter) -> list[str]:
    """Return the names of the open duties of a matter that somebody on this node has claimed, whoever it is."""
    here = identity.fingerprint()
    duties = matter.state["duties"].items()
    return [name for name, duty in duties if duty["claimed"] and duty["holder"]["node"] == here]


def claimable(matter: Matter, by: Actor) -> list[str]:
    """Return the duties of the own organisation that nobody has taken upon themselves yet."""
    duties = matter.state["duties"]
    return [
        name
        for name in possible.own_duties(matter, by)
        if duties[name]["kind"] not in OF_SYSTEM and not duties[name]["claimed"]
    ]


def claim(*, matter: Matter, duties: Sequence[str], by: Actor, at: datetime) -> Matter:
    """
    Take duties of a matter upon oneself (认领), by name; return it as it is then.

    Each side is claimed by an act of its own. Raises as `commands.act`.
    """
    for own in recording.by_role(duties) or [[]]:
        matter = commands.act(matter=matter, act=Standard.CLAIM, by=by, at=at, given={"duties": own})
    return matter


def hand_over(*, matter: Matter, colleague: str, by: Actor, at: datetime) -> Matter:
    """
    Hand all that `by` has claimed in a matter to a colleague, or with an empty code back to all (退回待认领); return it as it is then.

    Raises:
        InvalidInput: the colleague holds no post that reads such matters here. And as `commands.act`.
    """
    for own in recording.by_role(held_by(matter, by)):
        given = {"duties": own, "colleague": colleague}
        matter = commands.act(matter=matter, act=Standard.HAND_OVER, by=by, at=at, given=given)
    return matter


def relieve(*, matter: Matter, note: str, by: Actor, at: datetime) -> Matter:
    """Give back to all what somebody absent has claimed in a matter (解除认领), and say why; raises as `commands.act`."""
    with write():
        for own in recording.by_role(claimed(matter)):
            given, texts = {"duties": own}, {"note": note}
            matter = commands.act(matter=matter, act=Standard.RELIEVE, by=by, at=at, given=given, texts=texts)
    return matter
