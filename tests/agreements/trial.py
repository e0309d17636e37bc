"""How the course of an agreement is tried by its table: good codes for each act, few enough to walk through all that can become of it."""

from datetime import date
from typing import Any

from tests.procedures.trying import Trial, binding, node_of
from tongban.agreements import documents
from tongban.agreements.procedure import AGREEMENT
from tongban.agreements.words import Act, Role
from tongban.kernel.journal.fold import State

TABLE = AGREEMENT.present
PARTIES = [
    {"node": node_of(TABLE, role), "organisation": f"{index:018}", "division": "341723", "name": role}
    for index, role in enumerate(Role)
]
# Over on the day on which everything is tried, so that its end can be reached without waiting.
CODES = {
    "powers": "receive",
    "items": "*",
    "limits": "",
    "valid_from": "2026-01-01",
    "valid_to": "2026-03-01",
    "version": 1,
}
DIGEST = documents.digest_of(
    documents.build(
        agreement_id="A-1", version=1, parties=(PARTIES[0], PARTIES[1]), powers=["receive"], items="*", limits={},
        valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 1),
    )
)  # fmt: skip
BESIDE = frozenset({Act.SUSPEND, Act.RESUME, Act.END, Act.WISH, Act.KEEP, Act.CHANGE, Act.ATTACH})


def _carried(state: State, act: str, role: str, term: int, day: date) -> list[dict[str, Any]]:
    """What can come again and again is tried while no news is on its way, and by one side: else a walk has no end."""
    on_its_way = any(duty["kind"] == "deliver" for duty in state.duties.values())
    if act in BESIDE and state.phase in (TABLE.rules[act].start or ()):
        if on_its_way or state.phase != "in_force" or (TABLE.rules[act].role is None and role != Role.OTHER):
            return []
        if act == Act.WISH and "consider" in {duty["kind"] for duty in state.duties.values()}:
            return []
    draft = {**CODES, "digest": DIGEST}
    by_act: dict[str, dict[str, Any]] = {
        Act.PROPOSE: {**draft, "bind": binding(TABLE, Role.PROPOSER), "parties": PARTIES, "agreement": "A-1"},
        Act.SEND: {"bind": binding(TABLE, Role.OTHER, state.term_of(Role.OTHER) + 1)}, Act.PROPOSE_ANEW: draft,
        Act.CHANGE: draft, Act.COUNTERSIGN: {"digest": DIGEST}, Act.TAKE_IN: {"digest": DIGEST, "until": CODES["valid_to"]},
        Act.END: {"digest": DIGEST, "last_day": "2026-12-31"},
    }  # fmt: skip
    return [by_act.get(Act(act), {})]


TRIAL = Trial(AGREEMENT, _carried)
