"""Checks of what a dossier rests on: guides, agreements, content. Pure."""

import base64
import binascii
from collections.abc import Mapping
from datetime import date, timedelta, timezone
from typing import Any

from tongban.agreements import documents as agreements
from tongban.cases import bindings
from tongban.cases.dossierfile import DossierFile
from tongban.cases.findings import Finding, at_event
from tongban.cases.guards import Terms
from tongban.cases.words import Role
from tongban.kernel import digest, signed
from tongban.kernel.errors import DomainError
from tongban.kernel.events import Event

GUIDE_FORMAT = "tongban-guide/1"
SIGNING = frozenset({"key", "signature"})
SALT = 16


def papers(file: DossierFile) -> list[Finding]:
    """Check guides and agreements: digests, signatures, and that each binding names the right ones."""
    for name, guide in file.document["guides"].items():
        problem = _guide_problem(file, name, guide)
        if problem:
            return [Finding(f"办事指南 {name[:16]}…", problem)]
    for name, agreement in file.document["agreements"].items():
        if agreements.digest_of(agreement) != name:
            return [Finding(f"通办协议 {name[:16]}…", "内容与摘要不符。")]
        try:
            agreements.check(agreement, file.chains)
        except DomainError as error:
            return [Finding(f"通办协议 {name[:16]}…", str(error))]
    return _binding_problems(file)


def terms_of_pins(file: DossierFile, pins: Any) -> Terms | None:
    """Return what the papers named by digest say, or nothing where one is not in the file."""
    try:
        guide = file.document["guides"][pins["offering"]["digest"]]
        return Terms(guide=guide, agreement=file.document["agreements"][pins["agreement"]["digest"]])
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
        if not right or digest.sm3_hex(stream) != name:
            return [at_event(event, f"材料“{piece['label']}”的内容与加盐摘要不符。")]
    missing = len(named) - len(file.content)
    if missing:
        file.remarks.append(f"有 {missing} 份材料内容未随案卷导出（已销毁或不在导出节点）。")
    return []


def _guide_problem(file: DossierFile, name: str, guide: Mapping[str, Any]) -> str:
    body = {member: value for member, value in guide.items() if member not in SIGNING}
    if guide["format"] != GUIDE_FORMAT or digest.tagged(GUIDE_FORMAT, body) != name:
        return "内容与摘要不符。"
    chain = file.chains.get(guide["node"])
    if chain is None:
        return "发布它的节点在案卷中没有密钥链。"
    try:
        signed.check(guide, chain)
    except signed.BadSignature as error:
        return str(error)
    return ""


def _binding_problems(file: DossierFile) -> list[Finding]:
    intake = next((event.node for event in file.events if event.role == Role.INTAKE), "")
    pinned: Any = None
    for event in file.events:
        for binding in event.effects.get("bind", ()):
            terms = terms_of_pins(file, binding)
            if terms is None:
                return [at_event(event, "所依据的办事指南或通办协议不在案卷中。")]
            pins = (binding["offering"], binding["agreement"])
            fault = bindings.problem(
                binding, terms, intake=intake, day=_day(event), pinned_before=pins == pinned
            )
            if fault:
                return [at_event(event, f"{fault}。")]
            pinned = pins
    return []


def _day(event: Event) -> date:
    return event.at.astimezone(timezone(timedelta(hours=8))).date()
