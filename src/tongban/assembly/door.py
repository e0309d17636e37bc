"""
The front door: bodies are read here, each within its time, before a thread is spent on the request.

Four threads do the work of a process (docs/performance.md), and whoever sends a byte a minute must not hold one of them.
So granian hands over requests by RSGI, an event loop waits for what is still to come, and Django answers what has come
(docs/decisions/0025-bodies-are-awaited-outside-the-threads.md).
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from django.db import close_old_connections

from tongban.assembly import bodies, bridge
from tongban.assembly.admission import REFUSAL
from tongban.assembly.bridge import Proto, Scope
from tongban.assembly.threads import Threads
from tongban.kernel.errors import DomainError
from tongban.signin import address

BEGIN: Final = 15.0  # seconds until the first bytes; what is small has to be there whole
RATE: Final = 1024  # bytes a second, on average from then on
LONGEST: Final = 600.0  # seconds for the whole of a body
HELD: Final = 256 * bodies.MB  # of all bodies together that a process keeps
DRAIN: Final = 2.0  # seconds for the rest of a refused body to run away, so that its sender hears why
LET_GO: Final = 0.1  # seconds
SMALL: Final = bodies.FROM_ANYBODY
READING: Final = "tongban.reading"  # in its environ: of the body something was asked for
CLOSE: Final = [("connection", "close")]


class Cut(io.BytesIO):
    """What came of a body before the line broke: never to be taken for the whole."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what came; where that ends, raise OSError."""
        found = super().read(size)
        if not found and size != 0:
            raise OSError("the line broke before the end of the body")
        return found


class Door:
    """One process's application by RSGI."""

    def __init__(
        self, application: Any, *, threads: int, begin: float = BEGIN, rate: int = RATE, longest: float = LONGEST,
        held: int = HELD,
    ) -> None:  # fmt: skip
        self._application = application
        self._threads = Threads(threads)
        self._begin, self._rate, self._longest, self._room = begin, rate, longest, held
        self._held = 0  # by bodies that are here; only the event loop counts

    async def __rsgi__(self, scope: Scope, proto: Proto) -> None:
        """Answer one request."""
        environ = bridge.environ_of(scope)
        environ["wsgi.input"] = io.BytesIO()
        size, more = 0, []
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            try:
                body = await self._body(environ, proto)
                size = len(body.getbuffer())
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, _length(environ, body, size)
            except DomainError as refusal:
                environ[REFUSAL], more = refusal, CLOSE
                # Who asks before sending has sent nothing, until it was asked for.
                if READING in environ or "HTTP_EXPECT" not in environ:
                    await _drain(proto)
        try:
            work = partial(bridge.answer, self._application, environ, proto, more)
            await self._in_thread(work, whose(environ))
        finally:
            self._held -= size

    async def _body(self, environ: dict[str, Any], proto: Proto) -> io.BytesIO:
        """Return the body; raises what `bodies` refuses, RequestTooSlow, RequestsTooMany."""
        length = bodies.length_of(environ)
        is_small = "CONTENT_LENGTH" in environ and length <= min(SMALL, bodies.row_of(environ).most)
        most = length if is_small else await self._most(environ)
        if length > most:
            raise bodies.too_large(environ)
        environ[READING] = True
        return await (self._small(proto) if is_small else self._large(environ, proto, most))

    async def _small(self, proto: Proto) -> io.BytesIO:
        try:
            async with asyncio.timeout(self._begin):
                found = await proto()
        except TimeoutError:
            raise _too_slow() from None
        except Exception:  # noqa: BLE001 - however granian says it: the line broke
            return Cut()
        self._held += len(found)
        return io.BytesIO(found)

    async def _large(self, environ: dict[str, Any], proto: Proto, most: int) -> io.BytesIO:
        found, loop = io.BytesIO(), asyncio.get_running_loop()
        begun, size = loop.time(), 0
        try:
            async with asyncio.timeout(self._begin) as timer:
                async for piece in proto:
                    size += len(piece)
                    self._held += len(piece)
                    if size > most:
                        raise bodies.too_large(environ)
                    if self._held > self._room:
                        raise bodies.RequestsTooMany("现在传送的内容太多，未处理。请稍后再试。")
                    found.write(piece)
                    timer.reschedule(begun + min(self._longest, self._begin + size / self._rate))
        except (TimeoutError, DomainError) as refusal:
            self._held -= size
            raise _too_slow() if isinstance(refusal, TimeoutError) else refusal from None
        except Exception:  # noqa: BLE001 - however granian says it: the line broke
            return Cut(found.getvalue())
        found.seek(0)
        return found

    async def _most(self, environ: dict[str, Any]) -> int:
        """Return how much a request may bring; who asks the database for it does so in a thread."""
        if bodies.row_of(environ).who is not bodies.Who.PEER:
            return bodies.most(environ)
        found: list[int] = []
        await self._in_thread(partial(_ask_most, environ, found))
        return found[0] if found else SMALL

    def _in_thread(self, work: Callable[[], object], whose: str = "") -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def working() -> None:
            try:
                work()
            finally:
                with suppress(RuntimeError):  # the process ends: nobody waits any more
                    loop.call_soon_threadsafe(_finish, done)

        self._threads.do(working, whose)
        return done


def whose(environ: Mapping[str, Any]) -> str:
    """
    Return who has to wait for what they have sent already: the node that a message names; nobody for all else.

    The name is not proved yet, so the address stands beside it: from elsewhere nobody can stand in a node's line.
    """
    named = bodies.sender_named(environ)
    if not named or not environ["PATH_INFO"].startswith("/exchange/"):
        return ""
    return f"{address.whole_address_in(environ)} {named}"


def _ask_most(environ: dict[str, Any], found: list[int]) -> None:
    try:
        found.append(bodies.most(environ))
    finally:
        close_old_connections()


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _length(environ: dict[str, Any], body: io.BytesIO, size: int) -> str:
    """Return the length to tell Django: of a body that was cut that of the whole, so that it asks for the rest."""
    return str(environ.get("CONTENT_LENGTH") or size + 1 if isinstance(body, Cut) else size)


def _too_slow() -> bodies.RequestTooSlow:
    return bodies.RequestTooSlow("请求没有在限定时间内收完，未处理。请检查网络后重试。")


async def _drain(proto: Proto) -> None:
    try:
        async with asyncio.timeout(DRAIN):
            async for _ in proto:
                pass
    except Exception:  # noqa: BLE001 - whoever sends no more is answered all the same
        # granian lets go of the body a moment after we do; a line whose answer is over before that stays open for ever.
        await asyncio.sleep(LET_GO)
