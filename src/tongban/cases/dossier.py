"""
Exporting the dossier of a case (案卷导出): everything another needs to check it, and without a reason no content.

The verifier, which needs none of this, is `cases.verifier`; the format is `cases.dossierfile`.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind, Permission
from tongban.agreements import queries as agreements
from tongban.cases import dossierfile
from tongban.cases.models import Case, DossierExport
from tongban.cases.timeline import timeline
from tongban.catalogue import queries as catalogue
from tongban.kernel import canon, identity, seals, statements, vault
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.events import format_time, read
from tongban.kernel.models import Content, EpochRecord, Seal
from tongban.kernel.models import Event as EventRow

__all__ = ["ContentNeedsReason", "export", "timeline"]


class ContentNeedsReason(InvalidInput):
    """Content leaves the node only for a named person and a stated reason."""

    code = "content_needs_reason"


def export(number: str, *, by: Actor, at: datetime, content_for: tuple[str, str] | None = None) -> bytes:
    """
    Return the signed dossier of a case; with `content_for` (person, reason) its content too. Either is recorded.

    Raises:
        NotFound: no such case, or none that `by` may see.
        NotPermitted: `by` may see it but not take it out.
        ContentNeedsReason: the person or the reason is empty.
        ContentDestroyed: there is no content any more; the dossier without it can still be had.
    """
    case = Case.objects.visible_to(by).filter(number=number).first()
    if case is None:
        raise NotFound(f"没有办件 {number}，或您无权查看。请核对编号。")
    _check_right(case, by, content_for)
    if not identity.me().recovering:
        seals.seal_pending(at)
    with write():
        _note(number, by, at, content_for)
        statements.keep(statements.make(number, case.state["heads"], at))
        content = _content(number) if content_for else None
        document = _document(number, case.state["heads"], content, at)
    return canon.encode(identity.sign(document))


def _check_right(case: Case, by: Actor, content_for: tuple[str, str] | None) -> None:
    places = (case.intake_org, case.handling_org, case.intake_centre, case.handling_centre)
    own = by.kind is ActorKind.SYSTEM or by.kind is ActorKind.APPLICANT or by.organisation in places
    if not own and not by.may(Permission.CASE_SUPERVISE):
        raise NotPermitted(f"您不能导出办件 {case.number} 的案卷。请由承办机构或有督办权限的岗位导出。")
    if content_for is None:
        return
    if by.kind is not ActorKind.SYSTEM and not by.may(Permission.CASE_CONTENT):
        raise NotPermitted(
            f"您不能导出办件 {case.number} 的材料内容。请导出不含内容的案卷，或由有权岗位办理。"
        )
    if not all(text.strip() for text in content_for):
        raise ContentNeedsReason(f"导出办件 {case.number} 的材料内容须写明何人、为何取得。请补齐后重试。")


def _note(number: str, by: Actor, at: datetime, content_for: tuple[str, str] | None) -> None:
    reason = ""
    if content_for is not None:
        person, why = (text.strip() for text in content_for)
        reason = vault.put(number, "export", canon.encode({"person": person, "reason": why})).digest
    DossierExport.objects.create(
        number=number, at=at, staff=by.staff or by.applicant, organisation=by.organisation,
        with_content=content_for is not None, reason=reason,
    )  # fmt: skip


def _document(
    number: str, heads: Mapping[str, Any], content: dict[str, str] | None, at: datetime
) -> dict[str, Any]:
    order = ("role", "term", "seq")
    rows = list(EventRow.objects.filter(case=number))
    rows.sort(key=lambda row: (row.role != "intake", *(getattr(row, name) for name in order)))
    documents = [read(row.raw.encode()).document for row in rows]
    kept = _statements(number, heads)
    guides, agreed = _papers(documents)
    me = identity.fingerprint()
    nodes = {me, *(row.node for row in rows), *(str(document["signer"]) for document in kept)}
    nodes |= {guide["node"] for guide in guides.values()}
    nodes |= {party["node"] for document in agreed.values() for party in document["parties"]}
    epochs = (
        EpochRecord.objects.filter(node__in=nodes).order_by("node", "epoch").values_list("raw", flat=True)
    )
    return dossierfile.assemble(
        case=number, exporter=me, at=format_time(at), events=documents, statements=kept, guides=guides,
        agreements=agreed, nodes={node: identity.chain_of(node).documents() for node in sorted(nodes)},
        epochs=[canon.decode(raw.encode()) for raw in epochs], seals=_seals(rows, nodes - {me}), content=content,
    )  # fmt: skip


def _statements(number: str, heads: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was signed of this case: of the same heads by the same signer the first, which witnesses most."""
    kept: dict[bytes, dict[str, Any]] = {}
    for document in statements.kept(number):
        # News that is signed for but not adopted yet is no part of what we hold.
        if all(head[0] <= heads.get(chain, [0])[0] for chain, head in document["heads"].items()):
            kept.setdefault(canon.encode([document["signer"], document["key"], document["heads"]]), document)
    return list(kept.values())


def _papers(documents: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    guides: dict[str, Any] = {}
    agreed: dict[str, Any] = {}
    for document in documents:
        for binding in document["effects"].get("bind", ()):
            name = binding["offering"]["digest"]
            guides[name] = guides.get(name) or catalogue.guide_by_digest(name).signed
            name = binding["agreement"]["digest"]
            agreed[name] = agreed.get(name) or agreements.agreement_by_digest(name).document
    return guides, agreed


def _seals(rows: Sequence[EventRow], others: Iterable[str]) -> dict[str, Any]:
    leaves = [row.leaf for row in rows if row.own and row.leaf is not None]
    own = seals.sealing(leaves) if leaves else []
    inclusion = []
    for row in rows:
        found = seals.inclusion(row) if row.own and own else None
        if found:
            inclusion.append(
                {
                    "chain": f"{row.role}/{row.term}",
                    "seq": row.seq,
                    "leaf": found["leaf"],
                    "path": found["path"],
                }
            )
    latest = [seals.latest(node) for node in sorted(others) if Seal.objects.filter(node=node).exists()]
    return {
        "own": own, "proofs": seals.proofs_between([document["size"] for document in own]),
        "inclusion": inclusion, "peers": latest,
    }  # fmt: skip


def _content(number: str) -> dict[str, str]:
    """Return what the events name of the case's content, as salted streams in base64."""
    vault.case_key(number)  # refuses what was destroyed
    named = {
        piece["digest"]
        for raw in EventRow.objects.filter(case=number).values_list("raw", flat=True)
        for piece in read(raw.encode()).content
    }
    found = {}
    for row in Content.objects.filter(case=number, digest__in=named, complete=True).order_by("id"):
        stream = b"".join(vault.read_chunk(number, row.digest, i) for i in range(vault.chunk_count(row.size)))
        found[row.digest] = base64.b64encode(stream).decode()
    return found
