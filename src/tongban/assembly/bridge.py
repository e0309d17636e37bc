"""From granian's RSGI to WSGI and back: a request as an environ, an answer as what the application returned."""

import sys
from functools import lru_cache
from typing import Any, Final, Protocol

FIXED: Final[dict[str, Any]] = {
    "GATEWAY_INTERFACE": "CGI/1.1", "SCRIPT_NAME": "", "SERVER_SOFTWARE": "granian", "wsgi.errors": sys.stderr,
    "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
}  # fmt: skip


class Scope(Protocol):
    """What RSGI says of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Any


class Proto(Protocol):
    """What RSGI lets one do with a request: read its body, answer it."""

    async def __call__(self) -> bytes:
        """Return the whole body."""

    def __aiter__(self) -> Any:
        """Return the pieces of the body as they come."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""


@lru_cache(maxsize=512)
def _name(header: str) -> str:
    # With an underscore it would pass for another header, which a proxy in front has set or taken away.
    if "_" in header:
        return ""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def environ_of(scope: Scope) -> dict[str, Any]:
    """Return a request as WSGI has it, without its body."""
    environ = dict(FIXED)
    for header, value in scope.headers.items():
        name = _name(header)
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
    environ.pop("", None)
    environ["SERVER_NAME"], _, environ["SERVER_PORT"] = scope.server.rpartition(":")
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = scope.path.encode("utf-8", "replace").decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope.http_version}"
    environ["wsgi.url_scheme"] = scope.scheme
    return environ


def answer(application: Any, environ: dict[str, Any], proto: Proto, more: list[tuple[str, str]]) -> None:
    """Let the application answer a request, with `more` headers; whatever it raises is an answer too."""
    head: list[tuple[str, list[tuple[str, str]]]] = []
    try:
        parts = application(environ, lambda status, headers, _error=None: head.append((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close:
                close()
        status, headers = head[-1]
        proto.response_bytes(int(status[:3]), headers + more, body)
    except Exception:  # noqa: BLE001 - Django answers its own; this is a bug below it, and somebody waits
        sys.excepthook(*sys.exc_info())
        proto.response_bytes(500, [("content-type", "text/plain; charset=utf-8"), *more], b"")
