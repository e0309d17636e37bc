"""
The verifier of dossiers (案卷查验): a file in, a verdict out; no database, no network, no Django.

It can be shipped alone, with the pure modules of `kernel`, `cases` and `agreements` that it imports. What is checked,
and what cannot be proved by any file, stands in docs/protocol.md §15 and §17.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from tongban.cases import checks_of_events, checks_of_papers, checks_of_signatures
from tongban.cases.dossierfile import DossierFile, NotADossier, read
from tongban.cases.findings import Finding
from tongban.cases.words import PHASE_NAMES, Phase, Role
from tongban.kernel.fold import State
from tongban.kernel.keychain import fingerprint_groups

HOLDS, WRONG, TOO_NEW, NO_ROOTS = 0, 1, 3, 4

Stage = Callable[[DossierFile], list[Finding]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of a dossier.

    `code` is the exit code: 0 it holds; 1 something is wrong (`findings`, the first wrong thing first);
    3 it uses rules that only a newer version of this program can judge; 4 it is intact, but no trusted root
    was given: compare `fingerprints`. `remarks` are true, worth knowing and no fault.
    """

    ok: bool
    code: int
    findings: tuple[Finding, ...] = ()
    fingerprints: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


# Each stage rests on the one before: after a fault, what follows would only repeat it in other words.
STAGES: tuple[Stage, ...] = (
    checks_of_events.chains,
    checks_of_events.story,
    checks_of_signatures.keys,
    checks_of_signatures.whole_file,
    checks_of_papers.papers,
    checks_of_events.bindings,
    checks_of_signatures.statements,
    checks_of_signatures.seals,
    checks_of_events.lawfulness,
    checks_of_papers.content,
)  # fmt: skip


def verify(data: bytes, roots: Collection[str] | None) -> Verdict:
    """Return the verdict on the bytes of a dossier; `roots` are the fingerprints trusted from outside it."""
    try:
        file = read(data)
    except NotADossier as error:
        return Verdict(ok=False, code=WRONG, findings=(Finding("文件", str(error)),))
    for stage in STAGES:
        findings = _run(stage, file)
        if findings:
            return _wrong(file, findings)
    fingerprints = {node: fingerprint_groups(node) for node in sorted(file.chains)}
    strangers = (
        []
        if roots is None
        else sorted(file.chains.keys() - {root.replace(" ", "").lower() for root in roots})
    )
    if strangers:
        findings = [Finding("节点", f"节点 {node} 不在可信根名单中，请核对其指纹。") for node in strangers]
        return Verdict(ok=False, code=WRONG, findings=tuple(findings), fingerprints=fingerprints)
    return Verdict(
        ok=True, code=NO_ROOTS if roots is None else HOLDS, fingerprints=fingerprints,
        summary=_summary(file, file.state), remarks=tuple(file.remarks),
    )  # fmt: skip


def _run(stage: Stage, file: DossierFile) -> list[Finding]:
    try:
        return stage(file)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        # Signed by nobody yet, the file may hold anything anywhere.
        return [Finding("文件", f"内容格式不符（{stage.__name__}：{type(error).__name__}）。")]


def _wrong(file: DossierFile, findings: list[Finding]) -> Verdict:
    code = TOO_NEW if all(finding.too_new for finding in findings) else WRONG
    fingerprints = {node: fingerprint_groups(node) for node in sorted(file.chains)}
    return Verdict(
        ok=False, code=code, findings=tuple(findings), fingerprints=fingerprints, remarks=tuple(file.remarks)
    )


def _summary(file: DossierFile, state: State) -> dict[str, Any]:
    facts = state.facts
    summary = {
        "case": file.case,
        "exporter": file.exporter,
        "at": file.at,
        "phase": state.phase,
        "phase_name": PHASE_NAMES[Phase(state.phase)] if state.phase in set(Phase) else state.phase,
        "outcome": facts.get("outcome", ""),
        "events": {name: head[0] for name, head in sorted(state.heads.items())},
        "nodes": dict(sorted(state.nodes.items())),
        "with_content": file.content is not None,
    }
    if facts.get("destruction"):
        confirmed = {str(role): facts.get(f"destroyed.{role}", "") for role in Role}
        summary["destroyed"] = {"under": facts["destruction"], "confirmed": confirmed}
        days = "；".join(f"{name} 于 {day} 确认" for name, day in confirmed.items() if day) or "尚无一方确认"
        file.remarks.append(f"材料内容已依《{facts['destruction']}》销毁（{days}），记录仍可查验。")
    return summary
