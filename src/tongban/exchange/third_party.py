"""
A third window takes the applicant's answer (第三地代收补正).

It never writes into the case: it sends a statement it signed, with the content encrypted to the intake's
node; intake keeps the statement as content and writes the answer itself, naming it by digest.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.actor import SYSTEM, Actor, Permission
from tongban.agreements import queries as agreements
from tongban.cases import commands, numbers
from tongban.cases.models import Case
from tongban.cases.words import Act, Power
from tongban.catalogue import queries as catalogue
from tongban.exchange import gateway, wire
from tongban.exchange.models import Peer
from tongban.kernel import canon, identity, sm, vault
from tongban.kernel.clock import official_day
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.materials import commands as materials

FORMAT = "tongban-answer-content/1"


class IntakeUnreachable(DomainError):
    """The intake's node cannot be reached now."""

    code = "intake_unreachable"
    status = 503


def send_answer(
    *, case: str, intake: str, note: str, files: Sequence[tuple[str, str, bytes]], by: Actor, at: datetime
) -> str:
    """
    Send an answer taken at this window to node `intake`; return the digest under which it was adopted.

    `files` are (material code, name, bytes).

    Raises:
        NotPermitted: the post may not answer for applicants. NotFound: the node is no peer.
        IntakeUnreachable: try again later; nothing was sent. InvalidInput: intake refused, and why.
    """
    if not by.may(Permission.CASE_ANSWER):
        raise NotPermitted(f"您的岗位不能代申请人答复办件 {case}。请由窗口人员办理。")
    peer = Peer.objects.filter(node=intake, state=Peer.State.ACTIVE).first()
    if peer is None:
        raise NotFound("收件地节点不是本节点的有效对方节点。请由管理员核对后添加。")
    body = {
        "format": FORMAT, "case": case, "organisation": by.organisation, "post": by.post, "staff": by.staff,
        "note": note,
        "files": [{"code": c, "name": n, "data": base64.b64encode(d).decode()} for c, n, d in files],
    }  # fmt: skip
    key, record = secrets.token_bytes(16), identity.chain_of(intake).current
    sealed = sm.sm4_seal(key, canon.encode(identity.sign(body)), _aad(case, intake))
    raw = wire.message(
        wire.ANSWER_TAKEN, intake, at, case=case, key_number=record.number,
        wrapped=sm.wrap(record.wrap, key).hex(), sealed=base64.b64encode(sealed).decode(),
    )  # fmt: skip
    try:
        reply = wire.read_answer(gateway.post(peer.url, raw), request=raw, peer=intake, at=at)
    except gateway.Unreachable:
        raise IntakeUnreachable(f"收件地节点暂时联系不上，办件 {case} 的答复没有送出。请稍后再试。") from None
    if "adopted" not in reply:
        raise InvalidInput(
            (reply.get("refused") or {}).get("sentence", "收件地没有采用这份答复。请与其联系。")
        )
    return str(reply["adopted"])


def take_answer(document: Mapping[str, Any], peer: Peer, at: datetime) -> dict[str, Any]:
    """Adopt an answer that a third window took: its statement by digest, its files as materials."""
    case = str(numbers.parse(str(document["case"])))
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
    key = identity.wrap_key(document["key_number"]).unwrap(bytes.fromhex(document["wrapped"]))
    raw = sm.sm4_open(key, base64.b64decode(document["sealed"]), _aad(case, identity.fingerprint()))
    statement: Any = canon.decode(raw)
    if not isinstance(statement, dict) or statement.get("case") != case or statement.get("format") != FORMAT:
        raise InvalidInput(f"收到的答复不属于办件 {case}，未采用。请核对后重发。")
    guide = catalogue.guide_by_digest(row.state["roles"]["intake"]["offering"]["digest"]).body
    with write():
        reference = vault.put(case, "statement", raw)
        for file in statement["files"]:
            materials.add_material(
                number=case, code=file["code"], name=file["name"], data=base64.b64decode(file["data"]),
                by=SYSTEM, at=at, guide=guide, for_draft=False,
            )  # fmt: skip
        commands.act(
            case=case,
            act=Act.ANSWER,
            by=SYSTEM,
            at=at,
            given={"taken_by": peer.node},
            content=[reference.to_dict()],
        )
    return {"adopted": reference.digest}


def _aad(case: str, node: str) -> bytes:
    return f"{FORMAT}|{case}|{node}".encode()
