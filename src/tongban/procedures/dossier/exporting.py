"""
Exporting the dossier of a matter (案卷导出): everything another needs to check it, and without a reason no content.

The verifier, which needs none of this, is `dossier.verifier`; the format is `dossier.dossierfile`.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind, actor_document
from tongban.kernel import identity, vault
from tongban.kernel.crypto import canon, signed
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import nodechain, seals, statements
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event, format_time
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Content, EpochRecord
from tongban.kernel.models import Event as EventRow
from tongban.procedures import forks, held_papers, holding, queries, register
from tongban.procedures.dossier import dossierfile
from tongban.procedures.dossier.timeline import timeline
from tongban.procedures.models import DossierExport, Matter
from tongban.procedures.papers_named import named_by

__all__ = ["ContentNeedsReason", "export", "timeline"]


class ContentNeedsReason(InvalidInput):
    """Content leaves the node only for a named person and a stated reason."""

    code = "content_needs_reason"


def export(number: str, *, by: Actor, at: datetime, content_for: tuple[str, str] | None = None) -> bytes:
    """
    Return the signed dossier of a matter; with `content_for` (person, reason) its content too. Either is recorded.

    Raises:
        BadNumber: no number. NotFound: no such matter, or none that `by` may see.
        NotPermitted: `by` may see it but not take it out.
        ContentNeedsReason: the person or the reason is empty.
        ContentDestroyed: there is no content any more; the dossier without it can still be had.
    """
    matter = queries.matter(number, by)
    number = matter.number
    _check_right(matter, by, content_for)
    if not identity.me().recovering:
        seals.seal_pending(at)
    with write():
        _note(number, by, at, content_for)
        state = State.from_dict(matter.state)
        statements.keep(statements.make(state, at))
        content = _content(number) if content_for else None
        document = _document(state, content, at)
    return canon.encode(identity.sign(document))


def _check_right(matter: Matter, by: Actor, content_for: tuple[str, str] | None) -> None:
    places = {place for bound in matter.state["roles"].values() for place in (bound["org"], bound["office"])}
    procedure, called = register.find(matter.procedure), register.named(matter.procedure, matter.number)
    own = by.kind is ActorKind.SYSTEM or by.kind is ActorKind.APPLICANT or by.organisation in places
    if not own and not (procedure and by.may(procedure.supervises)):
        raise NotPermitted(f"您不能导出{called} 的案卷。请由承办机构或有督办权限的岗位导出。")
    if content_for is None:
        return
    if by.kind is not ActorKind.SYSTEM and not (procedure and by.may(procedure.reads)):
        raise NotPermitted(f"您不能导出{called} 的材料内容。请导出不含内容的案卷，或由有权岗位办理。")
    if not all(text.strip() for text in content_for):
        raise ContentNeedsReason(f"导出{called} 的材料内容须写明何人、为何取得。请补齐后重试。")


def _note(number: str, by: Actor, at: datetime, content_for: tuple[str, str] | None) -> None:
    reason = ""
    if content_for is not None:
        person, why = (text.strip() for text in content_for)
        reason = vault.put(number, "export", canon.encode({"person": person, "reason": why})).digest
    row = DossierExport.objects.create(
        number=number, at=at, staff=by.staff or by.applicant, organisation=by.organisation,
        with_content=content_for is not None, reason=reason,
    )  # fmt: skip
    nodechain.tell(
        "dossier_exported", row, by=actor_document(by), at=at, matter=number, content=row.with_content
    )


def _document(state: State, content: dict[str, str] | None, at: datetime) -> dict[str, Any]:
    number, me = state.subject, identity.fingerprint()
    procedure = register.find(state.procedure)
    founder = procedure.founder if procedure else ""
    rows = sorted(
        EventRow.objects.filter(subject=number),
        key=lambda row: (row.role != founder, row.role, row.term, row.seq),
    )
    written = [journal.read_row(row.raw, row.body) for row in rows]
    kept, named = _statements(state), _papers(written)
    disputed = forks.shown(number)
    nodes = {me, *(row.node for row in rows), *(str(document["signer"]) for document in kept)}
    nodes |= {paper["node"] for paper in named.values() if "node" in paper}
    nodes |= {party["node"] for paper in named.values() for party in paper.get("parties", ())}
    epochs = (
        EpochRecord.objects.filter(node__in=nodes).order_by("node", "epoch").values_list("raw", flat=True)
    )
    return dossierfile.assemble(
        procedure=state.procedure, subject=number, exporter=me, at=format_time(at),
        events=[event.document for event in written],
        bodies={event.document["body"]: event.body for event in written if event.body is not None},
        statements=kept, papers=named, tables=_tables(state.procedure, written), forks=disputed,
        nodes={node: identity.chain_of(node).documents() for node in sorted(nodes)},
        epochs=[canon.decode(raw.encode()) for raw in epochs], seals=_seals(rows), content=content,
    )  # fmt: skip


def _statements(state: State) -> list[dict[str, Any]]:
    """Return what was signed of this case: of the same heads by the same signer the first, which witnesses most."""
    kept: dict[bytes, dict[str, Any]] = {}
    for document in statements.kept(state.subject):
        # News that is signed for but not adopted yet is no part of what we hold; nor is another branch.
        here = all(
            head[0] <= state.heads.get(chain, [0])[0] and holding.holds(state.subject, chain, head)
            for chain, head in document["heads"].items()
        )
        if here and document["signer"] in state.parties():
            told = [document["signer"], signed.key_numbers(document), document["heads"], document["keys"]]
            kept.setdefault(canon.encode(told), document)
    return list(kept.values())


def _papers(written: Iterable[Event]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in written:
        for papers in named_by(event):
            for paper in papers:
                name = paper["digest"]
                if name in found:
                    continue
                document = held_papers.signed(paper)
                if document is not None:
                    found[name] = document
    return found


def _tables(procedure: str, written: Iterable[Event]) -> dict[str, Any]:
    named = {event.document["rules"]["digest"] for event in written}
    known = ((name, register.table(procedure, name)) for name in named)
    return {name: table.document for name, table in known if table is not None}


def _seals(rows: Sequence[EventRow]) -> dict[str, Any]:
    leaves = [row.leaf for row in rows if row.own and row.leaf is not None]
    own = seals.sealing(leaves) if leaves else []
    inclusion = []
    for row in rows:
        found = seals.inclusion(row, own[-1]) if row.own and own else None
        if found:
            place = {"chain": f"{row.role}/{row.term}", "seq": row.seq}
            inclusion.append({**place, "leaf": found["leaf"], "path": found["path"]})
    return {
        "own": own, "proofs": seals.proofs_between([document["size"] for document in own]),
        "inclusion": inclusion, "peers": seals.peers_of(rows[0].subject) if rows else [],
    }  # fmt: skip


def _content(number: str) -> dict[str, str]:
    """Return what the events name of the case's content, as salted streams in base64."""
    vault.kept_key(number)  # refuses what was destroyed
    named = {piece["digest"] for event in journal.events_of(number) for piece in event.content}
    found = {}
    for row in Content.objects.filter(subject=number, digest__in=named, complete=True).order_by("id"):
        stream = b"".join(vault.read_chunk(number, row.digest, i) for i in range(vault.chunk_count(row.size)))
        found[row.digest] = base64.b64encode(stream).decode()
    return found
