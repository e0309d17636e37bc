"""What is larger than its path takes is refused before any of it is read: at the limit it passes, a byte above it does not."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.api import front
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.assembly import bodies
from tongban.assembly.admission import REFUSAL
from tongban.assembly.bodies import FROM_ANYBODY, KB, MB
from tongban.exchange.gateway import SENDER
from tongban.exchange.models import Peer
from tongban.exchange.wire import MAX_MESSAGE

pytestmark = pytest.mark.once("a body is refused before it is read")

JSON, FORM, FILES = "application/json", "application/x-www-form-urlencoded", bodies.MULTIPART
COOKIE = {"Cookie": f"{settings.SESSION_COOKIE_NAME}=x"}
KEY = {"Authorization": "Bearer tb_X_1"}

# path, kind, headers, most
LIMITS: list[tuple[str, str, dict[str, str], int]] = [
    ("/api/v1/sessions", JSON, {}, 4 * KB),
    ("/api/v1/sessions/applicant", JSON, KEY, 4 * KB),
    ("/api/v1/cases/N/acts/receive", JSON, {}, FROM_ANYBODY),
    ("/api/v1/cases/N/acts/receive", JSON, KEY, 128 * KB),
    ("/api/v1/cases/N/acts/receive", JSON, COOKIE, 128 * KB),
    ("/api/v1/matters/N/acts/sign", JSON, {}, FROM_ANYBODY),
    ("/api/v1/matters/N/acts/sign", JSON, KEY, 15 * MB),
    ("/api/v1/matters/N", JSON, KEY, 128 * KB),
    ("/api/v1/drafts/N/materials", FILES, KEY, 32 * MB),
    ("/api/v1/drafts/N/materials", FILES, {}, FROM_ANYBODY),
    ("/sign-in/", FORM, {}, FROM_ANYBODY),
    ("/drafts/N/", FORM, COOKIE, 512 * KB),
    ("/drafts/N/", FILES, COOKIE, 65 * MB),
    ("/drafts/N/", FILES, {}, FROM_ANYBODY),
    ("/uploads/N/T/", "application/offset+octet-stream", COOKIE, 20 * MB),
    ("/exchange/v1/messages", JSON, KEY, FROM_ANYBODY),
    ("/exchange/v1/messages", JSON, {SENDER: "sm3:" + "0" * 64}, FROM_ANYBODY),
]  # fmt: skip


def environ(path: str, kind: str, headers: dict[str, str], length: int) -> dict[str, Any]:
    named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    return {"PATH_INFO": path, "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length), **named}


class TestLimits:
    @pytest.mark.parametrize(("path", "kind", "headers", "limit"), LIMITS)
    def test_are_those_of_the_row(
        self, counties: World, path: str, kind: str, headers: dict[str, str], limit: int
    ) -> None:
        with counties.on("qingyang"):
            bodies.ask(environ(path, kind, headers, limit))
            with pytest.raises((bodies.RequestTooLarge, bodies.MessageRefused)):
                bodies.ask(environ(path, kind, headers, limit + 1))

    def test_of_a_message_are_larger_for_a_peer(self, counties: World) -> None:
        named = {SENDER: counties["jiashan"].fingerprint}
        with counties.on("qingyang"):
            bodies.ask(environ("/exchange/v1/messages", JSON, named, MAX_MESSAGE))
            with pytest.raises(bodies.RequestTooLarge):
                bodies.ask(environ("/exchange/v1/messages", JSON, named, MAX_MESSAGE + 1))

    def test_of_a_message_are_not_for_a_peer_that_is_paused(self, counties: World) -> None:
        node = counties["jiashan"].fingerprint
        with counties.on("qingyang"):
            Peer.objects.filter(node=node).update(state=Peer.State.PAUSED)
            with pytest.raises(bodies.MessageRefused):
                bodies.ask(environ("/exchange/v1/messages", JSON, {SENDER: node}, FROM_ANYBODY + 1))

    def test_of_a_message_are_not_for_what_begins_like_a_peer(self, counties: World) -> None:
        longer = counties["jiashan"].fingerprint + "0"
        with counties.on("qingyang"), pytest.raises(bodies.MessageRefused):
            bodies.ask(environ("/exchange/v1/messages", JSON, {SENDER: longer}, FROM_ANYBODY + 1))

    def test_of_a_message_are_not_for_this_node_itself(self, counties: World) -> None:
        named = {SENDER: counties["qingyang"].fingerprint}
        with counties.on("qingyang"), pytest.raises(bodies.MessageRefused):
            bodies.ask(environ("/exchange/v1/messages", JSON, named, FROM_ANYBODY + 1))


class TestRefusals:
    """The body of these requests is shorter than they say: to read it would fail."""

    def test_to_a_machine_are_a_problem_document(self, counties: World) -> None:
        caller = Caller(counties, "qingyang")
        answer = caller.post("/sessions", {}, CONTENT_LENGTH=str(4 * KB + 1))
        is_problem(answer, 413, "request_too_large")

    def test_to_whoever_has_not_signed_in_say_so(self, counties: World) -> None:
        answer = Caller(counties, "qingyang").post("/drafts", {}, CONTENT_LENGTH=str(FROM_ANYBODY + 1))
        assert "请先登录" in is_problem(answer, 413, "request_too_large")

    def test_of_a_large_message_of_nobody(self, counties: World) -> None:
        caller = Caller(counties, "qingyang")
        answer = caller.call("POST", "/exchange/v1/messages", b"{}", CONTENT_LENGTH=str(FROM_ANYBODY + 1))
        is_problem(answer, 403, "message_refused")

    def test_of_a_large_message_of_a_peer(self, counties: World) -> None:
        caller = Caller(counties, "qingyang", headers={SENDER: counties["jiashan"].fingerprint})
        answer = caller.call("POST", "/exchange/v1/messages", b"{}", CONTENT_LENGTH=str(MAX_MESSAGE + 1))
        is_problem(answer, 413, "request_too_large")

    def test_to_a_person_are_a_page(self, counties: World) -> None:
        with counties.on("qingyang"):
            answer = Client().post("/sign-in/", {"name": "x"}, CONTENT_LENGTH=str(FROM_ANYBODY + 1))
        assert answer.status_code == 413
        assert "请先登录" in answer.content.decode()
        assert 'lang="zh-hans"' in answer.content.decode().lower()

    def test_of_what_the_door_has_against_it(self, counties: World) -> None:
        late = {REFUSAL: bodies.RequestTooSlow("没有收完。")}
        is_problem(Caller(counties, "qingyang").post("/sessions", {}, **late), 408, "request_too_slow")
        many = {REFUSAL: bodies.RequestsTooMany("太多。")}
        answer = Caller(counties, "qingyang").post("/sessions", {}, **many)
        is_problem(answer, 503, "requests_too_many")
        assert answer.headers["Retry-After"] == "30"
        with counties.on("qingyang"):
            page = Client().post("/sign-in/", {}, **many)
        assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
        assert "太多。" in page.content.decode()

    def test_leave_no_line_in_the_log(self, counties: World, caplog: pytest.LogCaptureFixture) -> None:
        with counties.on("qingyang"):
            Client().post("/sign-in/", {}, CONTENT_LENGTH=str(FROM_ANYBODY + 1))
        Caller(counties, "qingyang").post("/drafts", {}, CONTENT_LENGTH=str(FROM_ANYBODY + 1))
        assert not caplog.records

    def test_of_a_length_without_end(self, counties: World) -> None:
        answer = front.machine(counties, "qingyang").post("/drafts", {}, CONTENT_LENGTH="9" * 5000)
        is_problem(answer, 413, "request_too_large")

    def test_of_a_length_that_is_none(self, counties: World) -> None:
        answer = front.machine(counties, "qingyang").post("/drafts", {}, CONTENT_LENGTH="1e3")
        is_problem(answer, 400, "length_unreadable")
