"""
A third window takes the applicant's answer (第三地代收补正).

It never writes into the case: it sends a statement it signed, with the content encrypted to the intake's
node; intake keeps the statement as content, names it by digest, and its clerk confirms that it is the applicant's answer.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import SYSTEM, Actor, Permission
from tongban.agreements import queries as agreements
from tongban.cases import answer_code, commands
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.terms import GUIDE
from tongban.cases.words import PRESENCE, Act, Power
from tongban.catalogue import queries as catalogue
from tongban.exchange import gateway, wire
from tongban.exchange.asking import ask
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import canon, signed, sm
from tongban.kernel.crypto.keychain import SUITE
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import numbers, pseudonyms
from tongban.kernel.journal import writer as journal
from tongban.kernel.time.clock import official_day
from tongban.materials import commands as materials
from tongban.procedures.papers_named import one

FORMAT = "tongban-answer-content/3"
STATEMENT = "statement"
# What a third window cannot do: it is for intake to compare the code, which has to come besides.
SEEN = {code: title for code, title in PRESENCE.items() if code != "code"}


class IntakeUnreachable(DomainError):
    """The intake's node cannot be reached now."""

    code = "intake_unreachable"
    status = 503


def send_answer(
    *, case: str, intake: str, note: str, files: Sequence[tuple[str, str, bytes]], code: str, seen: str, by: Actor,
    at: datetime,
) -> str:  # fmt: skip
    """
    Send an answer taken at this window to node `intake`; return the digest under which it was adopted.

    `files` are (material code, name, bytes); `code` is the answer code that the applicant brought, `seen` how the clerk made sure
    who stood there (`SEEN`).

    Raises:
        NotPermitted: the post may not answer for applicants. NotFound: the node is no peer.
        IntakeUnreachable: try again later; nothing was sent. InvalidInput: intake refused, and why.
    """
    if not by.may(Permission.CASE_ANSWER):
        raise NotPermitted(f"您的岗位不能代申请人答复办件 {case}。请由窗口人员办理。")
    if seen not in SEEN or not files:
        raise InvalidInput(
            f"办件 {case} 的答复没有写明怎样核对了到场的人，或没有任何材料，未送出。请核对证件、收下材料后再送。"
        )
    peer = Peer.objects.filter(node=intake, state=Peer.State.ACTIVE).first()
    if peer is None:
        raise NotFound("收件地节点不是本节点的有效对方节点。请由管理员核对后添加。")
    body = {
        "format": FORMAT, "procedure": NAME, "subject": case, "organisation": by.organisation,
        "post": by.post, "staff": pseudonyms.of(case, by.staff),
        "note": note, "code": code, "seen": seen,
        "files": [{"code": c, "name": n, "data": base64.b64encode(d).decode()} for c, n, d in files],
    }  # fmt: skip
    key, record = secrets.token_bytes(16), identity.chain_of(intake).current
    sealed = sm.sm4_seal(key, canon.encode(identity.sign(body)), _aad(case, intake))
    try:
        reply = ask(
            peer, wire.ANSWER_TAKEN, at, procedure=NAME, subject=case, key_number=record.number,
            wrapped=f"{SUITE}:{sm.wrap(record.wrap, key).hex()}",
            sealed=f"{wire.CIPHER}:{base64.b64encode(sealed).decode()}",
        )  # fmt: skip
    except (gateway.Unreachable, wire.MessageRefused):
        raise IntakeUnreachable(f"收件地节点暂时联系不上，办件 {case} 的答复没有送出。请稍后再试。") from None
    if "adopted" not in reply:
        raise InvalidInput(
            (reply.get("refused") or {}).get("sentence", "收件地没有采用这份答复。请与其联系。")
        )
    return str(reply["adopted"])


def take_answer(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Adopt an answer that a third window took: its statement by digest, its files as materials."""
    case = str(numbers.parse(document["subject"]))
    row = Case.objects.filter(number=case, intake_node=identity.fingerprint()).first()
    if row is None:
        raise NotFound(f"没有办件 {case}，或本节点不是它的收件地。请核对编号。")
    item = row.item
    agreement = agreements.in_force(
        node=identity.fingerprint(),
        other_node=peer.node,
        item=item,
        offering=row.offering,
        on=official_day(at),
    )
    if Power.RECEIVE not in agreement.document["powers"]:
        raise NotPermitted(f"通办协议没有授予代收补正材料的权限（办件 {case}）。请联系协议双方。")
    raw, statement = _opened(document, case, peer, at)
    if not answer_code.fits(case, statement["code"]):
        raise answer_code.AnswerCodeWrong(
            f"答复码不对，办件 {case} 的答复未采用。请申请人出示收件凭证、补正告知书或网上办件页面上的答复码。"
        )
    if statement["seen"] not in SEEN or not statement["files"]:
        raise InvalidInput(
            f"办件 {case} 的答复没有写明怎样核对了到场的人，或没有任何材料，未采用。请核对后重发。"
        )
    guide = catalogue.guide_by_digest(one(row.state["roles"]["intake"]["papers"], GUIDE)["digest"]).body
    with write():
        for file in statement["files"]:
            materials.add_material(
                number=case, code=file["code"], name=file["name"], data=base64.b64decode(file["data"]),
                by=SYSTEM, at=at, guide=guide, for_draft=False,
            )  # fmt: skip
        commands.act(
            case=case, act=Act.TAKE_ANSWER, by=SYSTEM, at=at, files={STATEMENT: raw},
            given={"taken_by": peer.node, "taken_at": statement["organisation"]},
        )  # fmt: skip
    (said,) = (piece for piece in journal.events_of(case)[-1].content if piece["label"] == STATEMENT)
    return {"adopted": said["digest"]}


def _opened(document: Mapping[str, Any], case: str, peer: Peer, at: datetime) -> tuple[bytes, dict[str, Any]]:
    """Return the statement that the third window's node signed, and its bytes; raises InvalidInput."""
    refused = InvalidInput(f"收到的答复不属于办件 {case}，或不是其窗口所签，未采用。请核对后重发。")
    try:
        record = identity.chain_of(identity.fingerprint()).records[document["key_number"] - 1]
        wrapped = document["wrapped"].removeprefix(f"{SUITE}:")
        sealed = document["sealed"].removeprefix(f"{wire.CIPHER}:")
        key = identity.wrap_key(record.number).unwrap(bytes.fromhex(wrapped))
        raw = sm.sm4_open(key, base64.b64decode(sealed, validate=True), _aad(case, identity.fingerprint()))
        statement: Any = canon.decode(raw)
    except (ValueError, IndexError, OSError):
        raise refused from None
    if not isinstance(statement, dict) or (statement.get("subject"), statement.get("format")) != (
        case,
        FORMAT,
    ):
        raise refused
    try:
        # What becomes evidence by its digest must be what the third window's node signed.
        signed.check(statement, identity.chain_of(peer.node), at)
        texts = ("note", "code", "seen", "organisation", "post", "staff")
        shapely = all(isinstance(statement[name], str) for name in texts) and all(
            file.keys() == {"code", "name", "data"} and all(isinstance(text, str) for text in file.values())
            for file in statement["files"]
        )
    except (signed.BadSignature, KeyError, TypeError, AttributeError):
        raise refused from None
    if not shapely:
        raise refused
    return raw, statement


def _aad(case: str, node: str) -> bytes:
    return f"{FORMAT}|{case}|{node}".encode()
