"""Checks of a dossier's signatures: key chains, the file itself, statements of heads, seals. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from tongban.cases.dossierfile import DossierFile
from tongban.cases.findings import Finding, at_event
from tongban.cases.words import Act
from tongban.kernel import merkle, signed
from tongban.kernel.events import parse_time
from tongban.kernel.keychain import BrokenKeyChain, KeyChain

HEADS = "tongban-heads/1"
SEAL = "tongban-seal/1"
EPOCH = "tongban-epoch/1"


def keys(file: DossierFile) -> list[Finding]:
    """Check every node's chain of keys from its root; whose root it is, only the outside can say."""
    for node, records in sorted(file.document["nodes"].items()):
        try:
            chain = KeyChain.verify(records)
        except BrokenKeyChain as error:
            return [Finding(f"节点 {node[:16]}…", f"密钥链不成立：{error}")]
        if chain.root != node:
            return [Finding(f"节点 {node[:16]}…", "密钥链属于另一节点。")]
        file.chains[node] = chain
    return []


def whole_file(file: DossierFile) -> list[Finding]:
    """Check the exporter's signature over the whole file, and the epoch records."""
    chain = file.chains.get(file.exporter)
    if chain is None:
        return [Finding("案卷签名", "导出节点在案卷中没有密钥链。")]
    try:
        signed.check(file.document, chain, parse_time(file.at))
    except signed.BadSignature as error:
        return [Finding("案卷签名", str(error))]
    for record in file.document["epochs"]:
        problem = _problem(file, record, EPOCH, record.get("node"))
        if problem:
            return [Finding("纪元记录", problem)]
    return []


def statements(file: DossierFile) -> list[Finding]:
    """Check statements of heads: signed, in agreement with the chains, and covering all that must be covered."""
    places = {(event.chain, event.seq): event.hash for event in file.events}
    covered: dict[tuple[str, str], int] = {}  # (signer, chain) → the furthest head it has signed
    for place, document in enumerate(file.document["statements"], start=1):
        signer = document.get("signer")
        problem = _problem(file, document, HEADS, signer)
        if problem or document["case"] != file.case:
            return [Finding(f"第 {place} 份链头声明", problem or "属于另一办件。")]
        for chain, (seq, hash_) in document["heads"].items():
            where = f"{chain} 第 {seq} 条"
            if (chain, seq) not in places:
                return [Finding(where, f"节点 {signer[:16]}… 签过这一条，案卷中却没有：链尾被截去。")]
            if places[chain, seq] != hash_:
                return [Finding(where, f"与节点 {signer[:16]}… 签过的不同：被改写，或已分叉。")]
        if _counts(file, document):
            for chain, (seq, _) in document["heads"].items():
                covered[signer, chain] = max(seq, covered.get((signer, chain), 0))
        else:
            file.remarks.append(f"第 {place} 份链头声明所用密钥已吊销且吊销前无对方见证，不计。")
    return list(_uncovered(file, covered)) or _not_mutual(file, covered)


def seals(file: DossierFile) -> list[Finding]:
    """Check seals: signed, each extending the one before, and holding the exporter's events."""
    part = file.document["seals"]
    for document in [*part["own"], *part["peers"]]:
        problem = _problem(file, document, SEAL, document.get("node"))
        if problem:
            return [Finding("封存声明", problem)]
    own = part["own"]
    if any(document["node"] != file.exporter for document in own) or len(part["proofs"]) != max(
        len(own) - 1, 0
    ):
        return [Finding("封存声明", "不是导出节点的，或缺少衔接证明。")]
    for old, new, proof in zip(own, own[1:], part["proofs"], strict=False):
        path = [bytes.fromhex(item) for item in proof]
        roots = bytes.fromhex(old["root"]), bytes.fromhex(new["root"])
        if old["epoch"] != new["epoch"] or not merkle.verify_consistency(
            old["size"], new["size"], *roots, path
        ):
            return [Finding(f"封存声明（{new['size']} 条）", f"不是此前声明（{old['size']} 条）的延续。")]
    return _not_included(file, part)


def _uncovered(file: DossierFile, covered: Mapping[tuple[str, str], int]) -> Iterator[Finding]:
    for chain, (seq, *_) in file.state.heads.items():
        node = file.state.nodes[chain]
        if covered.get((node, chain), 0) < seq:
            last = file.chain(chain)[-1]
            yield at_event(last, "没有其节点的有效签名：链尾被接长，或签名被去掉。")


def _not_mutual(file: DossierFile, covered: Mapping[tuple[str, str], int]) -> list[Finding]:
    """When a case was delivered, each side has signed having seen the other's up to the conclusion."""
    for event in file.events:
        if event.kind != Act.CONCLUDE:
            continue
        wanted = {
            chain: seq for chain, (seq, _) in event.seen.items() if file.state.nodes[chain] != event.node
        }
        lacking = [chain for chain, seq in wanted.items() if covered.get((event.node, chain), 0) < seq]
        others = {file.state.nodes[chain] for chain in wanted if chain.startswith("intake/")}
        lacking += [node[:16] for node in others if covered.get((node, event.chain), 0) < event.seq]
        if lacking and "delivered_on" in file.state.facts:
            return [at_event(event, "办件已送达，双方却没有互相签收到办结。")]
        if lacking:
            file.remarks.append("办件已办结，双方尚未互相签收到办结。")
    return []


def _not_included(file: DossierFile, part: Mapping[str, Any]) -> list[Finding]:
    own = [event for event in file.events if event.node == file.exporter]
    proofs = {(item["chain"], item["seq"]): item for item in part["inclusion"]}
    if proofs.keys() - {(event.chain, event.seq) for event in own} or len(proofs) != len(part["inclusion"]):
        return [Finding("封存证明", "指向案卷中没有的事件。")]
    last = part["own"][-1] if part["own"] else None
    unsealed = 0
    for event in own:
        item = proofs.get((event.chain, event.seq))
        if item is None:
            unsealed += 1
            continue
        leaf = merkle.leaf_hash(bytes.fromhex(event.hash))
        path = [bytes.fromhex(node) for node in item["path"]]
        if last is None or not merkle.verify_inclusion(
            item["leaf"], last["size"], leaf, path, bytes.fromhex(last["root"])
        ):
            return [at_event(event, "不在导出节点的封存之中。")]
    if unsealed:
        file.remarks.append(f"导出节点有 {unsealed} 条事件尚未封存。")
    return []


def _problem(file: DossierFile, document: Mapping[str, Any], form: str, signer: Any) -> str:
    chain = file.chains.get(signer)
    if document.get("format") != form:
        return f"不是 {form} 格式。"
    if chain is None:
        return "签署节点在案卷中没有密钥链。"
    try:
        signed.check(document, chain)
    except signed.BadSignature as error:
        return str(error)
    return ""


def _counts(file: DossierFile, document: Mapping[str, Any]) -> bool:
    """Whether a statement counts: by a key in force, or witnessed by another node before the revocation."""
    chain = file.chains[document["signer"]]
    moments = [
        since for record in chain.records for number, since in record.revokes if number == document["key"]
    ]
    if not moments:
        return True
    revoked = min(moments)
    if parse_time(document["at"]) >= revoked:
        return False
    witnesses = [
        other
        for other in file.document["statements"]
        if other.get("signer") != document["signer"] and parse_time(other["at"]) < revoked
    ]
    return all(
        any(other["heads"].get(name, [0])[0] >= head[0] for other in witnesses)
        for name, head in document["heads"].items()
        if file.state.nodes.get(name) == document["signer"]
    )
