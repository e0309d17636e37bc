"""What one request costs in the process that answers it: no line, no waiting, no other request beside it."""

import gc
import io
import sys
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from django.core.wsgi import get_wsgi_application

from tongban.kernel import accesses
from tongban.measuring.load import BadAnswer

WARM = 30  # requests before the first that counts


def cost(requests: Iterator[bytes], count: int) -> float:
    """
    Return the microseconds of processor time of the median of `count` requests, one after another in one thread.

    What is waited for (PostgreSQL) is not in it, nor what other threads do later (the record of access).

    Raises:
        BadAnswer: an answer is not a success.
    """
    application = _application()
    took = []
    for request in islice(requests, WARM):
        _do(application, _environ(request))
    gc.collect()
    gc.freeze()
    for request in islice(requests, count):
        environ = _environ(request)
        begun = time.thread_time()
        _do(application, environ)
        took.append(time.thread_time() - begun)
    gc.unfreeze()
    took.sort()
    return took[len(took) // 2] * 1e6


@cache
def _application() -> Any:
    accesses.start_in_background()  # as in every process that serves
    return get_wsgi_application()


def _do(application: Any, environ: dict[str, Any]) -> None:
    said: list[str] = []
    answer = application(environ, lambda status, _headers, _error=None: said.append(status))
    body = b"".join(answer)
    answer.close()
    if said[0][:3] not in ("200", "201"):
        raise BadAnswer(f"{said[0]}\n{body[:600].decode(errors='replace')}")


def _environ(request: bytes) -> dict[str, Any]:
    """Return a request as it goes over the line in the words of WSGI."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, address, _ = first.split(" ")
    path, _, query = address.partition("?")
    named = dict(line.split(": ", 1) for line in lines)
    told = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in named.items()}
    host, _, port = named["Host"].partition(":")
    return {
        **told, "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": host, "SERVER_PORT": port,
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": named.get("Content-Type", ""),
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
