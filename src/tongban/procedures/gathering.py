"""
One → many: the phase of a parent is a pure function of its children's, said by an act of its own (docs/protocol.md §18).

Who records a change of a child notes its parent in the same transaction; the background loop looks at what is noted. Parent and
child are begun on one node, whoever else is bound to them, so that node always holds all it asks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from tongban.kernel import identity
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.procedures import commands, held_papers, register
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.models import Matter
from tongban.procedures.procedure import Gathers, Procedure


def gather(parent: str, at: datetime) -> bool:
    """
    Say to which phase its children have brought a parent that was begun here; return whether that is another than its own.

    Raises:
        as `commands.system_act`.
    """
    row = Matter.objects.filter(number=parent).first()
    procedure = register.find(row.procedure) if row else None
    if row is None or procedure is None or procedure.gathers is None:
        return False
    state = State.from_dict(row.state)
    given = {"children": children_of(state, procedure.gathers)}
    if not _would_move(state, procedure, procedure.gathers.act, given, at):
        return False
    commands.system_act(
        matter=parent, act=procedure.gathers.act, role=procedure.founder, at=at, given=given
    )  # fmt: skip
    return True


def children_of(state: State, gathers: Gathers) -> dict[str, str]:
    """Return the phases of a parent's children, by number: matters about it that were begun here."""
    begun = Q(pk__in=())
    for child in (register.find(name) for name in gathers.of):
        if child is not None:
            begun |= Q(
                procedure=child.name, parties__role=child.founder, parties__node=identity.fingerprint()
            )
    found = Matter.objects.filter(begun, about=state.subject).order_by("number")
    return dict(found.values_list("number", "phase"))


def _would_move(state: State, procedure: Procedure, act: str, given: Mapping[str, Any], at: datetime) -> bool:
    """Whether the children say another phase, and it is this node's to say so, from where the parent is."""
    role, rule = procedure.founder, procedure.present.rules[act]
    if state.roles[role]["node"] != identity.fingerprint() or state.phase not in (rule.start or ()):
        return False
    terms, term = held_papers.terms_of(state), state.term_of(role)
    c = Circumstances(state, given, terms, official_day(at), role, term, procedure.present)
    return rule.becomes is not None and rule.becomes(c) != state.phase
