"""The filing of a guide (指南备案) as a procedure. Pure."""

from tongban.catalogue.filing import rules_1
from tongban.catalogue.filing.words import CODES, LABELS, PHASE_NAMES, ROLE_NAMES, TERMINAL, Role
from tongban.kernel.journal.fold import State
from tongban.procedures import standard
from tongban.procedures.procedure import Procedure, by_word
from tongban.procedures.standard import Powers
from tongban.procedures.tables import Table

NAME = "guide_filing"
POWERS = Powers(reads=rules_1.READ, supervises=rules_1.SUPERVISE)

VERSION_1 = Table(
    procedure=NAME, version=1, founder=Role.DEPARTMENT, roles=tuple(Role),
    rules={**rules_1.ACTS, **standard.rules(terminal=TERMINAL, powers=POWERS)},
    duties={**rules_1.DUTIES, **standard.duties(TERMINAL)},
)  # fmt: skip


def label(state: State) -> str:
    """Return the code of the offering whose guide it is."""
    return str(state.fact(Role.DEPARTMENT, "offering", ""))


GUIDE_FILING = Procedure(
    name=NAME, title="指南备案", roles=by_word(ROLE_NAMES), phases=by_word(PHASE_NAMES),
    terminal=frozenset(str(phase) for phase in TERMINAL), tables=(VERSION_1,), label=label,
    codes={name: by_word(words) for name, words in CODES.items()}, labels=LABELS, reads=rules_1.READ,
    supervises=rules_1.SUPERVISE,
)  # fmt: skip
