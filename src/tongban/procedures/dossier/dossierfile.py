"""
The dossier as a file (案卷): its members, reading it, and putting it together. Pure.

One canonical JSON document, signed whole by the node that exported it; docs/protocol.md §15 names each member.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.kernel.crypto import canon, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.journal import events
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State

FORMAT = "tongban-dossier/2"
MEMBERS = {
    "format": str, "procedure": str, "subject": str, "exporter": str, "at": str, "nodes": dict, "epochs": list,
    "tables": dict, "papers": dict, "events": list, "bodies": dict, "statements": list, "forks": dict, "seals": dict,
    "content": dict, "signatures": list,
}  # fmt: skip
FORKS = frozenset({"events", "statements", "settlements"})
SEALS = frozenset({"own", "proofs", "inclusion", "peers"})
LARGEST = 1 << 30


class NotADossier(ValueError):
    """The bytes are no dossier; the sentence says why."""


@dataclass(slots=True)
class DossierFile:
    """A dossier in its parts; nothing of it is believed before the checks have run."""

    document: Mapping[str, Any]
    procedure: str
    subject: str
    exporter: str
    at: str
    events: list[Event] = field(default_factory=list)
    chains: dict[str, KeyChain] = field(default_factory=dict)  # key chains by node, once checked
    state: State = field(default_factory=lambda: State("", ""))  # the fold, once checked
    views: dict[str, State] = field(default_factory=dict)  # hash → what its writer saw, once folded
    # (signer, chain) → the furthest head that a statement of the signer that counts covers
    covered: dict[tuple[str, str], int] = field(default_factory=dict)
    unlawful: dict[str, str] = field(default_factory=dict)  # hash → code, as judged
    contested: list[str] = field(
        default_factory=list
    )  # what somebody contests, or is not lawful, in sentences
    remarks: list[str] = field(default_factory=list)

    @property
    def content(self) -> Mapping[str, str] | None:
        """The content by digest, in base64, or nothing where only digests were exported."""
        content: Mapping[str, str] | None = self.document["content"]
        return content

    @property
    def known(self) -> Known:
        """The events, to be looked up."""
        return Known.of(self.events)

    @property
    def parties(self) -> set[str]:
        """The nodes bound in any term: who wrote a chain, or is named by a binding or a succession that counts."""
        return self.state.parties()

    def chain(self, name: str) -> list[Event]:
        """Return the events of one chain, in order."""
        return [event for event in self.events if event.chain == name]

    def is_seen_by_others(self, event: Event) -> bool:
        """Return whether a bound node other than the writer has signed for an event; where there is no other, the writer."""
        others = self.parties - {event.node} or {event.node}
        return any(self.covered.get((node, event.chain), 0) >= event.seq for node in others)


def read(data: bytes) -> DossierFile:
    """
    Return the parts of a dossier.

    Raises:
        NotADossier: not canonical JSON, another format, or not exactly the members of a dossier.
    """
    if len(data) > LARGEST:
        raise NotADossier("文件过大，不是案卷。")
    try:
        document = canon.decode(data)
    except canon.CanonError:
        raise NotADossier("不是规范 JSON：文件被改动过，或不是案卷。") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotADossier(f"不是 {FORMAT} 格式的案卷。")
    if document.keys() != MEMBERS.keys():
        raise NotADossier("案卷的组成部分缺少或多余。")
    for name, kind in MEMBERS.items():
        optional = name == "content" and document[name] is None
        if not optional and (not isinstance(document[name], kind) or isinstance(document[name], bool)):
            raise NotADossier(f"案卷的 {name} 部分格式不符。")
    for name, members in (("forks", FORKS), ("seals", SEALS)):
        part = document[name]
        if part.keys() != members or not all(isinstance(value, list) for value in part.values()):  # type: ignore[union-attr]
            raise NotADossier(f"案卷的 {name} 部分格式不符。")
    try:
        events.parse_time(document["at"])  # type: ignore[arg-type]
    except ValueError:
        raise NotADossier("案卷的导出时间格式不符。") from None
    return DossierFile(
        document, str(document["procedure"]), str(document["subject"]), str(document["exporter"]), str(document["at"])
    )  # fmt: skip


def assemble(**members: Any) -> dict[str, Any]:
    """
    Return the unsigned document of a dossier from its members (all but format and signatures).

    Raises:
        ValueError: a member is missing or unknown.
    """
    document = {"format": FORMAT, **members}
    if document.keys() != MEMBERS.keys() - {signed.MEMBER}:
        raise ValueError("not the members of a dossier")
    return document
