"""nginx as deploy/ has it: who is slow, half or too many gets nothing, and who behaves is answered all the while."""

import http.client
import socket
import ssl
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import pytest

from tests.commandline.test_standing import heard
from tests.deploy.proxy import BAD, GOOD, NAME, Front, in_front_of_a_node
from tests.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.prove("a served node behind nginx, also under attack")]
KB = 1024
SLOW = 60
PAGES = 40  # that somebody opens while others flood


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with in_front_of_a_node(tmp_path_factory.mktemp("front")) as front:
        yield front


def connected(front: Front, source: str) -> ssl.SSLSocket:
    """Open a line from one of this machine's addresses."""
    line = socket.create_connection((GOOD, front.port), PATIENCE, source_address=(source, 0))
    return front.tls.wrap_socket(line, server_hostname=NAME)


def called(
    front: Front, method: str, path: str, body: bytes = b"", *, source: str = GOOD, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Make one request on a line of its own."""
    with closing(http.client.HTTPConnection(NAME)) as connection:
        connection.sock = connected(front, source)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body or None, {"Host": NAME, **named})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


class Behaved(threading.Thread):
    """Somebody who opens one page after the other."""

    PATHS = ("/healthz", "/", "/api/v1/offerings?limit=5", "/lookup/", "/sign-in/")

    def __init__(self, front: Front) -> None:
        super().__init__(daemon=True)
        self.front = front
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        turn = 0
        while not self.over.is_set():
            begun = time.perf_counter()
            status = called(self.front, "GET", self.PATHS[turn % len(self.PATHS)])[0]
            self.waits.append(time.perf_counter() - begun)
            self.statuses[status] += 1
            turn += 1
            self.over.wait(0.05)  # people read


@contextmanager
def somebody_behaved(front: Front, what: str) -> Iterator[Behaved]:
    person = Behaved(front)
    person.start()
    try:
        yield person
    finally:
        person.over.set()
        person.join(PATIENCE)
    assert person.statuses == Counter({200: len(person.waits)})
    assert len(person.waits) > 10
    p95 = statistics.quantiles(person.waits, n=20)[-1]
    sys.stdout.write(f"{what}: {len(person.waits)} requests, p95 {p95 * 1000:.0f} ms\n")


class TestUnderAttack:
    def test_by_slow_bodies_and_half_heads(self, front: Front) -> None:
        body = b"POST /sign-in/ HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\nContent-Length: 5000\r\n\r\nx"
        half = b"GET / HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\nX-Half: "
        upload = body.replace(b"/sign-in/", b"/uploads/N/T/")
        with somebody_behaved(front, "slow bodies and half heads"), ExitStack() as lines:
            slow = [lines.enter_context(connected(front, BAD)) for _ in range(SLOW)]
            for number, line in enumerate(slow):
                line.sendall((body, half, upload)[number % 3])
            told = [heard(line) for line in slow]  # each ends when nginx or the node has had enough
        assert len(told) == SLOW
        statuses = Counter(answer[9:12] for answer in told)
        # Late, too many from one address, or cut without a word: nothing was let in.
        assert set(statuses) <= {b"408", b"429", b""}, statuses

    def test_by_a_flood(self, front: Front) -> None:
        statuses: Counter[int] = Counter()

        def flood() -> None:
            with closing(http.client.HTTPConnection(NAME)) as connection:
                while len(person.waits) < PAGES and person.is_alive():
                    connection.sock = connection.sock or connected(front, BAD)  # nginx closes it after 1,000
                    connection.request("GET", "/healthz", headers={"Host": NAME})
                    answer = connection.getresponse()
                    answer.read()
                    statuses[answer.status] += 1

        with somebody_behaved(front, "flood") as person:
            flooding = [threading.Thread(target=flood) for _ in range(4)]
            for thread in flooding:
                thread.start()
            for thread in flooding:
                thread.join(PATIENCE)
        assert set(statuses) == {200, 429}
        assert statuses[429] > statuses[200]


class TestLimits:
    @pytest.mark.parametrize(("path", "size"), [
        ("/api/v1/sessions", 5 * KB), ("/sign-in/", 17 * KB), ("/api/v1/drafts", 34 * KB * KB),
        ("/drafts/N/", 67 * KB * KB), ("/uploads/N/T/", 22 * KB * KB), ("/exchange/v1/messages", 34 * KB * KB),
    ])  # fmt: skip
    def test_of_size_are_kept_before_the_node(self, front: Front, path: str, size: int) -> None:
        status, headers, _ = called(front, "POST", path, Content_Length=str(size))
        assert (status, headers["server"]) == (413, "nginx")
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"

    def test_of_size_within_nginx_are_the_nodes_own(self, front: Front) -> None:
        status, headers, body = called(front, "POST", "/api/v1/drafts", b"x" * (17 * KB))
        assert (status, b"request_too_large" in body) == (413, True)
        assert headers["content-type"] == "application/problem+json"


class TestWhatPasses:
    def test_has_the_address_of_who_calls_whatever_they_say(self, front: Front) -> None:
        # Five wrong passwords for one account from one address; each says to come from somewhere else.
        body = b'{"username": "nobody", "password": "wrong"}'
        answers: list[Any] = [
            called(front, "POST", "/api/v1/sessions", body, source="127.0.0.3", Content_Type="application/json",
                   X_Forwarded_For=f"203.0.113.{number}", Idempotency_Key=str(number))[0]
            for number in range(6)
        ]  # fmt: skip
        assert answers == [401] * 5 + [429]
        elsewhere = called(
            front, "POST", "/api/v1/sessions", body, source="127.0.0.4", Content_Type="application/json",
            Idempotency_Key="7",
        )  # fmt: skip
        assert elsewhere[0] == 401

    def test_is_told_by_whom_as_little_as_can_be(self, front: Front) -> None:
        _, headers, _ = called(front, "GET", "/sign-in/")
        assert headers["server"] == "nginx"
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["set-cookie"].startswith("__Host-tongban_qy_csrf=")
        assert "; Secure" in headers["set-cookie"]

    def test_is_nothing_of_the_figures(self, front: Front) -> None:
        assert called(front, "GET", "/metrics")[0] == 404

    def test_is_nothing_for_another_name(self, front: Front) -> None:
        with socket.create_connection((GOOD, front.port), PATIENCE) as line, pytest.raises(ssl.SSLError):
            front.tls.wrap_socket(line, server_hostname="other.example.cn")

    def test_without_tls_is_led_to_it(self, front: Front) -> None:
        with closing(http.client.HTTPConnection(GOOD, front.plain_port)) as connection:
            connection.request("GET", "/items/?q=1", headers={"Host": "evil.example"})
            answer = connection.getresponse()
            assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/items/?q=1")

    @pytest.mark.parametrize("path", ["/api/v1/offerings", "/exchange/v1/card"])
    def test_without_tls_is_refused_to_programs(self, front: Front, path: str) -> None:
        with closing(http.client.HTTPConnection(GOOD, front.plain_port)) as connection:
            connection.request("GET", path, headers={"Authorization": "Bearer tb_x"})
            assert connection.getresponse().status == 403
