"""
A dossier that people read (案卷): the story in words, who owed what, the list of what was handed in, and what was verified.

Drawn from the signed file alone, which is attached to it: so the paper can say nothing that the proof does not.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tongban.kernel.crypto import digest
from tongban.kernel.journal.events import Event
from tongban.letters import printing
from tongban.procedures import register
from tongban.procedures.dossier import timeline, verifier
from tongban.procedures.dossier.checks_of_events import official
from tongban.procedures.dossier.dossierfile import DossierFile
from tongban.procedures.dossier.verifier import Verdict

VERDICTS = {
    verifier.HOLDS: "成立：记录完整，签名、封存和规则都核对无误，各节点都在可信名单中。",
    verifier.WRONG: "不成立：有内容与签名、链条或封存不符，见下列第一处错误。不能作为依据。",
    verifier.TOO_NEW: "部分未能核对：含本系统版本没有的规则，见下列各条。请用新版本再核对。",
    verifier.NO_ROOTS: "完整，但没有给出可信名单：请与各县公布的节点指纹比对。",
    verifier.CONTESTED: "真实，但有争议或有不合规则之处，见下列各条。",
}
CHECKED = (
    "每一条记录都接在上一条之后，中间没有缺少、插入或改动",
    "每一条记录都由当时承办单位所在节点签名，签名与其公布的密钥相符",
    "所依据的办事指南、通办协议原文与记录中的摘要相符",
    "双方对收到的内容签过收据，记录已封存，封存的摘要与证明相符",
    "每一步都按当时的规则表由有权的一方办理，阶段、责任和期限与规则算得的相同",
)


@dataclass(frozen=True, slots=True)
class Book:
    """The dossier as a page maker takes it; `annex` is the signed file itself."""

    template: ClassVar[str] = "dossier"

    title: str
    number: str
    phase: str
    at: datetime
    exporter: str
    places: list[tuple[str, str]]
    events: int
    people: list[str]
    machines: list[str]
    duties: list[str]
    materials: list[tuple[str, str, str, str]]  # what, brought by which act and when, bytes, digest
    with_content: bool
    verdict: str
    findings: list[str]
    checked: list[str]
    roots: list[tuple[str, bool]]
    digest: str
    annex: str


def readable(data: bytes, roots: Collection[str]) -> bytes:
    """
    Return a dossier as PDF/A-3b with the signed file attached; `roots` are the fingerprints that this node trusts.

    Raises:
        NotADossier: the bytes are no dossier, or its events do not fit together. And as `printing.pdf`.
    """
    return printing.book(book(data, verifier.verify(data, roots), roots), data)


def book(data: bytes, verdict: Verdict, roots: Collection[str]) -> Book:
    """Return what stands on the pages; raises NotADossier."""
    told = timeline.told(data)
    file = told.file
    procedure = register.find(file.procedure)
    return Book(
        title=procedure.title if procedure else file.procedure, number=file.subject, phase=told.phase, at=official(file.at),
        exporter=file.exporter, places=told.places, events=len(file.events), people=told.people, machines=told.machines,
        duties=told.duties, materials=list(_materials(file)), with_content=file.content is not None,
        verdict=VERDICTS[verdict.code],
        findings=[*map(str, verdict.findings), *verdict.contested, *verdict.remarks],
        checked=list(CHECKED) if verdict.code in (verifier.HOLDS, verifier.NO_ROOTS) else [],
        roots=[(shown, node in roots) for node, shown in verdict.fingerprints.items()],
        digest=digest.of(data), annex=f"{file.subject}.dossier.json",
    )  # fmt: skip


def _materials(file: DossierFile) -> Iterator[tuple[str, str, str, str]]:
    procedure = register.find(file.procedure)
    labels = {"form": "申请表", **(procedure.labels if procedure else {}), **_named_by_guides(file)}
    for event in sorted(file.events, key=lambda event: str(event.document["at"])):
        for piece in event.content:
            label = str(piece["label"])
            yield labels.get(label, label), _brought(event), f"{piece['size']:,}", str(piece["digest"])


def _named_by_guides(file: DossierFile) -> dict[str, str]:
    """Return what the guides that lie in the dossier call materials, by the label of their content."""
    papers = file.document["papers"].values()
    return {
        f"material:{one['code']}": str(one["name"]) for paper in papers for one in paper.get("materials", ())
    }


def _brought(event: Event) -> str:
    procedure = register.find(event.procedure)
    title = procedure.present.title_of_act(event.kind) if procedure else event.kind
    return f"{title} {official(event.document['at']):%Y-%m-%d}"
