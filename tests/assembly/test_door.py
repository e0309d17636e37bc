"""A body that does not come costs no thread and ends in a refusal; one that comes arrives whole, or not as a whole."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings

from tongban.assembly import bodies
from tongban.assembly.admission import REFUSAL
from tongban.assembly.bodies import FROM_ANYBODY, KB, MB
from tongban.assembly.bridge import environ_of
from tongban.assembly.door import Cut, Door

PEER = "sm3:" + "0" * 64
COOKIE = ("cookie", f"{settings.SESSION_COOKIE_NAME}=x")
FOREVER = object()  # a piece that never comes
LATER = object()  # the next piece comes a moment later
BROKEN = object()


@dataclass
class Headers:
    pairs: list[tuple[str, str]]

    def items(self) -> list[tuple[str, str]]:
        return self.pairs


@dataclass
class Scope:
    headers: Headers
    path: str = "/drafts/N/"
    method: str = "POST"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8001"
    client: str = "10.0.0.9:5000"
    scheme: str = "http"
    query_string: str = "a=1"


@dataclass
class Proto:
    """A line on which `pieces` come."""

    pieces: list[Any]
    read: int = 0
    answers: list[tuple[int, list[tuple[str, str]], bytes]] = field(default_factory=list)

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.pieces:
            piece = self.pieces.pop(0)
            self.read += 1
            if piece is FOREVER:
                await asyncio.Event().wait()
            if piece is LATER:
                later = asyncio.Event()
                asyncio.get_running_loop().call_later(0.03, later.set)
                await later.wait()
                continue
            if piece is BROKEN:
                raise RuntimeError("the line broke")
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, headers, body))


class Application:
    """Notes what it is given, and reads its body."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}
        self.body: bytes | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.environ = environ
        start("200 OK", [("content-type", "text/plain")])
        if REFUSAL not in environ:
            self.body = environ["wsgi.input"].read()
        return [b"a", b"b"]


def passed(proto: Proto, *headers: tuple[str, str], **more: Any) -> Application:
    """Send one request through a door and return the application with what it got."""
    application = Application()
    bounds = {name: more.pop(name) for name in ("held", "begin", "rate", "longest") if name in more}
    door = Door(application, threads=1, **bounds)
    asyncio.run(door.__rsgi__(Scope(Headers(list(headers)), **more), proto))
    assert door._held == 0
    return application


def refusal(application: Application) -> type[Exception]:
    assert application.body is None
    return type(application.environ[REFUSAL])


def length(size: int) -> tuple[str, str]:
    return ("content-length", str(size))


class TestArrives:
    def test_whole_when_it_is_small(self) -> None:
        application = passed(proto := Proto([b"xy", b"z"]), length(3))
        assert (application.body, proto.answers) == (b"xyz", [(200, [("content-type", "text/plain")], b"ab")])

    def test_whole_when_it_is_large(self) -> None:
        pieces: list[Any] = [b"x" * 30_000, b"y" * 30_000]
        application = passed(Proto(pieces), length(60_000), COOKIE)
        assert application.body == b"x" * 30_000 + b"y" * 30_000

    def test_whole_when_its_length_was_not_told(self) -> None:
        application = passed(Proto([b"x" * 10, b"y"]), ("transfer-encoding", "chunked"))
        assert (application.body, application.environ["CONTENT_LENGTH"]) == (b"x" * 10 + b"y", "11")

    def test_whole_when_it_goes_on_as_fast_as_it_must(self) -> None:
        pieces: list[Any] = [b"x" * 30_000, LATER, b"y"]
        application = passed(Proto(pieces), length(30_001), COOKIE, begin=0.01, rate=30_000)
        assert application.body == b"x" * 30_000 + b"y"

    def test_as_a_message_of_whom_a_thread_finds_to_be_a_peer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def is_peer(node: str) -> bool:
            asked.append(threading.current_thread().name)
            return node == PEER

        monkeypatch.setattr("tongban.assembly.bodies.exchange.is_peer", is_peer)
        pieces: list[Any] = [b"x" * 60_000]
        named = passed(Proto(pieces), length(60_000), ("tongban-node", PEER), path="/exchange/v1/messages")
        assert named.body == b"x" * 60_000
        assert set(asked) == {"tongban-request-1"}

    def test_not_at_all_where_there_is_none(self) -> None:
        application = passed(proto := Proto([FOREVER]), method="GET")
        assert (application.body, proto.read) == (b"", 0)


@pytest.mark.attack("D1", "D2")
class TestRefuses:
    @pytest.mark.parametrize(("size", "headers"), [(10, ()), (60_000, (COOKIE,))])
    def test_what_does_not_begin_in_time(self, size: int, headers: tuple[Any, ...]) -> None:
        proto = Proto([FOREVER])
        application = passed(proto, length(size), *headers, begin=0.01)
        assert refusal(application) is bodies.RequestTooSlow
        assert proto.answers[0][1][-1] == ("connection", "close")

    @pytest.mark.parametrize(("size", "headers"), [(10, ()), (60_000, (COOKIE,))])
    def test_what_does_not_go_on(self, size: int, headers: tuple[Any, ...]) -> None:
        application = passed(Proto([b"x", FOREVER]), length(size), *headers, begin=0.01)
        assert refusal(application) is bodies.RequestTooSlow

    def test_what_goes_on_too_slowly(self) -> None:
        pieces: list[Any] = [b"x" * 30_000, LATER, b"y"]
        application = passed(Proto(pieces), length(30_001), COOKIE, begin=0.01, rate=30_000_000)
        assert refusal(application) is bodies.RequestTooSlow

    def test_what_takes_too_long_however_fast_it_began(self) -> None:
        pieces: list[Any] = [b"x" * 30_000, FOREVER]
        application = passed(Proto(pieces), length(60_000), COOKIE, begin=0.01, rate=1, longest=0.01)
        assert refusal(application) is bodies.RequestTooSlow

    @pytest.mark.parametrize(("more", "read"), [((), 1), ((("expect", "100-continue"),), 0)])
    def test_what_is_too_large_and_keeps_nothing_of_it(self, more: Any, read: int) -> None:
        # What is on its way runs away first, so that the sender hears the answer; who asks before sending has sent nothing.
        read_before: list[int] = []
        proto = Proto([b"x" * FROM_ANYBODY])
        proto.response_bytes = lambda *_: read_before.append(proto.read)  # type: ignore[method-assign]
        application = passed(proto, length(FROM_ANYBODY + 1), *more)
        assert refusal(application) is bodies.RequestTooLarge
        assert application.environ["wsgi.input"].read() == b""
        assert read_before == [read]

    def test_what_stops_in_the_middle_and_lets_the_rest_run_away(self) -> None:
        # Also of who asked before sending: it was told to go on, and something may be on its way.
        pieces: list[Any] = [b"x" * FROM_ANYBODY, b"x", b"y"]
        proto = Proto(pieces)
        application = passed(proto, ("transfer-encoding", "chunked"), ("expect", "100-continue"))
        assert refusal(application) is bodies.RequestTooLarge
        assert proto.read == 3

    def test_what_turns_out_too_large(self) -> None:
        pieces: list[Any] = [b"x" * FROM_ANYBODY, b"x"]
        application = passed(Proto(pieces), ("transfer-encoding", "chunked"))
        assert refusal(application) is bodies.RequestTooLarge

    def test_what_sessions_take_not(self) -> None:
        application = passed(Proto([b"x"]), length(4 * KB + 1), path="/api/v1/sessions")
        assert refusal(application) is bodies.RequestTooLarge

    def test_more_than_the_process_keeps(self) -> None:
        pieces: list[Any] = [b"x" * 60_000, b"x" * 60_000]
        application = passed(Proto(pieces), length(120_000), COOKIE, held=100_000)
        assert refusal(application) is bodies.RequestsTooMany

    def test_a_length_that_is_none(self) -> None:
        assert refusal(passed(Proto([b"x"]), ("content-length", "+1"))) is bodies.LengthUnreadable


class TestBrokenLine:
    @pytest.mark.parametrize(("size", "headers"), [(10, ()), (60_000, (COOKIE,))])
    def test_is_not_taken_for_the_end(self, size: int, headers: tuple[Any, ...]) -> None:
        class Reader(Application):
            def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
                came = environ["wsgi.input"]
                with pytest.raises(OSError, match="line broke"):
                    [came.read(MB), came.read(MB)]
                return super().__call__({**environ, REFUSAL: None}, start)

        reader = Reader()
        door = Door(reader, threads=1)
        asyncio.run(door.__rsgi__(Scope(Headers([length(size), *headers])), Proto([b"abc", BROKEN])))
        assert reader.environ["CONTENT_LENGTH"] == str(size)

    def test_gives_what_came_before_it(self) -> None:
        cut = Cut(b"abc")
        assert cut.read(2) + cut.read(5) == b"abc"
        with pytest.raises(OSError):
            cut.read(1)


class TestAnswers:
    def test_for_an_application_that_breaks(self, capsys: pytest.CaptureFixture[str]) -> None:
        def broken(_environ: Any, _start: Any) -> list[bytes]:
            raise ZeroDivisionError

        proto = Proto([])
        asyncio.run(Door(broken, threads=1).__rsgi__(Scope(Headers([])), proto))
        assert proto.answers[0][0] == 500
        assert "ZeroDivisionError" in capsys.readouterr().err

    def test_as_many_at_a_time_as_there_are_threads_and_the_others_in_turn(self) -> None:
        application = Application()
        door, protos = Door(application, threads=2), [Proto([]) for _ in range(20)]

        async def all_at_once() -> None:
            await asyncio.gather(*(door.__rsgi__(Scope(Headers([])), proto) for proto in protos))

        asyncio.run(all_at_once())
        assert [proto.answers[0][0] for proto in protos] == [200] * 20
        assert door._threads._made <= 2

    @pytest.mark.attack("D1")
    def test_while_others_wait_for_their_bodies(self) -> None:
        application, late = Application(), [Proto([FOREVER]) for _ in range(50)]
        door, proto = Door(application, threads=1), Proto([])

        async def among_the_late() -> None:
            waiting = [asyncio.create_task(door.__rsgi__(Scope(Headers([length(9)])), one)) for one in late]
            await door.__rsgi__(Scope(Headers([])), proto)
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()

        asyncio.run(among_the_late())
        assert proto.answers[0][0] == 200


class TestEnviron:
    def test_is_that_of_wsgi(self) -> None:
        scope = Scope(
            Headers([("host", "a"), ("content-type", "x/y"), ("x-a", "1"), ("x-a", "2"), ("cookie", "a=1"), ("cookie", "b=2")]),
            path="/办件/",
        )  # fmt: skip
        environ = environ_of(scope)
        assert environ["PATH_INFO"] == "/办件/".encode().decode("latin-1")
        assert (environ["HTTP_X_A"], environ["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")
        assert (environ["CONTENT_TYPE"], environ["HTTP_HOST"]) == ("x/y", "a")
        assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == (
            "10.0.0.9", "127.0.0.1", "8001",
        )  # fmt: skip
        assert (environ["REQUEST_METHOD"], environ["QUERY_STRING"]) == ("POST", "a=1")

    def test_has_no_header_that_only_looks_like_another(self) -> None:
        environ = environ_of(Scope(Headers([("x_forwarded_for", "1.2.3.4"), ("content_length", "5")])))
        assert not {"HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH", ""} & set(environ)

    def test_knows_addresses_of_ipv6(self) -> None:
        assert environ_of(Scope(Headers([]), client="[2001:db8::1]:443"))["REMOTE_ADDR"] == "2001:db8::1"


def test_pieces_are_read_as_django_reads_them() -> None:
    assert isinstance(Cut(b""), io.BytesIO)
