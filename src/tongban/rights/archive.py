"""A ZIP that is sent while it is made: no more of it is in memory than the piece that is being packed, and none on a disk."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongban.kernel.time.clock import OFFICIAL

# Pictures and PDFs are packed already; packing them again costs time and saves nothing.
_PACKED: Final = (".pdf", ".png", ".jpg", ".jpeg", ".ofd")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a ZIP: its name and its bytes, piece by piece."""

    name: str
    pieces: Iterable[bytes]


class _Sink:
    """What a ZIP is written into: a stream that cannot go back, emptied as one goes on."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data, self._held = b"".join(self._held), []
        return data


def stream(parts: Iterable[Part], at: datetime) -> Iterator[bytes]:
    """Yield the bytes of a ZIP of `parts`; each is asked for its pieces only when it is its turn."""
    sink, moment = _Sink(), at.astimezone(OFFICIAL).timetuple()[:6]
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]
        for part in parts:
            entry = zipfile.ZipInfo(part.name, moment)
            is_packed = part.name.lower().endswith(_PACKED)
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as file:
                for piece in part.pieces:
                    file.write(piece)
                    if data := sink.take():
                        yield data
    yield sink.take()
