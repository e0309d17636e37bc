"""The complaint (投诉) as a procedure. Pure."""

from dataclasses import replace

from tongban.complaints import rules_1
from tongban.complaints.words import (
    CODES,
    LABELS,
    PHASE_NAMES,
    ROLE_NAMES,
    TERMINAL,
    TRACK_NAMES,
    Role,
    Track,
)
from tongban.kernel.journal.fold import State
from tongban.procedures import standard
from tongban.procedures.procedure import Procedure, by_word
from tongban.procedures.standard import Powers
from tongban.procedures.tables import Table
from tongban.procedures.words import Standard

NAME = "complaint"
POWERS = Powers(reads=rules_1.READ, supervises=rules_1.APPROVE)

_STANDARD = standard.rules(terminal=TERMINAL, powers=POWERS)
_CLAIM = replace(_STANDARD[Standard.CLAIM], needs=(*_STANDARD[Standard.CLAIM].needs, rules_1.not_recused))

VERSION_1 = Table(
    procedure=NAME, version=1, founder=Role.RECEIVING, roles=tuple(Role),
    rules={**rules_1.ACTS, **_STANDARD, Standard.CLAIM: _CLAIM},
    duties={**rules_1.DUTIES, **standard.duties(TERMINAL)}, clocks=rules_1.CLOCKS, carries=frozenset(Track),
)  # fmt: skip


def label(state: State) -> str:
    """Return the organisation that is complained of."""
    target = state.fact(Role.RECEIVING, "target")
    return str(target.get("org", "")) if isinstance(target, dict) else ""


COMPLAINT = Procedure(
    name=NAME, title="投诉", roles=by_word(ROLE_NAMES), phases=by_word(PHASE_NAMES),
    terminal=frozenset(str(phase) for phase in TERMINAL), tables=(VERSION_1,), label=label,
    words=by_word(TRACK_NAMES), codes={name: by_word(words) for name, words in CODES.items()}, labels=LABELS,
    told=frozenset({"complaint", "contact", "reason", "reply"}), public=True, reads=rules_1.READ, supervises=rules_1.APPROVE,
)  # fmt: skip
