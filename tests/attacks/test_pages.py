"""Every page under hostile addresses, forms and headers, as everybody there is at a county: no 5xx, nothing of it in the log."""

from io import StringIO

import pytest
from django.conf import settings

from tests.api.front import show_time
from tests.attacks import hostile, pages
from tests.attacks.pages import Answer, Request
from tests.web.conftest import counties, settled, standing_counties
from tests.web.test_logs import said
from tests.web.test_scope import Scene, scene, somebody

__all__ = ["counties", "said", "scene", "settled", "standing_counties"]

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.attack("B3", "C1", "C2")]

ROLES = (
    "nobody",
    "applicant1",
    "window",
    "hrss",
    "hrss-head",
    "supervisor",
    "office",
    "lead",
    "accounts",
    "archive",
)


@pytest.mark.prove("hostile requests to every page by every role")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_breaks_or_repeats_it(scene: Scene, said: StringIO, role: str) -> None:
    browser = somebody(scene, ("qingyang", role))
    browser.client.raise_request_exception = False
    token = browser.client.cookies[settings.CSRF_COOKIE_NAME].value

    def send(request: Request) -> Answer:
        headers = {"Origin": "http://testserver", "X-CSRFToken": token, **request.headers}
        kind = headers.pop("Content-Type", "")
        with scene.world.on("qingyang"):
            answer = browser.client.generic(
                request.method, request.url, request.body, content_type=kind, headers=headers
            )
            return Answer(answer.status_code, answer.headers, b"".join(answer))

    code = scene.world["jiashan"].offering("social-security-card")
    number = scene.draft if role == "applicant1" else scene.window_draft
    known = {**pages.WORDS, "number": (scene.number, number), "code": (code,), "digest": (scene.form,)}
    show_time(scene.world)
    count, findings = pages.attack(send, known, seed=role)
    assert not findings, "\n".join(f"{where}: {fault}" for where, fault in findings.items())
    assert hostile.NUMBER not in said.getvalue()
    assert count > 3 * len(pages.routes())


class TestTheAttackItself:
    def test_knows_what_pages_read(self) -> None:
        assert {"number", "post", "q", "page", "days", "remark", "next"} <= set(pages.field_names())

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (Answer(500, {}, b""), "500"),
            (Answer(200, {"x-split": "1"}, b""), "a header of theirs"),
            (
                Answer(200, {"Content-Type": "text/html; charset=utf-8"}, hostile.MARKUP.encode()),
                "mark-up of theirs",
            ),
            (Answer(404, {"Content-Type": "text/plain"}, b""), ""),
        ],
    )
    def test_sees_what_must_not_be(self, answer: Answer, fault: str) -> None:
        assert pages.faults(answer) == fault
