"""The designs of procedures for the desk, one module each; a procedure without one is shown by its rule table alone."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.procedures import register
from tongban.web.designs.design import Design

_DESIGNS: dict[str, Design] = {}


def enter(design: Design) -> None:
    """Let the desk show a procedure by a design."""
    _DESIGNS[design.procedure] = design


def design_of(procedure: str) -> Design:
    """Return the design of a procedure; of one without, what its rules say. Raises UnknownProcedure."""
    known = register.of(procedure)
    return _DESIGNS.get(procedure) or Design(procedure, known.title, gettext_lazy("这里还没有内容。"))


def design_for(procedure: str, actor: Actor) -> Design:
    """
    Return the design of a procedure for somebody.

    Raises:
        NotFound: there is no such desk. NotPermitted: it is not theirs.
    """
    if register.find(procedure) is None or procedure in OF_THEIR_OWN:
        raise NotFound(_("没有这个页面。请从首页重新进入。"))
    design = design_of(procedure)
    if not design.lets(actor):
        raise NotPermitted(_("您的岗位不能使用这个页面。请换用有权岗位的账号登录。"))
    return design


def design_opened_by(procedure: str, actor: Actor) -> Design:
    """Return the design of a procedure for whoever wants to open a matter of it; raises as `design_for`."""
    known = register.find(procedure) is not None and procedure not in OF_THEIR_OWN
    stranger = actor.kind is ActorKind.APPLICANT and not actor.applicant
    return design_of(procedure) if known and stranger else design_for(procedure, actor)


def anybody_with_a_desk(actor: Actor) -> bool:
    """Return whether some desk lets somebody in."""
    return any(one.lets(actor) for one in everyone())


def anybody_who_opens(actor: Actor) -> bool:
    """Return whether somebody may open a matter of some procedure."""
    return any(one.opening is not None and one.opening.lets(actor) for one in everyone())


def anybody_who_reads(actor: Actor) -> bool:
    """Return whether somebody may read what is said in matters of some procedure: an applicant in the own ones."""
    applicant = actor.kind is ActorKind.APPLICANT
    return any(one.lets(actor) and (applicant or actor.may(one.of.reads)) for one in everyone())


# Whose pages are special altogether.
OF_THEIR_OWN = frozenset({"case"})


def everyone() -> list[Design]:
    """Return the designs of all procedures that the desk shows, in the order of the register."""
    return [design_of(one.name) for one in register.everyone() if one.name not in OF_THEIR_OWN]
