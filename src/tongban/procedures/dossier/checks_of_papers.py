"""Checks of what a dossier rests on: papers, rule tables, content. Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tongban.kernel.crypto import digest
from tongban.kernel.journal.events import Event
from tongban.procedures import paper_kinds, register, tables
from tongban.procedures.circumstances import NOTHING_SAID, Terms
from tongban.procedures.dossier.dossierfile import DossierFile
from tongban.procedures.dossier.findings import Finding, at_event
from tongban.procedures.papers_named import Papers, named_by, one

SALT = 16


def papers(file: DossierFile) -> list[Finding]:
    """Check papers and tables by digest and signature, and that those which bindings name are here."""
    for name, table in file.document["tables"].items():
        if digest.tagged(tables.FORMAT, table) != name:
            return [Finding(f"规则表 {name[:16]}…", "内容与摘要不符。")]
    for name, paper in file.document["papers"].items():
        kind = paper_kinds.of_format(paper)
        problem = kind.problem(name, paper, file.chains) if kind else "不是本程序认识的文件。"
        if problem:
            return [Finding(f"{kind.title if kind else '所依据的文件'} {name[:16]}…", problem)]
    for event in file.events:
        if any(_is_missing(file, paper) for some in named_by(event) for paper in some):
            return [at_event(event, "所依据的文件不在案卷中。")]
    return []


def _is_missing(file: DossierFile, paper: object) -> bool:
    """Whether a paper of a known kind is named that is not here; a list that names none is for the rules to judge."""
    named = (
        paper.get("digest") if isinstance(paper, dict) and paper.get("kind") in paper_kinds.names() else None
    )
    return named is not None and named not in file.document["papers"]


def terms_of(file: DossierFile, papers: Papers) -> Terms | None:
    """Return what papers named by digest say, or nothing where one is not in the file."""
    procedure = register.of(file.procedure)
    if not procedure.kinds:
        return NOTHING_SAID
    try:
        held = file.document["papers"]
        return procedure.terms({kind: held[one(papers, kind)["digest"]] for kind in procedure.kinds})
    except (KeyError, TypeError):
        return None


def content(file: DossierFile) -> list[Finding]:
    """Check that exported content is what the events name, and all that was exported is named."""
    if file.content is None:
        return []
    named: dict[str, tuple[Event, Mapping[str, Any]]] = {}
    for event in file.events:
        for piece in event.content:
            named.setdefault(piece["digest"], (event, piece))
    strangers = sorted(file.content.keys() - named.keys())
    if strangers:
        return [Finding("材料内容", f"{strangers[0][:16]}… 没有任何事件提到。")]
    for name, text in file.content.items():
        event, piece = named[name]
        try:
            stream = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return [at_event(event, f"材料“{piece['label']}”的编码不符。")]
        right = base64.b64encode(stream).decode() == text and len(stream) == SALT + piece["size"]
        if not right or digest.of(stream) != name:
            return [at_event(event, f"材料“{piece['label']}”的内容与加盐摘要不符。")]
    missing = len(named) - len(file.content)
    if missing:
        file.remarks.append(f"有 {missing} 份材料内容未随案卷导出（已销毁或不在导出节点）。")
    return []
