"""
The agreement as a document: what it must say, its digest, its signatures. Pure.

Nodes exchange it, cases pin its digest at receipt, a dossier carries it; so a lawyer can read what one place
let the other do (授权范围逐协议、逐事项写明). It holds no personal data: parties are organisations.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from tongban.kernel.crypto import canon, digest, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.errors import InvalidInput

FORMAT: Final = "tongban-agreement/2"
SIGNATURE_FORMAT: Final = "tongban-agreement-signature/2"
END_FORMAT: Final = "tongban-agreement-end/2"

POWERS: Final[Mapping[str, str]] = {
    "receive": "收件受理权",
    "notice": "一次性告知权",
    "verify": "原件核验权",
    "deliver": "审批结果送达权",
    "decide": "异地授权、本地办理",
}
"""What may be granted (襄城—卧龙四项授权，授权办理另计), with the words for people."""

SEGMENTS: Final[Mapping[str, str]] = {
    "push": "推送", "post": "寄出原件", "acknowledge": "签收", "recheck": "复核原件", "tell": "告知", "answer": "答复补正",
    "send_result": "寄出结果", "deliver": "发放结果", "confirm": "确认送达", "decision": "作出决定", "conclude": "办结",
    "transit": "送达", "supplement": "补齐材料", "answer_withdrawal": "答复撤回", "urging": "答复催办",
}  # fmt: skip
"""Limits that an agreement may shorten, by the names that the rules of a case use, with the words for people."""

ALL_ITEMS: Final = "*"
LONGEST: Final = 365  # working days; more is a slip of the pen, since limits may only become shorter

Document = dict[str, Any]

_MEMBERS: Final = {
    "format", "id", "version", "parties", "powers", "items", "limits", "valid_from", "valid_to", "signatures"
}  # fmt: skip
_PARTY: Final[Mapping[str, re.Pattern[str]]] = {
    "node": re.compile(r"sm3:[0-9a-f]{64}"),
    "organisation": re.compile(r"[0-9A-Z]{18}"),
    "division": re.compile(r"\d{6}|\d{9}|\d{12}"),
    "name": re.compile(r"\S.{0,119}"),
}
_NAME: Final = re.compile(r"[0-9A-Za-z._-]{1,60}")


class AgreementInvalid(InvalidInput):
    """The document is no lawful agreement."""

    code = "agreement_invalid"


class AgreementNotAuthentic(InvalidInput):
    """The agreement, or the notice of its end, is not what a party signed."""

    code = "agreement_not_authentic"


def build(
    *,
    agreement_id: str,
    version: int,
    parties: tuple[Mapping[str, str], Mapping[str, str]],
    powers: Iterable[str],
    items: str | Iterable[str],
    limits: Mapping[str, int],
    valid_from: date,
    valid_to: date | None = None,
) -> Document:
    """
    Return an unsigned agreement; lists are put in order, so that the same content has one digest.

    Raises:
        AgreementInvalid: with everything that is wrong.
    """
    document: Document = {
        "format": FORMAT,
        "id": agreement_id,
        "version": version,
        "parties": [dict(party) for party in parties],
        "powers": sorted(set(powers)),
        "items": items if isinstance(items, str) else sorted(set(items)),
        "limits": dict(limits),
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else None,
        "signatures": {},
    }
    demand_valid(document)
    return document


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the digest by which cases name this version; signatures are no part of it."""
    return digest.tagged(FORMAT, {name: value for name, value in document.items() if name != "signatures"})


def nodes_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return the fingerprints of the two parties; equal for the agreement of a node with itself (本级协议)."""
    first, second = document["parties"]
    return first["node"], second["node"]


def in_words(document: Mapping[str, Any]) -> str:
    """Return what an agreement says, for people: only the document itself counts."""
    first, second = document["parties"]
    items = document["items"]
    limits = "；".join(
        f"{SEGMENTS[name]} {days} 个工作日" for name, days in sorted(document["limits"].items())
    )
    return "\n".join([
        f"协议编号：{document['id']}，第 {document['version']} 版",
        f"双方：{first['name']}、{second['name']}",
        f"授权：{'、'.join(POWERS[power] for power in document['powers']) or '无'}",
        f"事项：{'全部事项' if items == ALL_ITEMS else '、'.join(items)}",
        f"缩短的时限：{limits or '无'}",
        f"有效期：{document['valid_from']} 至 {document['valid_to'] or '长期'}",
        f"摘要：{digest_of(document)}",
    ])  # fmt: skip


def covers(document: Mapping[str, Any], *, item: str, offering: str) -> bool:
    """Return whether the agreement names the item, or the offering, or all."""
    return document["items"] == ALL_ITEMS or bool({item, offering} & set(document["items"]))


def sign_for(document: Mapping[str, Any], node: str, sign: Callable[[Document], Document]) -> Document:
    """
    Return `document` with the signature of the party `node` added.

    `sign` adds the node's signature to a document, as `kernel.identity.sign` and `kernel.crypto.signed.sign` do.

    Raises:
        AgreementInvalid: the node is no party.
    """
    if node not in nodes_of(document):
        raise AgreementInvalid(f"通办协议 {document['id']} 未签署：本节点不是协议一方。请核对协议双方。")
    statement = {"format": SIGNATURE_FORMAT, "agreement": digest_of(document), "node": node}
    return {**document, "signatures": {**document["signatures"], node: sign(statement)}}


def check(
    document: Mapping[str, Any],
    chains: Mapping[str, KeyChain],
    *,
    signers: Collection[str] | None = None,
    at: datetime | None = None,
) -> None:
    """
    Return quietly if `document` is an agreement that both parties (or those in `signers`) have signed.

    Every signature that is there must hold, asked for or not. `chains` holds the key chain of each signer.
    With `at`, a key that was revoked by then does not count.

    Raises:
        AgreementInvalid: the document breaks a rule of agreements.
        AgreementNotAuthentic: a signature is missing, wrong, or of somebody unknown.
    """
    demand_valid(document)
    wanted = set(nodes_of(document) if signers is None else signers) | set(document["signatures"])
    for node in sorted(wanted):
        statement = document["signatures"].get(node)
        if statement is None:
            raise AgreementNotAuthentic(
                f"通办协议 {document['id']} 缺少节点 {node[:16]}… 的签名。请由该方签署后再导入。"
            )
        expected = {"format": SIGNATURE_FORMAT, "agreement": digest_of(document), "node": node}
        _check_signature(statement, expected, chains.get(node), f"通办协议 {document['id']}", at)


def end_notice(document: Mapping[str, Any], node: str, last_day: date) -> Document:
    """Return the unsigned notice by which the party `node` ends the agreement after `last_day`."""
    return {
        "format": END_FORMAT,
        "id": document["id"],
        "agreement": digest_of(document),
        "node": node,
        "last_day": last_day.isoformat(),
    }


def check_end(notice: Mapping[str, Any], document: Mapping[str, Any], chains: Mapping[str, KeyChain]) -> date:
    """
    Return the last day of the agreement, if `notice` ends it and is signed by one of its parties.

    Raises:
        AgreementNotAuthentic: it is about something else, or not signed by a party.
    """
    node = notice.get("node")
    last_day = _day(notice.get("last_day"))
    if node not in nodes_of(document) or last_day is None:
        raise AgreementNotAuthentic(f"通办协议 {document['id']} 的终止通知不是协议一方所发。请与对方核对。")
    expected = end_notice(document, str(node), last_day)
    _check_signature(notice, expected, chains.get(str(node)), f"通办协议 {document['id']} 的终止通知")
    return last_day


def demand_valid(document: Mapping[str, Any]) -> None:
    """
    Ask whether `document` has the form of an agreement; signatures are for `check`.

    Raises:
        AgreementInvalid: it has not; the sentence names every fault.
    """
    faults = validate(document)
    if faults:
        raise AgreementInvalid(f"通办协议不能采用：{'；'.join(faults)}。请改正后重试。")


def validate(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an agreement, in sentences; empty if nothing is."""
    if not isinstance(document, dict) or set(document) != _MEMBERS or document["format"] != FORMAT:
        return [f"应为 {FORMAT} 格式，恰有 {'、'.join(sorted(_MEMBERS))} 各项"]
    try:
        canon.encode(document)
    except canon.CanonError:
        return ["含有不能签名的内容（如小数）"]
    wrong = {
        "协议编号只能用字母、数字、点、横线，至多 60 个": not _is_text(document["id"], _NAME),
        "版本号应为 1 以上的整数": not _is_count(document["version"], 10**6),
        "双方各须写明节点指纹、统一社会信用代码、区划代码和名称": not _parties_are_right(document["parties"]),
        f"授权只能是 {'、'.join(POWERS)}，按字母次序，不得重复": not _is_ordered(document["powers"], POWERS),
        "事项应为 * 或按次序、不重复的事项编码": not _items_are_right(document["items"]),
        f"时限只能为 {'、'.join(sorted(SEGMENTS))}，以 1 至 {LONGEST} 个工作日计": not _limits_are_right(
            document["limits"]
        ),
        "有效期应为先后两个日期，如 2026-01-01": not _period_is_right(document),
        "签名须以签署节点的指纹为名": not isinstance(document["signatures"], dict),
    }
    faults = [what for what, is_wrong in wrong.items() if is_wrong]
    if not faults and not set(document["signatures"]) <= set(nodes_of(document)):
        faults.append("含有协议双方以外的签名")
    return faults


def _check_signature(
    statement: object, expected: Document, chain: KeyChain | None, what: str, at: datetime | None = None
) -> None:
    if chain is None:
        raise AgreementNotAuthentic(f"{what} 由本节点不认识的节点签署。请先核对指纹并添加对方节点。")
    stated = dict(statement) if isinstance(statement, dict) else {}
    if {name: value for name, value in stated.items() if name != signed.MEMBER} != expected:
        raise AgreementNotAuthentic(f"{what} 所附签名签的是别的内容。请对方重新签署。")
    try:
        signed.check(stated, chain, at)
    except signed.BadSignature as error:
        raise AgreementNotAuthentic(f"{what} 未采用：{error}请对方重新签署。") from None


def _is_text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_count(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _is_ordered(value: object, allowed: Collection[str] | None = None) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) and name and (allowed is None or name in allowed) for name in value)
        and value == sorted(set(value))
    )


def _parties_are_right(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(party, dict) and set(party) == set(_PARTY) for party in value)
        and all(_is_text(party[name], pattern) for party in value for name, pattern in _PARTY.items())
        and (value[0]["node"] != value[1]["node"] or value[0] == value[1])
    )


def _items_are_right(value: object) -> bool:
    return value == ALL_ITEMS or (bool(value) and _is_ordered(value) and ALL_ITEMS not in value)  # type: ignore[operator]


def _limits_are_right(value: object) -> bool:
    return isinstance(value, dict) and all(
        name in SEGMENTS and _is_count(days, LONGEST) for name, days in value.items()
    )


def _period_is_right(document: Mapping[str, Any]) -> bool:
    first, last = _day(document["valid_from"]), _day(document["valid_to"])
    if first is None or (last is None and document["valid_to"] is not None):
        return False
    return last is None or first <= last


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == value else None
