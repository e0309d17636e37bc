"""Audit of trust: key chains, epoch records."""

from collections.abc import Iterator
from typing import Any

from tongban.kernel import identity
from tongban.kernel.crypto import signed
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.models import EpochRecord, NodeKey
from tongban.procedures.audit.discrepancies import Discrepancy, Report, compare, document_of


def check(report: Report) -> Iterator[Discrepancy]:
    """Yield what is wrong with the keys and epoch records of this node and its peers."""
    by_node: dict[str, list[NodeKey]] = {}
    for row in NodeKey.objects.order_by("number"):
        report.count("NodeKey")
        by_node.setdefault(row.node, []).append(row)
    for node, rows in by_node.items():
        yield from _chain(node, rows)
    if identity.fingerprint() not in by_node:
        yield Discrepancy("NodeKey", identity.fingerprint()[:16], "node", "本节点自己的密钥链不见了")
    for record in EpochRecord.objects.order_by("node", "epoch").iterator():
        report.count("EpochRecord")
        yield from _epoch(record)


def _chain(node: str, rows: list[NodeKey]) -> Iterator[Discrepancy]:
    documents: list[Any] = []
    for row in rows:
        key = f"{node[:16]}… 第 {row.number} 条"
        document = document_of(row.raw)
        if document is None or not isinstance(document.get("number"), int):
            yield Discrepancy("NodeKey", key, "raw", "原文不是密钥记录")
            return
        yield from compare(row, key, {"node": document.get("node"), "number": document["number"]})
        documents.append(document)
    documents.sort(key=lambda document: document["number"])
    try:
        if KeyChain.verify(documents).root != node:
            yield Discrepancy("NodeKey", f"{node[:16]}…", "node", "密钥链属于另一节点")
    except BrokenKeyChain as error:
        yield Discrepancy("NodeKey", f"{node[:16]}…", "raw,node", f"密钥链不成立：{error}")


def _epoch(row: EpochRecord) -> Iterator[Discrepancy]:
    key = f"{row.node[:16]}… 第 {row.epoch} 纪元"
    document = document_of(row.raw)
    try:
        signed.check(document or {}, identity.chain_of(str((document or {}).get("node"))))
    except (ValueError, identity.UnknownNode):
        yield Discrepancy("EpochRecord", key, "raw", "不是该节点所签")
        return
    assert document is not None  # noqa: S101
    yield from compare(row, key, {"node": document.get("node"), "epoch": document.get("epoch")})
