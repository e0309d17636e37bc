"""Checks of what a dossier rests on: papers, rule tables, content. Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tongban.agreements import documents as agreements
from tongban.cases import tables
from tongban.cases.dossierfile import DossierFile
from tongban.cases.findings import Finding, at_event
from tongban.cases.guards import Terms
from tongban.cases.papers_named import AGREEMENT, GUIDE, Papers, named_by, one
from tongban.kernel import digest, signed
from tongban.kernel.errors import DomainError
from tongban.kernel.events import Event

GUIDE_FORMAT = "tongban-guide/2"
SALT = 16


def papers(file: DossierFile) -> list[Finding]:
    """Check papers and tables by digest and signature, and that those which bindings name are here."""
    for name, table in file.document["tables"].items():
        if digest.tagged(tables.FORMAT, table) != name:
            return [Finding(f"规则表 {name[:16]}…", "内容与摘要不符。")]
    for name, paper in file.document["papers"].items():
        problem = _problem(file, name, paper)
        if problem:
            return [Finding(f"办事指南或通办协议 {name[:16]}…", problem)]
    for event in file.events:
        if any(_is_missing(file, paper) for some in named_by(event) for paper in some):
            return [at_event(event, "所依据的办事指南或通办协议不在案卷中。")]
    return []


def _is_missing(file: DossierFile, paper: object) -> bool:
    """Whether a guide or agreement is named that is not here; a list that names none is for the rules to judge."""
    named = (
        paper.get("digest") if isinstance(paper, dict) and paper.get("kind") in (GUIDE, AGREEMENT) else None
    )
    return named is not None and named not in file.document["papers"]


def terms_of(file: DossierFile, papers: Papers) -> Terms | None:
    """Return what papers named by digest say, or nothing where one is not in the file."""
    try:
        held = file.document["papers"]
        return Terms(
            guide=held[one(papers, GUIDE)["digest"]], agreement=held[one(papers, AGREEMENT)["digest"]]
        )
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


def _problem(file: DossierFile, name: str, paper: Mapping[str, Any]) -> str:
    if paper.get("format") == GUIDE_FORMAT:
        return _guide_problem(file, name, paper)
    try:
        if agreements.digest_of(paper) != name:
            return "内容与摘要不符。"
        agreements.check(paper, file.chains)
    except DomainError as error:
        return str(error)
    return ""


def _guide_problem(file: DossierFile, name: str, guide: Mapping[str, Any]) -> str:
    if digest.tagged(GUIDE_FORMAT, signed.without_signatures(guide)) != name:
        return "内容与摘要不符。"
    chain = file.chains.get(guide["node"])
    if chain is None:
        return "发布它的节点在案卷中没有密钥链。"
    try:
        signed.check(guide, chain)
    except signed.BadSignature as error:
        return str(error)
    return ""
