"""Everything that changes an agreement."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Permission, actor_document
from tongban.agreements import documents, queries
from tongban.agreements.documents import Document
from tongban.agreements.models import Agreement
from tongban.kernel import db, identity
from tongban.kernel.crypto import canon
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.journal import nodechain
from tongban.kernel.time import clock


class AgreementContradicts(DomainError):
    """The agreement cannot stand beside what is held here under the same number."""

    code = "agreement_contradicts"


def propose(
    *,
    by: Actor,
    at: datetime,
    other: Mapping[str, str],
    powers: Iterable[str],
    items: str | Iterable[str] = documents.ALL_ITEMS,
    limits: Mapping[str, int] | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    agreement_id: str = "",
) -> Agreement:
    """
    Write and sign an agreement for the other party to countersign (拟定通办协议).

    `other` names the other party: node, organisation, division, name. With the number of an agreement that
    exists, this is its next version. Without `valid_from` it begins today.

    Raises:
        NotPermitted: `by` may not sign for this node.
        AgreementInvalid: the content breaks a rule of agreements.
        AgreementContradicts: the number belongs to an agreement of others.
    """
    return _store(
        drafted(
            by=by, at=at, other=other, powers=powers, items=items, limits=limits, valid_from=valid_from, valid_to=valid_to,
            agreement_id=agreement_id,
        ),
        by, at,
    )  # fmt: skip


def drafted(
    *, by: Actor, at: datetime, other: Mapping[str, str], powers: Iterable[str], items: str | Iterable[str],
    limits: Mapping[str, int] | None, valid_from: date | None, valid_to: date | None, agreement_id: str,
) -> Document:  # fmt: skip
    """Return an agreement, signed by this node and not kept yet; as `propose`."""
    ask_to_sign(by)
    own = queries.own_party()
    number = agreement_id or f"{own['division']}-{other.get('division', '')}-{secrets.token_hex(4)}"
    last = queries.last_version(number)
    if last is not None and {last.party_a, last.party_b} != {own["node"], other.get("node")}:
        raise AgreementContradicts(f"通办协议 {number} 的双方与已有版本不同，未拟定。请另取编号。")
    document = documents.build(
        agreement_id=number,
        version=last.version + 1 if last else 1,
        parties=(own, other),
        powers=powers,
        items=items,
        limits=limits or {},
        valid_from=valid_from or clock.official_day(at),
        valid_to=valid_to,
    )
    return documents.sign_for(document, own["node"], identity.sign)


def countersign(*, by: Actor, at: datetime, document: Document) -> Agreement:
    """
    Sign what the other party proposed and signed (签署); with that it is in force here.

    Raises:
        NotPermitted: `by` may not sign for this node.
        AgreementInvalid: the document breaks a rule, or this node is no party.
        AgreementNotAuthentic: the proposer's signature is missing or wrong.
        AgreementContradicts: another document is in force under the same number and version.
    """
    ask_to_sign(by)
    return _store(countersigned(document=document, at=at), by, at)


def countersigned(*, document: Document, at: datetime) -> Document:
    """Return what the other party proposed with this node's signature added, not kept yet; as `countersign`."""
    documents.demand_valid(document)
    me = identity.fingerprint()
    others = set(documents.nodes_of(document)) - {me}
    documents.check(document, _chains(document), signers=others, at=at)
    return documents.sign_for(document, me, identity.sign)


def import_signed(*, document: Document, by: Actor = SYSTEM, at: datetime | None = None) -> Agreement:
    """
    Adopt an agreement that both parties have signed, bytes unchanged; the same one twice is one.

    Its signatures say who may; `by` and `at`, now if not said, are for the node's own chain.

    Raises:
        AgreementInvalid: the document breaks a rule of agreements, or this node is no party.
        AgreementNotAuthentic: a signature is missing or wrong.
        AgreementContradicts: another document is in force under the same number and version.
    """
    documents.demand_valid(document)
    if identity.fingerprint() not in documents.nodes_of(document):
        raise documents.AgreementInvalid(
            f"通办协议 {document['id']} 与本节点无关，未导入。请核对文件是否拿错。"
        )
    documents.check(document, _chains(document))
    return _store(document, by, at)


def keep_as_evidence(*, document: Document, at: datetime | None = None) -> Agreement:
    """
    Keep an agreement of two other nodes, by which their part of a case that came on to us is judged.

    Raises:
        AgreementInvalid, AgreementNotAuthentic, AgreementContradicts: as `import_signed`.
    """
    documents.demand_valid(document)
    documents.check(document, _chains(document))
    return _store(document, SYSTEM, at)


def end(*, by: Actor, at: datetime, digest: str, last_day: date | None = None) -> Agreement:
    """
    End an agreement after `last_day` (终止), today if not given; cases that pinned it go on under it.

    `Agreement.ending` is then the notice to be handed to the other party.

    Raises:
        NotPermitted: `by` may not sign for this node.
        NotFound: no such agreement here.
        AgreementContradicts: it is not in force, or ended already.
    """
    ask_to_sign(by)
    row = queries.agreement_by_digest(digest)
    today = clock.official_day(at)
    if last_day is not None and last_day < today:
        raise documents.AgreementInvalid(f"通办协议 {row} 未终止：终止日不得早于今天。请改正后重试。")
    notice = documents.end_notice(row.document, identity.fingerprint(), last_day or today)
    return import_end(notice=identity.sign(notice), by=by, at=at)


def import_end(*, notice: Document, by: Actor = SYSTEM, at: datetime | None = None) -> Agreement:
    """
    Adopt a party's notice that an agreement ends; `by` and `at` as in `import_signed`.

    Raises:
        NotFound: no such agreement here.
        AgreementNotAuthentic: the notice is not by a party of it.
        AgreementContradicts: the agreement is not in force, or ended already.
    """
    row = queries.agreement_by_digest(str(notice.get("agreement")))
    document = row.document
    last_day = documents.check_end(notice, document, _chains(document))
    if row.state == Agreement.State.ENDED and row.ending == canon.encode(notice).decode():
        return row
    # Both may end it at once: the earlier day counts, so that both nodes have the same.
    earlier = row.ended_on is not None and last_day < row.ended_on
    if row.state != Agreement.State.IN_FORCE and not earlier:
        raise AgreementContradicts(
            f"通办协议 {row} 现为“{row.get_state_display()}”，不能终止。请刷新后查看。"
        )
    with db.write():
        row.state, row.ended_on = Agreement.State.ENDED, last_day
        row.ending = canon.encode(notice).decode()
        row.save(update_fields=["state", "ended_on", "ending"])
        nodechain.tell(
            "agreement_ended", row, by=actor_document(by), at=at or clock.now(), agreement=row.digest,
            version=row.version, last_day=last_day.isoformat(),
        )  # fmt: skip
    return row


def agree_with_self(at: datetime) -> Agreement:
    """
    Make the agreement of a node with itself (本级协议), or return the one there is.

    Both roles of a case may sit on one node; the same rules then ask the same question, so there must be
    an answer: all powers, all items, from the day on which the node was made.
    """
    own = queries.own_party()
    number = f"self-{own['node'].partition(':')[2][:16]}"
    known: Agreement | None = Agreement.objects.filter(agreement_id=number).order_by("-version").first()
    if known is not None:
        return known
    document = documents.build(
        agreement_id=number,
        version=1,
        parties=(own, own),
        powers=documents.POWERS,
        items=documents.ALL_ITEMS,
        limits={},
        valid_from=clock.official_day(at),
    )
    return _store(documents.sign_for(document, own["node"], identity.sign), SYSTEM, at)


def _store(document: Document, by: Actor, at: datetime | None) -> Agreement:
    """Store a checked document, or what it adds to the row we hold."""
    first, second = documents.nodes_of(document)
    complete = {first, second} == set(document["signatures"])
    values: dict[str, Any] = {
        "raw": canon.encode(document).decode(),
        "state": Agreement.State.IN_FORCE if complete else Agreement.State.PROPOSED,
    }
    try:
        with db.write():
            row: Agreement
            row, created = Agreement.objects.get_or_create(
                digest=documents.digest_of(document),
                defaults=values
                | {
                    "agreement_id": document["id"],
                    "version": document["version"],
                    "valid_from": date.fromisoformat(document["valid_from"]),
                    "valid_to": date.fromisoformat(document["valid_to"]) if document["valid_to"] else None,
                    "party_a": first,
                    "party_b": second,
                },
            )
            if not created and complete and row.state == Agreement.State.PROPOSED:
                row.raw, row.state = values["raw"], values["state"]
                row.save(update_fields=["raw", "state"])
                created = True
            if created:
                nodechain.tell(
                    "agreement_kept", row, by=actor_document(by), at=at or clock.now(), agreement=row.digest,
                    version=row.version, state=str(row.state),
                )  # fmt: skip
    except IntegrityError:
        raise AgreementContradicts(
            f"通办协议 {document['id']} 第 {document['version']} 版已有另一份生效文本，未采用。请与对方核对。"
        ) from None
    return row


def _chains(document: Mapping[str, Any]) -> dict[str, KeyChain]:
    return {node: identity.chain_of(node) for node in set(documents.nodes_of(document))}


def ask_to_sign(by: Actor) -> None:
    """Ask whether somebody may sign agreements for this node; raises NotPermitted."""
    if by.kind is ActorKind.SYSTEM:
        return
    if not by.may(Permission.AGREEMENT_SIGN) or by.organisation != settings.NODE.organisation:
        raise NotPermitted("您不能签署通办协议：只有本节点政务服务中心的协议签署岗可以。请联系该岗位。")
