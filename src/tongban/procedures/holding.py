"""What this node holds of a matter, as the exchange asks for it: state, heads, what follows them, statements that may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.kernel import identity
from tongban.kernel.journal import statements
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Event as EventRow
from tongban.kernel.prepared import Prepared
from tongban.procedures import transfers
from tongban.procedures.models import Matter


def state_held(subject: str) -> State | None:
    """Return the state of a matter as this node holds it, or nothing."""
    rows = _state_of.rows(subject)
    return State.from_dict(rows[0][0]) if rows else None


_state_of = Prepared(
    lambda subject: Matter.objects.filter(number=subject).values_list("state", flat=True), str
)


def holds(subject: str, chain: str, head: Sequence[Any]) -> bool:
    """Return whether this node holds the very event that `head` ([seq, hash]) of a chain names."""
    role, term = chain.split("/")
    return EventRow.objects.filter(subject=subject, role=role, term=term, seq=head[0], hash=head[1]).exists()


def stands_at(state: State, chain: str, head: Sequence[Any]) -> bool:
    """Return whether this node holds the very event that a head names, by the state it holds where that says so."""
    held = state.heads.get(chain)
    return (held is not None and list(head) == list(held[:2])) or holds(state.subject, chain, head)


def rows_after(subject: str, heads: Mapping[str, Sequence[Any]]) -> list[EventRow]:
    """Return the rows of what follows `heads` of each chain, ours and relayed, in the order we came to hold them."""
    rows = EventRow.objects.filter(subject=subject).order_by("id")
    return [row for row in rows if row.seq > int((heads.get(f"{row.role}/{row.term}") or [0])[0])]


def keep_statements(signed: Iterable[Mapping[str, Any]], state: State) -> None:
    """Keep those statements, whose signatures hold, that count: of a party, over what we hold or do not hold yet."""
    for document in signed:
        if counts(document, state):
            statements.keep(document)


def is_good_statement(document: Mapping[str, Any], state: State, at: datetime) -> bool:
    """Return whether a statement about a matter may be kept and shown to others."""
    return transfers.is_signed(document, (state.procedure, state.subject), at) and counts(document, state)


def counts(document: Mapping[str, Any], state: State) -> bool:
    """Return whether a statement whose signature holds counts: of a party, over what we hold or do not hold yet."""
    if document["signer"] not in state.parties() or not _knows_our_keys(document):
        return False
    return all(_fits(state, chain, head) for chain, head in document["heads"].items())


def _knows_our_keys(document: Mapping[str, Any]) -> bool:
    """Nobody knows more of our key records than we: a dossier of ours would miss for ever what was never written."""
    me = identity.fingerprint()
    return bool(document["keys"].get(me, 0) <= len(identity.chain_of(me).records))


def _fits(state: State, chain: str, head: Sequence[Any]) -> bool:
    held = state.heads.get(chain)
    if held is None or head[0] > held[0]:
        # Of what others write there may be more than we hold; of our own nobody holds more.
        return state.owner(chain) not in (None, identity.fingerprint())
    return stands_at(state, chain, head)
