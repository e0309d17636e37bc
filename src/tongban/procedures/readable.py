"""Who may read which content of a matter: whose it is, who handles it, who supervises it, who keeps its archive."""

from collections.abc import Callable
from datetime import date

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel import identity
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import disposal, held_papers, register
from tongban.procedures.consultation import Consultation
from tongban.procedures.models import Matter
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import FILE

type MayRead = Callable[[str], bool]


def labels_for(matter: Matter, actor: Actor, *, consulting: bool = True) -> MayRead:
    """
    Return which content, by its label, somebody who sees a matter may read now.

    A supervisor reads form and files while they consult the matter (调阅); not so where `consulting` is left aside.

    Raises:
        NotPermitted: none; the post does not read content, or reads it for another organisation.
    """
    procedure = register.find(matter.procedure)
    if actor.kind is ActorKind.APPLICANT and actor.applicant and actor.applicant == matter.applicant:
        told = procedure.told if procedure else frozenset()
        return lambda label: label in told or label.startswith(FILE)
    if procedure is not None and actor.kind is ActorKind.VISITOR and actor.matter == matter.number:
        return lambda label: label in procedure.visited
    if procedure is not None and actor.kind is ActorKind.STAFF:
        if _handles(matter, actor, procedure) or _appraises(matter, actor):
            gone = is_gone_for(matter, actor.organisation)
            return lambda label: not gone
        if supervises(matter, actor):
            written, consulted = procedure.supervised, consulting and _consults(matter, actor)
            return lambda label: label in written or (consulted and is_handed_in(label))
    raise NotPermitted(
        f"您的岗位不能查看{register.named(matter.procedure, matter.number)} 的材料内容。请由经办岗位查看。"
    )


def reads_form(matter: Matter, actor: Actor) -> bool:
    """Return whether somebody reads the form by their place: then lists show names, and notes can be left. Consulting does neither."""
    try:
        return labels_for(matter, actor, consulting=False)("form")
    except NotPermitted:
        return False


def is_handed_in(label: str) -> bool:
    """Return whether content is what a supervisor reads by consulting alone: the form, or a file."""
    return label == "form" or label.startswith(FILE)


def supervises(matter: Matter, actor: Actor) -> bool:
    """Return whether the post watches over a matter: it is told what offices wrote, and what applicants handed in only by consulting."""
    procedure = register.find(matter.procedure)
    return (
        procedure is not None
        and actor.kind is ActorKind.STAFF
        and bool(procedure.supervised)
        and actor.may(procedure.supervises)
    )


def _consults(matter: Matter, actor: Actor) -> bool:
    """Whether the actor consults the matter just now, and their own side has not destroyed its file."""
    opened = Consultation.objects.filter(number=matter.number).open_to(actor, clock.now())
    return not is_gone_for(matter, actor.organisation) and bool(opened.exists())


def _handles(matter: Matter, actor: Actor, procedure: Procedure) -> bool:
    """Whether the post reads for an organisation that is bound; for a service centre, while it has something to do there."""
    return actor.may(procedure.reads) and any(
        actor.organisation == bound["org"]
        or (actor.organisation == bound["office"] and centre_is_needed(matter, role, bound["office"]))
        for role, bound in matter.state["roles"].items()
    )


def is_gone_for(matter: Matter, organisation: str) -> bool:
    """Return whether an organisation has destroyed its own file, although another role on this node may still keep the content."""
    facts, roles = matter.state["facts"], matter.state["roles"].items()
    own = [role for role, bound in roles if organisation in (bound["org"], bound["office"])]
    return bool(own) and all(facts.get(role, {}).get("destroyed") for role in own)


def centre_is_needed(matter: Matter, role: str, centre: str) -> bool:
    """Return whether a service centre has something to do with a side of a matter: it is parked, or a duty there is the centre's."""
    if matter.state["facts"].get(role, {}).get("parked"):
        return True
    return any(
        name.startswith(f"{role}/") and duty["holder"]["org"] == centre
        for name, duty in matter.state["duties"].items()
    )


def _appraises(matter: Matter, actor: Actor) -> bool:
    """Whether somebody has to judge if content is still worth keeping (鉴定): once the time for keeping it is over here."""
    if matter.live or not (actor.may(Permission.ARCHIVE_DESTROY) or actor.may(Permission.ARCHIVE_APPROVE)):
        return False
    state, me = State.from_dict(matter.state), identity.fingerprint()
    here = [
        bound
        for role, bound in state.roles.items()
        if bound["node"] == me and actor.organisation in (bound["org"], bound["office"])
    ]
    return bool(here) and clock.official_day(clock.now()) > keeps_until(state)


def keeps_until(state: State) -> date:
    """Return the last day on which the content of an ended matter is kept; its papers say, or the table."""
    try:
        terms = held_papers.terms_of(state)
    except NotFound:
        return date.max  # without its papers nobody can say
    return disposal.kept_until(state, register.of(state.procedure).present.years_kept(state.phase, terms))
