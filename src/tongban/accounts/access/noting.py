"""An actor in the one record of access (`kernel.accesses`): by codes, with the post by which they act."""

from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import accesses
from tongban.kernel.models import Access

_KINDS = {
    ActorKind.STAFF: accesses.Kind.STAFF,
    ActorKind.APPLICANT: accesses.Kind.APPLICANT,
    ActorKind.PEER: accesses.Kind.NODE,
    ActorKind.VISITOR: accesses.Kind.VISITOR,
}


def row(by: Actor, *, at: datetime, otherwise: str = "", **said: Any) -> Access:
    """Return a row about what `by` does on the present occasion; `otherwise` is what it is called where no door says."""
    one = accesses.row(
        at=at, who=by.staff or by.applicant or by.node, organisation=by.organisation, post=by.post,
        channel=str(by.channel), **said,
    )  # fmt: skip
    one.kind = one.kind or str(_KINDS.get(by.kind, ""))
    one.doing = one.doing or otherwise
    return one
