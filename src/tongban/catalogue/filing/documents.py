"""The guide that a filing is about, as text that people write and as the document that it becomes."""

import json

from tongban.catalogue import guides
from tongban.catalogue.filing.words import Act, Role
from tongban.catalogue.guides import Document
from tongban.catalogue.models import Guide
from tongban.kernel import vault
from tongban.kernel.crypto import canon
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State


def written(document: Document) -> str:
    """Return a document as text to be read and changed: one part in each line, and no longer than a form may send."""
    lines = (f"{json.dumps(name)}: {json.dumps(part, ensure_ascii=False)}" for name, part in document.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def in_force(offering: str) -> str:
    """Return the guide in force of an offering as text, or nothing."""
    found = Guide.objects.current().filter(offering__code=offering).order_by("-version").first()
    return written(found.body) if found else ""


def newest(state: State) -> str:
    """Return the newest draft of a filing as its writer left it; raises ContentMissing, ContentDestroyed."""
    return vault.get(state.subject, _drafts(state)[-1]).decode(errors="replace")


def read(text: str, node: str) -> Document:
    """
    Return the document that a text is; whose node it is, and what signing added once, nobody need write or strike.

    Raises:
        GuideInvalid: it is no text of a document.
    """
    try:
        document = json.loads(text)
        canon.encode(document)
    except (ValueError, RecursionError) as error:
        raise guides.GuideInvalid("指南内容不是完整的 JSON 文本，未保存。请核对括号和引号后重试。") from error
    if not isinstance(document, dict) or not isinstance(document.get("form"), dict):
        raise guides.GuideInvalid("指南内容缺少各部分或申请表，未保存。请从现行指南改起。")
    return guides.split({**document, "node": node})[0]


def demand_sound(document: Document, offering: str, organisation: str) -> None:
    """Ask whether a draft is a lawful guide of this offering and organisation; raises GuideInvalid, InvalidInput."""
    guides.demand_valid(guides.numbered(document, 1))
    if (document["offering"], document["organisation"]["uscc"]) != (offering, organisation):
        raise InvalidInput(
            f"《{document['name']}》所写的实施编码或实施机构与本件不同，未保存。请改正，或另行起草。"
        )


def digest(document: Document) -> str:
    """Return the digest of what a draft says, whatever version it becomes."""
    return guides.digest(guides.numbered(document, 0))


def of(state: State) -> Document:
    """
    Return the newest draft of a filing: what the department wrote itself, and nobody holds back.

    Raises:
        GuideInvalid: as `read`. ContentMissing, ContentDestroyed: as the vault says.
    """
    return read(newest(state), state.roles[Role.DEPARTMENT]["node"])


def _drafts(state: State) -> list[str]:
    return [
        str(piece["digest"])
        for event in journal.events_of(state.subject)
        if event.role == Role.DEPARTMENT
        and event.kind in (Act.DRAFT, Act.REVISE)
        and event.hash not in state.withheld
        for piece in event.content
        if piece["label"] == "guide"
    ]
