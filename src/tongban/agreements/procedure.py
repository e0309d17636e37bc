"""The course of an agreement (通办协议) as a procedure. Pure."""

from tongban.agreements import rules_1
from tongban.agreements.words import CODES, LABELS, NAME, PHASE_NAMES, ROLE_NAMES, TERMINAL, Role
from tongban.kernel.journal.fold import State
from tongban.procedures import standard
from tongban.procedures.procedure import Procedure, by_word
from tongban.procedures.standard import Powers
from tongban.procedures.tables import Table

POWERS = Powers(reads=rules_1.READ, supervises=rules_1.WATCH)

VERSION_1 = Table(
    procedure=NAME, version=1, founder=Role.PROPOSER, roles=tuple(Role),
    rules={**rules_1.ACTS, **standard.rules(terminal=TERMINAL, powers=POWERS)},
    duties={**rules_1.DUTIES, **standard.duties(TERMINAL)},
)  # fmt: skip


def label(state: State) -> str:
    """Return the number of the agreement, which all its versions have."""
    number = state.fact(Role.PROPOSER, "agreement")
    return number if isinstance(number, str) else ""


AGREEMENT = Procedure(
    name=NAME, title="通办协议", roles=by_word(ROLE_NAMES), phases=by_word(PHASE_NAMES),
    terminal=frozenset(str(phase) for phase in TERMINAL), tables=(VERSION_1,), label=label,
    codes={name: by_word(words) for name, words in CODES.items()}, labels=LABELS, reads=rules_1.READ,
    supervises=rules_1.WATCH,
)  # fmt: skip
