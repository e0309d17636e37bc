"""A virus scanner as the node meets it: speaks clamd's protocol on a socket, and finds one word."""

import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

VIRUS = b"a word that this scanner knows"


@dataclass
class Scanner:
    """What it heard, and how it behaves: `answer` takes the place of its verdict."""

    address: str
    scanned: list[bytes] = field(default_factory=list)
    answer: bytes | None = None

    def verdict(self, data: bytes) -> bytes:
        self.scanned.append(data)
        if self.answer is not None:
            return self.answer
        return b"stream: Test.Word FOUND\0" if VIRUS in b"".join(_layers(data)) else b"stream: OK\0"


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        scanner: Scanner = self.server.scanner  # type: ignore[attr-defined]
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert command == b"zINSTREAM\0", command
        data = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        self.wfile.write(scanner.verdict(data))


class _Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class _Tcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


@contextmanager
def listening(folder: Path, *, tcp: bool = False) -> Iterator[Scanner]:
    """Run a scanner at a socket in `folder`, or at a port of this machine."""
    path = folder / "clamd.ctl"
    server = _Tcp(("127.0.0.1", 0), _Handler) if tcp else _Local(str(path), _Handler)
    address = f"127.0.0.1:{server.server_address[1]}" if tcp else f"unix:{path}"
    scanner = Scanner(address)
    server.scanner = scanner  # type: ignore[union-attr]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield scanner
    finally:
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)
        thread.join()
