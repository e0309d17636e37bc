"""What every journey comes down to: the same truth everywhere, and chains that hold."""

from typing import Any

from tests import stories
from tests.world import World
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.projection import columns_of
from tongban.kernel.journal import events, fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Duty
from tongban.kernel.models import Event as EventRow
from tongban.procedures import projection


def same_on_both(world: World, number: str, *keys: str) -> dict[str, Any]:
    """Return the state that both nodes hold, after checking that it is the same."""
    states = [stories.case_on(world, key, number).state for key in keys or ("qingyang", "jiashan")]
    assert all(state == states[0] for state in states)
    return dict(states[0])


def kinds(state: dict[str, Any]) -> list[str]:
    """Return the kinds of open duties, sorted."""
    return sorted(duty["kind"] for duty in state["duties"].values())


def acts(world: World, key: str, number: str) -> list[str]:
    """Return what happened, in the order a node came to know it."""
    with world.on(key):
        return [event.kind for event in journal.events_of(number)]


def consistent(world: World) -> None:
    """Check, on each node, rows, duties and chains of all cases against their events."""
    for key in world.nodes:
        with world.on(key):
            for row in Case.objects.order_by("number"):
                _consistent_case(key, row)


def _consistent_case(key: str, row: Case) -> None:
    known = journal.events_of(row.number)
    state = fold.fold(NAME, row.number, known)
    assert state.to_dict() == row.state, f"{key} {row.number}: the row is not the fold"
    columns = {
        name: value
        for name, value in {**columns_of(state), **projection.matter_of(state)}.items()
        if name != "state"
    }
    assert {name: getattr(row, name) for name in columns} == columns, f"{key} {row.number}"
    _duties_fit(state)
    _chains_hold(row.number)


def _duties_fit(state: State) -> None:
    rows = {duty.name: duty for duty in Duty.objects.filter(subject=state.subject, closed_at=None)}
    assert rows.keys() == state.duties.keys()
    for name, duty in state.duties.items():
        values = journal.duty_values(state.subject, name, duty)
        assert {column: getattr(rows[name], column) for column in values} == values


def _chains_hold(number: str) -> None:
    heads: dict[str, tuple[int, str]] = {}
    for row in EventRow.objects.filter(subject=number).order_by("term", "seq"):
        event = events.read(row.raw.encode())
        seq, prev = heads.get(event.chain, (0, events.genesis(NAME, number, event.role, event.term)))
        assert (event.seq, event.prev) == (seq + 1, prev)
        assert (row.hash, row.kind, row.node) == (event.hash, event.kind, event.node)
        heads[event.chain] = (event.seq, event.hash)
