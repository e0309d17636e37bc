"""Matters that are about others: how the act that begins one names them, with what was seen of them (docs/protocol.md §18)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.kernel.models import Event
from tongban.procedures import recording
from tongban.procedures.models import Matter

type Named = Matter | str | Mapping[str, Any]


def named(about: Sequence[Named], by: Actor) -> list[dict[str, Any]]:
    """
    Return how an act names the matters it is about.

    A matter that this node does not hold is given as it is to be named, with `head` None.

    Raises:
        NotFound: one that is not here, or that `by` may not see.
    """
    return [dict(one) if isinstance(one, Mapping) else _as_held(recording.visible(one, by)) for one in about]


def _as_held(matter: Matter) -> dict[str, Any]:
    """Name a matter with the event that this node came to hold last: by what that has seen, it tells of the other chains too."""
    last = Event.objects.filter(subject=matter.number).order_by("-id").first()
    head = [f"{last.role}/{last.term}", last.seq, last.hash] if last else None
    return {"procedure": matter.procedure, "subject": matter.number, "head": head}
