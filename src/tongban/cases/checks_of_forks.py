"""Checks of a dossier's forks: other branches really are their writers', and whether both sides have settled them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.cases import settlements
from tongban.cases.checks_of_signatures import problem_of
from tongban.cases.dossierfile import DossierFile
from tongban.cases.findings import Finding, at_event
from tongban.kernel import events
from tongban.kernel.events import Event
from tongban.kernel.heads import FORMAT as HEADS
from tongban.kernel.heads import is_well_formed


def forks(file: DossierFile) -> list[Finding]:
    """Check the branches shown besides the story; one that is not settled makes the dossier contested."""
    part, places = file.document["forks"], file.known.places
    try:
        branches = [events.from_documents(document) for document in part["events"]]
        settled = [settlements.check(document, file.chains) for document in part["settlements"]]
    except (events.MalformedEvent, settlements.SettlementInvalid) as error:
        return [Finding("分叉", str(error))]
    for document in settled:
        if (document["procedure"], document["subject"]) != (file.procedure, file.subject):
            return [Finding("分叉", "核处书属于另一事项。")]
    covered: set[tuple[str, str]] = set()
    for document in part["statements"]:
        signer = document.get("signer")
        if not is_well_formed(document) or problem_of(file, document, HEADS, signer):
            return [Finding("分叉", "有链头声明的签名不成立。")]
        covered |= {(signer, head[1]) for head in document["heads"].values()}
    for event in branches:
        if (event.procedure, event.subject) != (file.procedure, file.subject):
            return [at_event(event, "分叉的记录属于另一事项。")]
        if file.state.owner(event.chain) != event.node:
            return [at_event(event, "分叉的记录不是该链的节点所写。")]
        if not _is_signed(event, branches, covered):
            return [at_event(event, "分叉的记录没有其节点的签名。")]
        there = places.get((event.chain, event.seq))
        if there is not None and there.hash == event.hash:
            return [at_event(event, "就是案卷中的这一条，不是分叉。")]
    for event in branches:
        _tell(file, event, settled)
    return []


def _is_signed(event: Event, branches: Iterable[Event], covered: set[tuple[str, str]]) -> bool:
    """Whether the writer signed this event, or one that follows it in the branch."""
    following = {event.prev: event.hash}
    for other in sorted(branches, key=lambda other: other.seq):
        if other.chain == event.chain and other.prev in following.values():
            following[other.prev] = other.hash
    return any((event.node, hash_) in covered for hash_ in following.values())


def _tell(file: DossierFile, event: Event, settled: Iterable[Mapping[str, Any]]) -> None:
    for document in settled:
        if document["chain"] == event.chain and document["seq"] <= event.seq:
            kept = file.known.hashes.get(document["kept"])
            sides = {document["writer"], document["counterpart"]}
            bound = sides <= file.state.parties() and document["writer"] == event.node
            if kept is not None and kept.chain == event.chain and bound:
                file.remarks.append(
                    f"{at_event(event, '')}另一分支已由双方依《{document['basis']}》核处，不计。"
                )
                return
    file.contested.append(f"{at_event(event, '同一位置另有一条记录（分叉），尚未由双方核处。')}")
