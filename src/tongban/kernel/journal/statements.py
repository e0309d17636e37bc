"""
The one kind of signature on chains: "I hold these heads of this matter".

Sent when a head leaves the node, returned as the receipt, made by each side at conclusion. It covers every
event before the heads, so an act costs no signature of its own; and it says how many key records of each node its signer
knew, so that nobody can leave a revocation out of a dossier (docs/protocol.md §6).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.kernel import identity
from tongban.kernel.crypto import canon, digest, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.journal import writing
from tongban.kernel.journal.events import format_time
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.heads import FORMAT, is_well_formed
from tongban.kernel.models import Statement
from tongban.kernel.prepared import Prepared


def over(state: State, at: datetime, *, moved: bool = False) -> dict[str, Any]:
    """
    Return this node's kept statement over exactly these heads; make and keep one if there is none.

    `moved` says that the heads have just become these: then there is none.
    """
    me = identity.fingerprint()
    last = [] if moved else _own_last.rows(state.subject, me)
    if last:
        document: dict[str, Any] = canon.decode(last[0][0].encode())  # type: ignore[assignment]
        number = identity.chain_of(me).current.number
        same = document["heads"] == _heads(state) and document["keys"] == _keys(state)
        if same and signed.key_numbers(document) == [number]:
            return document
    document = make(state, at)
    keep(document)
    return document


_own_last = Prepared(
    lambda subject, me: (
        Statement.objects.filter(subject=subject, signer=me).order_by("-id").values_list("raw", flat=True)[:1]
    ),
    str,
    str,
)


def make(state: State, at: datetime) -> dict[str, Any]:
    """Return this node's signed statement of the heads it holds."""
    return identity.sign(
        {
            "format": FORMAT, "procedure": state.procedure, "subject": state.subject,
            "signer": identity.fingerprint(), "at": format_time(at), "heads": _heads(state), "keys": _keys(state),
        }
    )  # fmt: skip


def _heads(state: State) -> dict[str, list[Any]]:
    return {chain: list(head[:2]) for chain, head in state.heads.items()}


def _keys(state: State) -> dict[str, int]:
    nodes = {*state.nodes.values(), identity.fingerprint()}
    return {node: len(identity.chain_of(node).records) for node in sorted(nodes)}


def check(document: object, chain: KeyChain, at: datetime | None = None) -> None:
    """
    Return quietly if `document` is a statement signed by the owner of `chain`; with `at`, by a key not revoked then.

    Raises:
        signed.BadSignature: it is not, or not exactly of the form of one.
    """
    if not is_well_formed(document) or document["signer"] != chain.root:  # type: ignore[index]
        raise signed.BadSignature("not a statement of heads by this node")
    signed.check(document, chain, at)  # type: ignore[arg-type]


def keep(document: Mapping[str, Any]) -> None:
    """Store a checked statement, with what else is being written; the same one twice is one."""
    writing.store([kept_as(document)])


def kept_as(document: Mapping[str, Any]) -> writing.Change:
    """Return the change that stores a checked statement; the same one twice is one."""
    raw = canon.encode(document)
    values = {
        "hash": digest.of(raw), "subject": document["subject"], "signer": document["signer"], "raw": raw.decode()
    }  # fmt: skip
    return writing.Insert(Statement, (values,), unless=("hash",))


def kept(subject: str) -> list[dict[str, Any]]:
    """Return all statements about a matter, oldest first."""
    rows = Statement.objects.filter(subject=subject).order_by("id").values_list("raw", flat=True)
    return [canon.decode(raw.encode()) for raw in rows]  # type: ignore[misc]
