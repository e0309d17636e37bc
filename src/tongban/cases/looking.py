"""First opening (首次查看): whoever opens a case opens the duties of the own organisation with it, once."""

from datetime import datetime

from tongban.accounts.actor import Actor, ActorKind, Permission
from tongban.cases import commands, recording
from tongban.cases.models import Case
from tongban.cases.words import Act, Duty
from tongban.kernel.errors import DomainError

# What the system itself owes needs nobody to look.
_OF_THE_SYSTEM = frozenset({str(Duty.DELIVER)})


def unopened(case: Case, by: Actor) -> list[str]:
    """Return the names of the open duties of the actor's organisation that nobody has opened yet."""
    if by.kind is not ActorKind.STAFF or not by.may(Permission.CASE_CONTENT):
        return []
    return sorted(
        name
        for name, duty in case.state["duties"].items()
        if duty["holder"]["org"] == by.organisation
        and duty["first_opened"] is None
        and duty["kind"] not in _OF_THE_SYSTEM
    )


def first_look(*, case: Case, by: Actor, at: datetime) -> Case:
    """
    Write down that `by` has opened a case, if anything of the own organisation was unopened; return it as it is then.

    Reading never fails because looking could not be written down: somebody else was quicker, or the node may
    only read.
    """
    for names in recording.by_role(unopened(case, by)):
        try:
            case = commands.act(case=case, act=Act.LOOK, by=by, at=at, given={"duties": names})
        except DomainError:
            case = recording.visible(case, by)
    return case
