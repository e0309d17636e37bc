"""Checks of a dossier's forks: other branches really are their writers', and whether both sides have settled them. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tongban.kernel.journal import events
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.heads import FORMAT as HEADS
from tongban.kernel.journal.heads import is_well_formed
from tongban.procedures import settlements
from tongban.procedures.dossier.checks_of_signatures import problem_of
from tongban.procedures.dossier.dossierfile import DossierFile
from tongban.procedures.dossier.findings import Finding, at_event


def forks(file: DossierFile) -> list[Finding]:
    """Check the branches shown besides the story; one that is not settled makes the dossier contested."""
    part = file.document["forks"]
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
        ours = (document["procedure"], document["subject"]) == (file.procedure, file.subject)
        if not ours or signer not in file.parties:
            return [Finding("分叉", "有链头声明属于另一事项，或不是这一事项的一方所签。")]
        covered |= {(signer, head[1]) for head in document["heads"].values()}
    for event in branches:
        problem = _problem(file, event, branches, covered)
        if problem:
            return [at_event(event, problem)]
    for event in branches:
        if _begins(file, event):
            _tell(file, event, settled)
    return []


def _problem(
    file: DossierFile, event: Event, branches: Iterable[Event], covered: Collection[tuple[str, str]]
) -> str:
    if (event.procedure, event.subject) != (file.procedure, file.subject):
        return "分叉的记录属于另一事项。"
    if file.state.owner(event.chain) != event.node:
        return "分叉的记录不是该链的节点所写。"
    if not _is_signed(event, branches, covered):
        return "分叉的记录没有其节点的签名。"
    if event.hash in file.known.hashes:
        return "就是案卷中的这一条，不是分叉。"
    if not _begins(file, event) and not _follows(event, branches):
        return "分叉的记录没有接在链上。"
    return ""


def _begins(file: DossierFile, event: Event) -> bool:
    """Whether another branch begins with this event: what is ahead of it is ahead of the event here as well."""
    there = file.known.places.get((event.chain, event.seq))
    return there is not None and there.prev == event.prev


def _follows(event: Event, branches: Iterable[Event]) -> bool:
    return any(
        (other.chain, other.seq, other.hash) == (event.chain, event.seq - 1, event.prev) for other in branches
    )


def _is_signed(event: Event, branches: Iterable[Event], covered: Collection[tuple[str, str]]) -> bool:
    """Whether the writer signed this event, or one that follows it in the branch."""
    following = {event.prev: event.hash}
    for other in sorted(branches, key=lambda other: other.seq):
        if other.chain == event.chain and other.prev in following.values():
            following[other.prev] = other.hash
    return any((event.node, hash_) in covered for hash_ in following.values())


def _tell(file: DossierFile, event: Event, settled: Iterable[Mapping[str, Any]]) -> None:
    for document in settled:
        kept = file.known.places.get((document["chain"], document["seq"]))
        sides = {document["writer"], document["counterpart"]}
        # Who forked cannot settle it with itself, unless there is nobody else.
        both = sides <= file.parties and len(sides) == min(2, len(file.parties))
        right = kept is not None and (kept.hash, kept.node) == (document["kept"], document["writer"])
        if both and right and event.hash in document["dropped"]:
            file.remarks.append(f"{at_event(event, '')}另一分支已由双方依《{document['basis']}》核处，不计。")
            return
    file.contested.append(f"{at_event(event, '同一位置另有一条记录（分叉），尚未由双方核处。')}")
