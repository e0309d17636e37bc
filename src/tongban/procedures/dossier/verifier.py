"""
The verifier of dossiers (案卷查验): a file in, a verdict out; no database, no network, no Django.

It can be shipped alone, with the pure modules that `known_procedures` and this import. What is checked,
and what cannot be proved by any file, stands in docs/protocol.md §15 and §17.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from tongban.kernel.crypto.keychain import fingerprint_groups, fingerprint_typed
from tongban.kernel.journal import fold
from tongban.kernel.journal.fold import State
from tongban.procedures import register
from tongban.procedures.dossier import (
    checks_of_events,
    checks_of_forks,
    checks_of_papers,
    checks_of_signatures,
)
from tongban.procedures.dossier.dossierfile import DossierFile, NotADossier, read
from tongban.procedures.dossier.findings import Finding

HOLDS, WRONG, TOO_NEW, NO_ROOTS, CONTESTED = 0, 1, 3, 4, 5

Stage = Callable[[DossierFile], list[Finding]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of a dossier.

    `code` is the exit code: 0 it holds; 1 something is wrong (`findings`, the first wrong thing first);
    3 it uses rules that only a newer version of this program can judge; 4 it is intact, but no trusted root
    was given: compare `fingerprints`; 5 it is authentic, but contested or not lawful, as `contested` says. `remarks` are
    true, worth knowing and no fault.
    """

    ok: bool
    code: int
    findings: tuple[Finding, ...] = ()
    fingerprints: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()


# Each stage rests on the one before: after a fault, what follows would only repeat it in other words.
STAGES: tuple[Stage, ...] = (
    checks_of_events.chains,
    checks_of_events.story,
    checks_of_signatures.keys,
    checks_of_signatures.whole_file,
    checks_of_papers.papers,
    checks_of_events.bindings,
    checks_of_signatures.statements,
    checks_of_forks.forks,
    checks_of_signatures.seals,
    checks_of_papers.content,
    checks_of_events.lawfulness,
)


def verify(data: bytes, roots: Collection[str] | None) -> Verdict:
    """Return the verdict on the bytes of a dossier; `roots` are the fingerprints trusted from outside it."""
    try:
        file = read(data)
    except NotADossier as error:
        return Verdict(ok=False, code=WRONG, findings=(Finding("文件", str(error)),))
    too_new: list[Finding] = []
    for stage in STAGES:
        findings = _run(stage, file)
        if any(not finding.too_new for finding in findings):
            return _wrong(file, findings)
        too_new += findings
    strangers = _strangers(file, roots)
    if strangers:
        return _wrong(file, strangers)
    return _intact(file, too_new, rooted=roots is not None)


def _strangers(file: DossierFile, roots: Collection[str] | None) -> list[Finding]:
    if roots is None:
        return []
    trusted = {fingerprint_typed(root) for root in roots}
    return [
        Finding("节点", f"节点 {node} 不在可信根名单中，请核对其指纹。")
        for node in sorted(file.chains.keys() - trusted)
    ]


def _intact(file: DossierFile, too_new: list[Finding], *, rooted: bool) -> Verdict:
    """Nothing is false; what is left to say is whether all of it is agreed, judged, and rooted."""
    code = HOLDS if rooted else NO_ROOTS
    if too_new:
        code = TOO_NEW
    if file.contested:
        code = CONTESTED
    return Verdict(
        ok=code in (HOLDS, NO_ROOTS), code=code, findings=tuple(too_new), fingerprints=_fingerprints(file),
        summary=_summary(file), remarks=tuple(file.remarks), contested=tuple(file.contested),
    )  # fmt: skip


def _run(stage: Stage, file: DossierFile) -> list[Finding]:
    try:
        return stage(file)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as error:
        # Signed by nobody yet, the file may hold anything anywhere.
        return [Finding("文件", f"内容格式不符（{stage.__name__}：{type(error).__name__}）。")]


def _wrong(file: DossierFile, findings: list[Finding]) -> Verdict:
    return Verdict(
        ok=False, code=WRONG, findings=tuple(findings), fingerprints=_fingerprints(file), remarks=tuple(file.remarks)
    )  # fmt: skip


def _fingerprints(file: DossierFile) -> dict[str, str]:
    return {node: fingerprint_groups(node) for node in sorted(file.chains)}


def agreed(file: DossierFile) -> State:
    """
    Return the state that counts: the fold of what is lawful and what another party has signed for.

    What the other side never saw moves nothing: whoever exports could have written it a moment ago.
    """
    without = {
        event.hash
        for event in file.events
        if event.hash in file.unlawful or not file.is_seen_by_others(event)
    }
    return fold.fold(file.procedure, file.subject, file.events, without)


def _summary(file: DossierFile) -> dict[str, Any]:
    state = agreed(file)
    procedure = register.find(file.procedure)
    outcome = next((facts["outcome"] for facts in state.facts.values() if "outcome" in facts), "")
    unseen = [event for event in file.events if not file.is_seen_by_others(event)]
    if unseen:
        file.remarks.append(f"最近 {len(unseen)} 条记录对方尚未签收，所示阶段和结果不含它们。")
    summary = {
        "procedure": file.procedure,
        "subject": file.subject,
        "exporter": file.exporter,
        "at": file.at,
        "phase": state.phase,
        "phase_name": procedure.phase_name(state.phase) if procedure else state.phase,
        "outcome": outcome,
        "events": {name: head[0] for name, head in sorted(file.state.heads.items())},
        "nodes": dict(sorted(file.state.nodes.items())),
        "with_content": file.content is not None,
    }
    destroyed = {
        str(role): {"ground": said.get("appraised", ""), "on": said["destroyed"]}
        for role, said in state.facts.items()
        if said.get("destroyed")
    }
    if destroyed:
        summary["destroyed"] = destroyed
        days = "；".join(f"{name} 于 {one['on']} 确认" for name, one in destroyed.items())
        file.remarks.append(f"材料内容已依规定销毁（{days}），记录仍可查验。")
    return summary
