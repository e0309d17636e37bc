"""Posting to a node, and being a node that answers as it is told."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .liar_canonical import read

MESSAGES = "/exchange/v1/messages"
CARD = "/exchange/v1/card"
JSON = "application/json"
LARGEST = 32 << 20


def post(
    url: str, raw: bytes | Iterator[bytes], *, path: str = MESSAGES, kind: str = JSON, method: str = "POST",
    headers: dict[str, str] | None = None, timeout: float = 60,
) -> tuple[int, str, bytes]:  # fmt: skip
    """Return status, content type and body of the answer; status 0 where the connection was cut."""
    where = urlsplit(url)
    secure = where.scheme == "https"
    kinds = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kinds(where.hostname or "", where.port, timeout=timeout)
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has heard all
            connection.request(method, path, body=raw, headers={"content-type": kind, **(headers or {})})
        reply = connection.getresponse()
        return reply.status, (reply.getheader("content-type") or "").split(";")[0], reply.read()
    except (OSError, http.client.HTTPException):
        return 0, "", b""
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, and how. `wait` seconds pass before the first byte, `drip` seconds between the bytes."""

    body: bytes
    status: int = 200
    kind: str = JSON
    wait: float = 0
    drip: float = 0
    endless: bool = False
    location: str = ""


Answering = Callable[[dict[str, Any], bytes], Reply]  # request, its bytes


class Server:
    """A node's address with a liar behind it. `answering` may be exchanged while it runs."""

    def __init__(self, answering: Answering, card: Callable[[], bytes], port: int = 0) -> None:
        self.answering = answering
        self.card = card
        self.heard: list[tuple[float, dict[str, Any]]] = []  # when, what
        self._ended = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._http.shutdown()
        self._http.server_close()

    def requests(self, kind: str, since: float = 0) -> list[dict[str, Any]]:
        """Return the messages of a format that came since a moment of `time.monotonic`."""
        return [document for when, document in self.heard if when >= since and document.get("format") == kind]

    def falls_silent(self, kind: str, seconds: float) -> bool:
        """Return whether no message of a format came for more than a second, within so many."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.requests(kind, time.monotonic() - 1.2):
                return True
            time.sleep(0.1)
        return False

    def ended(self, seconds: float) -> bool:
        return self._ended.wait(seconds)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(Reply(server.card()))

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", 0))
            if size > LARGEST:
                self._say(Reply(b"", status=413))
                self.close_connection = True
                return
            raw = self.rfile.read(size)
            try:
                document = read(raw)
            except (ValueError, RecursionError):
                document = None
            if not isinstance(document, dict) or "from" not in document:
                self._say(Reply(b"", status=400))
                return
            server.heard.append((time.monotonic(), document))
            self._say(server.answering(document, raw))

        def _say(self, reply: Reply) -> None:
            if reply.wait and server.ended(reply.wait):
                return
            try:
                self.send_response(reply.status)
                self.send_header("content-type", reply.kind)
                if reply.location:
                    self.send_header("location", reply.location)
                if not reply.endless:
                    self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self._write(reply)
            except OSError:
                return  # who asked has gone: so much the better for it
            finally:
                self.close_connection = reply.endless

        def _write(self, reply: Reply) -> None:
            if not (reply.drip or reply.endless):
                self.wfile.write(reply.body)
                return
            written = 0
            while reply.endless or written < len(reply.body):
                at = written % max(1, len(reply.body))
                size = 1 if reply.drip else 65_536
                self.wfile.write(reply.body[at : at + size] or b" ")
                self.wfile.flush()
                written += size
                if server.ended(reply.drip):
                    return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
