"""
A gateway for SMS and a post office for demo nodes, in a process of their own: what a real one does, with nobody at the other end.

A message is taken or refused, arrives a while later or never, and reports say so when they are asked for. What becomes of it
follows from how the number ends (`ENDINGS`). What was sent can be read (`GET /sent`), which the page `/demo/sent/` shows.
"""

import argparse
import hmac
import itertools
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

MOST: Final = 500  # messages that are remembered
# How numbers end that are not reached, and by what code: refused at once, or after a while.
REFUSED: Final = {"0404": "blacklisted"}
ENDINGS: Final = {"0410": "not_in_use", "0421": "wrong_subscriber"}


@dataclass(slots=True)
class Message:
    """One that was taken."""

    reference: str
    to: str
    text: str
    at: float


@dataclass
class Exchange:
    """What was taken, under one lock: requests come in threads."""

    delay: float
    taken: dict[str, Message] = field(default_factory=dict)
    mails: list[dict[str, str]] = field(default_factory=list)
    references: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take or refuse a message; the same id is the same message."""
        key, to, text = (str(asked[name]) for name in ("id", "to", "text"))
        if code := REFUSED.get(to[-4:]):
            return 422, {"code": code}
        with self.lock:
            fresh = Message(f"S{next(self.references):06}", to, text, time.time())
            while len(self.taken) >= MOST:
                del self.taken[next(iter(self.taken))]
            return 200, {"reference": self.taken.setdefault(key, fresh).reference}

    def report(self, references: set[str]) -> dict[str, Any]:
        """Return what became of messages, once their time has come."""
        with self.lock:
            over = [one for one in self.taken.values() if time.time() - one.at >= self.delay]
        codes = {one.reference: ENDINGS.get(one.to[-4:], "") for one in over if one.reference in references}
        return {"reports": {name: {"delivered": not code, "code": code} for name, code in codes.items()}}

    def sent(self) -> dict[str, Any]:
        """Return everything that was taken, newest first."""
        with self.lock:
            sms = [
                {"to": one.to, "text": one.text, "reference": one.reference, "at": one.at}
                for one in self.taken.values()
            ]
            return {"sms": sms[::-1], "mail": self.mails[::-1]}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        """Take a mail; a mailbox that is called `nobody` there is not."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        text = message.get_content()
        with self.lock:
            self.mails = [
                *self.mails[-MOST:], {"to": envelope.rcpt_tos[0], "subject": str(message["Subject"]), "text": text.strip()},
            ]  # fmt: skip
        return "250 taken"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Ask whether there is a mailbox."""
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def handler(exchange: Exchange, key: str) -> type[BaseHTTPRequestHandler]:
    """Return what answers requests."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            asked = self.rfile.read(min(size, 10_000))
            self._answer({"/messages": lambda _query: exchange.take(json.loads(asked))})

        def do_GET(self) -> None:
            self._answer({
                "/reports": lambda query: (200, exchange.report(set(query.get("references", [""])[0].split(",")))),
                "/sent": lambda _query: (200, exchange.sent()),
            })  # fmt: skip

        def log_message(self, *_said: Any) -> None:
            """Say nothing: what is asked for names numbers."""

        def _answer(
            self, routes: dict[str, Callable[[dict[str, list[str]]], tuple[int, dict[str, Any]]]]
        ) -> None:
            place = urlsplit(self.path)
            known = hmac.compare_digest(
                self.headers.get("authorization", "").encode(), f"Bearer {key}".encode()
            )
            route = routes.get(place.path)
            try:
                status, said = route(parse_qs(place.query)) if known and route else (401, {"code": "key"})
            except (ValueError, KeyError):
                status, said = 400, {"code": "malformed"}
            body = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> int:
    """Serve until told to stop; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sms-port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument(
        "--delay", type=float, default=2.0, help="seconds until a message arrives, or does not"
    )
    asked = parser.parse_args()
    exchange = Exchange(asked.delay)
    office = Controller(exchange, hostname="127.0.0.1", port=asked.smtp_port)
    office.start()
    server = ThreadingHTTPServer(("127.0.0.1", asked.sms_port), handler(exchange, asked.key))
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    print("ready", flush=True)
    server.serve_forever()
    office.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
