"""Checks of a dossier's signatures: key chains, the file itself, statements of heads, seals. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tongban.kernel.crypto import digest, signed
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain
from tongban.kernel.journal import epochs, merkle, sealed
from tongban.kernel.journal.events import Event, parse_time
from tongban.kernel.journal.heads import FORMAT as HEADS
from tongban.kernel.journal.heads import is_well_formed
from tongban.procedures.dossier.dossierfile import DossierFile
from tongban.procedures.dossier.findings import Finding, at_event


def keys(file: DossierFile) -> list[Finding]:
    """Check every node's chain of keys from its root, and that it is as long as any signer knew it to be."""
    for node, records in sorted(file.document["nodes"].items()):
        try:
            chain = KeyChain.verify(records)
        except BrokenKeyChain as error:
            return [Finding(f"节点 {node[:16]}…", f"密钥链不成立：{error}")]
        if chain.root != node:
            return [Finding(f"节点 {node[:16]}…", "密钥链属于另一节点。")]
        file.chains[node] = chain
    for document in file.document["statements"]:
        if not is_well_formed(document):
            return [Finding("链头声明", "组成部分缺少、多余或格式不符。")]
        for node, number in document["keys"].items():
            if node in file.chains and len(file.chains[node].records) < number:
                return [Finding(f"节点 {node[:16]}…", f"缺少第 {number} 条密钥记录：案卷不完整。")]
    return []


def whole_file(file: DossierFile) -> list[Finding]:
    """Check the exporter's signature over the whole file, and the epoch records."""
    chain = file.chains.get(file.exporter)
    if chain is None:
        return [Finding("案卷签名", "导出节点在案卷中没有密钥链。")]
    try:
        # What a thief of a key that was given up says of its own time counts for nothing.
        signed.check(file.document, chain, datetime.max.replace(tzinfo=UTC))
    except signed.BadSignature as error:
        return [Finding("案卷签名", str(error))]
    if file.exporter not in file.parties:
        return [Finding("案卷签名", "导出节点不是这一事项的一方。")]
    return _epochs(file)


def _epochs(file: DossierFile) -> list[Finding]:
    """Check the records of epochs; who begins a matter in a later epoch must have declared it."""
    for record in file.document["epochs"]:
        problem = "" if epochs.is_well_formed(record) else "组成部分缺少、多余或格式不符。"
        problem = problem or problem_of(file, record, epochs.FORMAT, record["node"])
        if problem:
            return [Finding("纪元记录", problem)]
    for event in file.events:
        if not event.seen and event.seq == 1 and not _is_declared(file, event.document):
            return [at_event(event, "写它的节点没有这一纪元的记录。")]
    return []


def _is_declared(file: DossierFile, document: Mapping[str, Any]) -> bool:
    place = (document["node"], document["epoch"])
    return document["epoch"] == 1 or any(
        (record["node"], record["epoch"]) == place for record in file.document["epochs"]
    )


def statements(file: DossierFile) -> list[Finding]:
    """Check statements of heads: signed, by parties, in agreement with the chains, and covering all that must be covered."""
    places = file.known.places
    for place, document in enumerate(file.document["statements"], start=1):
        what, signer = f"第 {place} 份链头声明", document["signer"]
        problem = problem_of(file, document, HEADS, signer)
        if problem or (document["procedure"], document["subject"]) != (file.procedure, file.subject):
            return [Finding(what, problem or "属于另一事项。")]
        if signer not in file.parties:
            return [Finding(what, f"节点 {signer[:16]}… 不是这一事项的一方。")]
        for chain, (seq, hash_) in document["heads"].items():
            where = f"{chain} 第 {seq} 条"
            if (chain, seq) not in places:
                return [Finding(where, f"节点 {signer[:16]}… 签过这一条，案卷中却没有：链尾被截去。")]
            if places[chain, seq].hash != hash_:
                return [Finding(where, f"与节点 {signer[:16]}… 签过的不同：被改写，或已分叉。")]
        if _counts(file, document):
            for chain, (seq, _) in document["heads"].items():
                file.covered[signer, chain] = max(seq, file.covered.get((signer, chain), 0))
        else:
            file.remarks.append(f"{what}所用密钥已吊销且吊销前无对方见证，不计。")
    return list(_uncovered(file)) or _unclosed(file)


def _unclosed(file: DossierFile) -> list[Finding]:
    """Who exports says what it holds, so that nobody can cut off the end without saying something false."""
    heads = {chain: head[:2] for chain, head in file.state.heads.items()}
    for document in file.document["statements"]:
        if document["signer"] == file.exporter and document["heads"] == heads and _in_force(file, document):
            return []
    return [Finding("链头声明", "没有导出节点对现有链头的声明。")]


def seals(file: DossierFile) -> list[Finding]:
    """Check seals: signed, each extending the one before, holding the exporter's events and what others have seen of the rest."""
    part = file.document["seals"]
    own = part["own"]
    for document in [*own, *(one.get("seal") for one in part["peers"])]:
        try:
            sealed.demand_well_formed(document)
        except signed.BadSignature as error:
            return [Finding("封存声明", str(error))]
        problem = problem_of(file, document, sealed.FORMAT, document["node"])
        if not problem and not _is_declared(file, document):
            problem = "签署节点没有这一纪元的记录。"
        if problem:
            return [Finding("封存声明", problem)]
    foreign = any(document["node"] != file.exporter for document in own)
    if foreign or len(part["proofs"]) != max(len(own) - 1, 0):
        return [Finding("封存声明", "不是导出节点的，或缺少衔接证明。")]
    for old, new, proof in zip(own, own[1:], part["proofs"], strict=False):
        path = [digest.raw(item) for item in proof]
        roots = digest.raw(old["root"]), digest.raw(new["root"])
        if old["epoch"] != new["epoch"] or not merkle.verify_consistency(
            old["size"], new["size"], *roots, path
        ):
            return [Finding(f"封存声明（{new['size']} 条）", f"不是此前声明（{old['size']} 条）的延续。")]
    return _own_included(file, part) or _others_included(file, part["peers"])


def _uncovered(file: DossierFile) -> Iterator[Finding]:
    for chain, (seq, *_) in file.state.heads.items():
        node = file.state.nodes[chain]
        if file.covered.get((node, chain), 0) < seq:
            last = file.chain(chain)[-1]
            yield at_event(last, "没有其节点的有效签名：链尾被接长，或签名被去掉。")


def _own_included(file: DossierFile, part: Mapping[str, Any]) -> list[Finding]:
    own = [event for event in file.events if event.node == file.exporter]
    shown = {(item["chain"], item["seq"]) for item in part["inclusion"]}
    if shown - {(event.chain, event.seq) for event in own} or len(shown) != len(part["inclusion"]):
        return [Finding("封存证明", "指向案卷中没有的事件。")]
    if own and not part["own"]:
        return [Finding("封存声明", "导出节点没有出示自己的封存声明：案卷不完整。")]
    last = part["own"][-1] if part["own"] else {}
    unsealed: set[str] = set()
    for event in own:
        head = (event.chain, event.seq, event.hash)
        if (event.chain, event.seq) in shown:
            if event.chain in unsealed or not sealed.is_included(last, head, part["inclusion"]):
                return [at_event(event, "不在导出节点的封存之中。")]
        elif file.is_seen_by_others(event) and len(file.parties) > 1:
            return [at_event(event, "对方签收过，却没有封存证明：案卷不完整。")]
        else:
            unsealed.add(event.chain)
    if unsealed:
        file.remarks.append("导出节点最近的记录尚未封存。")
    return []


def _others_included(file: DossierFile, peers: list[Any]) -> list[Finding]:
    """What a party has written and another signed for must be in a seal of its writer that is shown."""
    shown: set[tuple[str, int]] = set()
    for one in peers:
        seal, inclusion = one["seal"], one["inclusion"]
        if one.keys() != {"seal", "inclusion"} or seal["node"] == file.exporter:
            return [Finding("封存声明", "对方的封存声明格式不符。")]
        places = [(item["chain"], item["seq"]) for item in inclusion]
        events = [file.known.places.get(place) for place in places]
        if len(set(places)) != len(places) or not all(
            event and _holds(seal, inclusion, event) for event in events
        ):
            return [Finding("封存证明", "对方的包含证明不成立。")]
        shown |= set(places)
    present = {binding["node"] for binding in file.state.roles.values()}
    for chain, node in file.state.nodes.items():
        seen = [event for event in file.chain(chain) if file.is_seen_by_others(event)]
        if node == file.exporter or not seen or (chain, seen[-1].seq) in shown:
            continue
        if {node, file.exporter} <= present:
            return [at_event(seen[-1], "没有其节点包含它的封存声明：案卷不完整。")]
        # Events of third nodes are brought by others, without the seal.
        file.remarks.append(f"{chain} 没有其节点的封存声明：其任期或导出节点的任期已满。")
    return []


def _holds(seal: Mapping[str, Any], inclusion: list[Any], event: Event) -> bool:
    return event.node == seal["node"] and sealed.is_included(
        seal, (event.chain, event.seq, event.hash), inclusion
    )


def problem_of(file: DossierFile, document: Mapping[str, Any], form: str, signer: Any) -> str:
    """Return what is wrong with a signed document of a format by a node of the file, or an empty text."""
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
    """Whether a statement counts: by keys in force, or witnessed by another party before the revocation."""
    chain = file.chains[document["signer"]]
    moments = _given_up(chain, document)
    if not moments:
        return True
    revoked = min(moments)
    if parse_time(document["at"]) >= revoked:
        return False
    witnesses = [
        other
        for other in file.document["statements"]
        if other["signer"] != document["signer"]
        and parse_time(other["at"]) < revoked
        and _in_force(file, other)
    ]
    return bool(witnesses) and all(
        any(other["heads"].get(name, [0])[0] >= head[0] for other in witnesses)
        for name, head in document["heads"].items()
        if file.state.nodes.get(name) == document["signer"]
    )


def _in_force(file: DossierFile, document: Mapping[str, Any]) -> bool:
    """Whether a witness is a party and its keys were never given up."""
    chain = file.chains.get(document["signer"])
    if chain is None or document["signer"] not in file.parties:
        return False
    return not _given_up(chain, document)


def _given_up(chain: KeyChain, document: Mapping[str, Any]) -> list[datetime]:
    """Return the moments from which keys that signed a document count no longer."""
    numbers = set(signed.key_numbers(document))
    return [since for record in chain.records for number, since in record.revokes if number in numbers]
