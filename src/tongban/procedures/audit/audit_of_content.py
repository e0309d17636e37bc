"""Audit of the vault: keys of matters, and content against the digests that events name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from tongban.kernel import vault
from tongban.kernel.crypto import digest, keyring, sm
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import events
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import format_time
from tongban.kernel.journal.fold import State
from tongban.kernel.models import Content, Event, SubjectKey
from tongban.procedures import disposal
from tongban.procedures.audit.discrepancies import Discrepancy, Report
from tongban.procedures.models import Matter
from tongban.procedures.words import Standard

BATCH = 200


def check(own: str, report: Report, *, deep: bool) -> Iterator[Discrepancy]:
    """Yield what is wrong with the keys of matters and with stored content; `deep` opens the files too."""
    last = ""
    while True:
        keys = list(SubjectKey.objects.filter(subject__gt=last).order_by("subject")[:BATCH])
        if not keys:
            break
        numbers = [row.subject for row in keys]
        begun = set(Event.objects.filter(subject__in=numbers, seq=1).values_list("subject", flat=True))
        ended, kept = _ends_of_keeping(numbers, own), _still_kept(numbers, own)
        named = _named(numbers)
        for row in keys:
            report.count("SubjectKey")
            if row.subject in begun or row.wrapped is not None:  # what became of a draft, no event says
                yield from _key(row, ended.get(row.subject), kept=row.subject in kept)
        contents = list(Content.objects.filter(subject__in=numbers).order_by("id"))
        destroyed = {row.subject for row in keys if row.wrapped is None}
        for content in contents:
            report.count("Content")
            yield from _content(content, named.get((content.subject, content.digest)), destroyed, deep=deep)
        stored = {(content.subject, content.digest) for content in contents}
        for matter, name in sorted(named.keys() - stored):
            if (matter, name) in _ours(named, own):
                yield Discrepancy(
                    "Content", f"{matter} {name[:16]}…", "subject,digest", "事件所指的内容不见了"
                )
        last = numbers[-1]
    for orphan in (
        Content.objects.exclude(subject__in=SubjectKey.objects.values("subject")).order_by("id").iterator()
    ):
        if orphan.complete:
            yield Discrepancy("Content", f"{orphan.subject} {orphan.digest[:16]}…", "subject", "没有内容密钥")


def _named(numbers: Sequence[str]) -> dict[tuple[str, str], tuple[str, int]]:
    """Return what the events of these matters name: (matter, digest) → (node, size)."""
    named = {}
    for matter, raw, body in Event.objects.filter(subject__in=numbers).values_list("subject", "raw", "body"):
        try:
            event = journal.read_row(raw, body)
        except events.MalformedEvent:
            continue  # told by the audit of matters
        for piece in event.content:
            named[matter, piece["digest"]] = (event.node, piece["size"])
    return named


def _ours(named: Mapping[tuple[str, str], tuple[str, int]], own: str) -> set[tuple[str, str]]:
    """Content of others may still be under way, or was never meant for us; our own must be here."""
    return {place for place, (node, _) in named.items() if node == own}


def _ends_of_keeping(numbers: Sequence[str], own: str) -> dict[str, tuple[str, str]]:
    """Return on what ground and when this node last said that a side of its own keeps no content any more."""
    rows = Event.objects.filter(subject__in=numbers, kind__in=disposal.ENDS_KEEPING, node=own).order_by("id")
    found: dict[str, tuple[str, str]] = {}
    for matter, raw, body in rows.values_list("subject", "raw", "body"):
        event = journal.read_row(raw, body)
        ground = disposal.ENDS_KEEPING[Standard(event.kind)](event.given) if event.body is not None else ""
        found[matter] = (ground, event.document["at"])
    return found


def _still_kept(numbers: Sequence[str], own: str) -> set[str]:
    """Return of which matters some side on this node keeps content all the same."""
    rows = Matter.objects.filter(number__in=numbers).values_list("number", "state")
    known = State.__dataclass_fields__.keys()
    states = {number: State.from_dict(state) for number, state in rows if state.keys() <= known}
    return {number for number, state in states.items() if disposal.is_needed(state, own)}


def _key(row: SubjectKey, ended: tuple[str, str] | None, *, kept: bool) -> Iterator[Discrepancy]:
    if row.wrapped is None:
        if ended is None or kept:
            yield Discrepancy("SubjectKey", row.subject, "subject,wrapped", "密钥已销毁，却没有销毁的记录")
        elif ended[0] and row.destroyed_under != ended[0]:
            yield Discrepancy("SubjectKey", row.subject, "destroyed_under", "与销毁记录的依据不符")
        elif row.destroyed_at is None or format_time(row.destroyed_at) != ended[1]:
            yield Discrepancy("SubjectKey", row.subject, "destroyed_at", "与销毁记录的时间不符")
        return
    if (ended is not None and not kept) or row.destroyed_under or row.destroyed_at:
        yield Discrepancy(
            "SubjectKey", row.subject, "wrapped,destroyed_at,destroyed_under", "记录说已销毁，密钥却还在"
        )
    try:
        sm.sm4_open(keyring.vault_key(settings.NODE.keys), bytes(row.wrapped), row.subject.encode())
    except ValueError:
        yield Discrepancy("SubjectKey", row.subject, "subject,wrapped", "用本节点的密钥打不开")


def _content(
    row: Content, named: tuple[str, int] | None, destroyed: set[str], *, deep: bool
) -> Iterator[Discrepancy]:
    key = f"{row.subject} {row.digest[:16]}…"
    if named is not None and row.size != named[1]:
        yield Discrepancy("Content", key, "size", "与事件所记的大小不符")
    if row.subject in destroyed:
        if row.sealed is not None or not row.complete:
            yield Discrepancy("Content", key, "sealed,complete", "密钥已销毁，密文却还在")
        return
    if row.complete != (row.chunks == vault.chunk_count(row.size)):
        yield Discrepancy("Content", key, "complete,chunks,size", "是否收齐与分块数不符")
    elif row.complete and (deep or row.sealed is not None):
        yield from _opened(row, key)
    elif row.complete and not _is_on_disk(row):
        yield Discrepancy("Content", key, "sealed", "密文不见了")


def _opened(row: Content, key: str) -> Iterator[Discrepancy]:
    try:
        pieces = (
            vault.read_chunk(row.subject, row.digest, index) for index in range(vault.chunk_count(row.size))
        )
        stream = b"".join(pieces)
    except (DomainError, ValueError):
        yield Discrepancy("Content", key, "subject,digest,sealed", "内容打不开或不见了")
        return
    if digest.of(stream) != row.digest:
        yield Discrepancy("Content", key, "digest,sealed", "内容与加盐摘要不符")
    elif len(stream) != vault.SALT + row.size:
        yield Discrepancy("Content", key, "size", "内容的大小不符")


def _is_on_disk(row: Any) -> bool:
    return all(vault.has_chunk(row.subject, row.digest, index) for index in range(row.chunks))
