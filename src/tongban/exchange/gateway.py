"""What leaves the process: one typed function per call, each with a time-out."""

import time
from typing import Protocol

import httpx
from django.conf import settings

from tongban.kernel import identity, limits

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
ANSWER_WITHIN = 60.0  # seconds an answer may take from its first byte to its last
MESSAGES = "/exchange/v1/messages"
CARD = "/exchange/v1/card"
SENDER = "Tongban-Node"  # a header: who sends, so that a large message of nobody is not even read


class Unreachable(Exception):
    """The peer did not answer, or not as a node does; to be tried again."""


class Post(Protocol):
    """How messages leave: over HTTP, or in tests straight into another node."""

    def __call__(self, url: str, raw: bytes) -> bytes:
        """Send `raw` to the node at `url` and return its answer; raise Unreachable."""


_client: httpx.Client | None = None


def http_post(url: str, raw: bytes) -> bytes:
    """
    Send a message over HTTP(S) and return the answer.

    Raises:
        Unreachable: no connection, a time-out, or no answer of a node.
    """
    headers = {"content-type": "application/json", SENDER: identity.fingerprint()}
    try:
        with _http().stream("POST", url.rstrip("/") + MESSAGES, content=raw, headers=headers) as reply:
            if reply.headers.get("content-type", "").split(";")[0] != "application/json":
                raise Unreachable(f"HTTP {reply.status_code}")
            return _bounded(reply)
    except httpx.HTTPError as error:
        raise Unreachable(type(error).__name__) from error


def _bounded(reply: httpx.Response) -> bytes:
    """Read an answer, but not without end: a peer that goes on for ever is none that answers."""
    last, parts, size = time.monotonic() + ANSWER_WITHIN, [], 0
    for part in reply.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > limits.MESSAGE or time.monotonic() > last:
            raise Unreachable("the answer has no end")
    return b"".join(parts)


def fetch_card(url: str) -> bytes:
    """Return the card that the node at `url` shows; raise Unreachable."""
    try:
        with _http().stream("GET", url.rstrip("/") + CARD) as reply:
            reply.raise_for_status()
            return _bounded(reply)
    except httpx.HTTPError as error:
        raise Unreachable(type(error).__name__) from error


def _http() -> httpx.Client:
    # One client, made late: connections are kept, and a forked worker makes its own.
    global _client
    if _client is None:
        trusted = settings.NODE.exchange.onto(httpx.create_ssl_context(trust_env=False))
        _client = httpx.Client(
            verify=trusted,
            timeout=TIMEOUT,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=20),
        )
    return _client


post: Post = http_post
