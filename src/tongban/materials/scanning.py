"""
Whether a virus scanner has anything against a file. The scanner is named in the node's configuration.

Where none is named every file counts as clean: `inspection` has refused what acts by itself, and the
operator has decided so (docs/operations.md). Where one is named and gives no verdict, the file is held.
"""

import io
import logging
import zipfile
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import pikepdf
from django.conf import settings

from tongban.kernel import memo
from tongban.kernel.errors import DomainError
from tongban.materials import clamd, inspection
from tongban.materials.refusals import FileDangerous

log = logging.getLogger(__name__)

UNPACKED: Final = 8 * 1024 * 1024  # what is sent to the scanner at once, besides the file itself


class Verdict(StrEnum):
    """What is known of a file."""

    CLEAN = "clean"
    HELD = "held"
    INFECTED = "infected"


class Standing(StrEnum):
    """How a node stands with its virus scanner."""

    ABSENT = "absent"  # none is named: files are not scanned
    AWAY = "away"  # it is named and does not answer: files are held
    READY = "ready"


class ScannerAway(DomainError):
    """The virus scanner gives no verdict, and this file cannot wait."""

    code = "scanner_away"
    status = 503


def standing() -> Standing:
    """Return whether there is a scanner, and whether it answers now."""
    address = settings.NODE.scanner
    if not address:
        return Standing.ABSENT
    return Standing.READY if clamd.ping(address) else Standing.AWAY


@memo.for_a_moment  # a page that says so must not ask the scanner for every reader
def recent_standing() -> Standing:
    """Return the `standing` of a moment ago at the earliest."""
    return standing()


def is_ready() -> bool:
    """Return whether files can be judged now."""
    return standing() is not Standing.AWAY


def scan(data: bytes, media_type: str) -> Verdict:
    """Return what the node's scanner says of a file; HELD if it cannot say."""
    address = settings.NODE.scanner
    if not address:
        return Verdict.CLEAN
    try:
        infected = any(clamd.is_infected(address, piece) for piece in _looked_into(data, media_type))
    except clamd.Unavailable as trouble:
        log.warning("virus scanner gives no verdict: %s", trouble)
        return Verdict.HELD
    return Verdict.INFECTED if infected else Verdict.CLEAN


def demand_clean(data: bytes, media_type: str, *, material: str) -> None:
    """
    Return if the scanner finds nothing.

    Raises:
        FileDangerous: it finds something. ScannerAway: it gives no verdict.
    """
    verdict = scan(data, media_type)
    if verdict is Verdict.INFECTED:
        raise FileDangerous(infected_sentence(material))
    if verdict is Verdict.HELD:
        raise ScannerAway(f"“{material}”暂时不能查毒，未保存。请几分钟后再试；一直如此请联系管理员。")


def infected_sentence(material: str) -> str:
    """Return what the person is told whose file was found infected."""
    return f"“{material}”查出病毒，未保存。请用杀毒软件检查设备后，重新扫描或拍照上传。"


def _looked_into(data: bytes, media_type: str) -> Iterator[bytes]:
    """Yield the file, and of a PDF also what its streams unpack to: clamd was seen to miss what they hide."""
    yield data
    if media_type != inspection.PDF:
        return
    archive, size = _Archive(), 0
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        for thing in pdf.objects:
            if not isinstance(thing, pikepdf.Stream) or thing.get("/Subtype") == "/Image":
                continue
            content = _unpacked(thing)
            archive.add(content)
            size += len(content)
            if size > UNPACKED:
                yield archive.closed()
                archive, size = _Archive(), 0
    if size:
        yield archive.closed()


def _unpacked(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    except pikepdf.PdfError:
        return stream.read_raw_bytes()


class _Archive:
    """Streams in a ZIP that is not compressed: one question to the scanner instead of hundreds."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w")

    def add(self, content: bytes) -> None:
        self._zip.writestr(str(len(self._zip.infolist())), content)

    def closed(self) -> bytes:
        self._zip.close()
        return self._out.getvalue()
