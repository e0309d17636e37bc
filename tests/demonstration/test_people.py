"""The people of a demonstration: patient where a node says that it has done nothing yet."""

import json
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tongban.demonstration import pacing, people
from tongban.demonstration.building import Built, DemonstrationFailed
from tongban.demonstration.counties import QINGYANG
from tongban.demonstration.people import Person


def person(*replies: httpx.Response) -> tuple[Person, list[httpx.Request]]:
    """Return somebody whose node gives these answers, and what it was asked."""
    asked: list[httpx.Request] = []
    left = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sessions"):
            return httpx.Response(200, json={"csrf_token": "x"})
        asked.append(request)
        return left.pop(0)

    found = Person(Built(QINGYANG, Path(), "http://node", accounts=[["qy-window", "secret"]]), "qy-window")
    found._http = httpx.Client(base_url="http://node", transport=httpx.MockTransport(answer))
    return found, asked


def problem(status: int, code: str) -> httpx.Response:
    headers = {"content-type": "application/problem+json"}
    return httpx.Response(status, headers=headers, json={"code": code, "detail": "未办理。"})


def test_asks_again_under_the_same_key_while_a_clock_is_compared() -> None:
    waiting = problem(503, "clock_disagrees")
    somebody, asked = person(waiting, waiting, httpx.Response(200, json={"version": 2}))
    assert somebody.send("POST", "/api/v1/cases/1/acts/accept") == {"version": 2}
    assert len(asked) == 3
    assert len({request.headers["idempotency-key"] for request in asked}) == 1


def test_takes_any_other_refusal_for_one() -> None:
    somebody, asked = person(problem(503, "storage_full"))
    with pytest.raises(DemonstrationFailed, match="503 未办理"):
        somebody.send("POST", "/api/v1/cases/1/acts/accept")
    assert len(asked) == 1


def test_begins_a_sign_in_again_where_its_code_was_used_by_an_answer_that_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people, "WAIT", 0)
    codes, used = ["111111", "222222"], {"111111"}  # the first came through, and nobody heard of it
    tried: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sessions"):
            told = {"code": "second_factor_needed", "demo_code": codes.pop(0)}
            return httpx.Response(401, headers={"content-type": "application/problem+json"}, json=told)
        if request.url.path.endswith("/sessions/second"):
            tried.append(json.loads(request.content)["code"])
            fresh = tried[-1] not in used
            return (
                httpx.Response(200, json={"csrf_token": "x"})
                if fresh
                else problem(401, "wrong_second_factor")
            )
        return httpx.Response(200, json={"version": 2})

    somebody, _ = person()
    somebody._http = httpx.Client(base_url="http://node", transport=httpx.MockTransport(answer))
    assert somebody.get("/api/v1/cases/1") == {"version": 2}
    assert tried == ["111111", "222222"]


def test_lets_no_time_be_moved_between_the_code_shown_and_the_code_sent() -> None:
    """Time runs 160 times as fast in the life of a county: a code was over before it came, five times, and they were locked out."""
    held: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        held.append(pacing.STILL.locked())
        if request.url.path.endswith("/sessions"):
            told = {"code": "second_factor_needed", "demo_code": "111111"}
            return httpx.Response(401, headers={"content-type": "application/problem+json"}, json=told)
        return httpx.Response(200, json={"csrf_token": "x"})

    somebody, _ = person()
    somebody._http = httpx.Client(base_url="http://node", transport=httpx.MockTransport(answer))
    somebody.get("/api/v1/cases/1")
    assert held == [True, True, False]


def test_time_is_not_moved_while_somebody_signs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pacing.set_to(tmp_path, -1000.0)
    held, moved = [], threading.Event()

    def noted(folder: Path, shift: float) -> None:
        held.append(pacing.STILL.locked())
        moved.set()

    monkeypatch.setattr(pacing, "set_to", noted)
    monkeypatch.setattr(pacing, "EVERY", 0.001)
    with pacing.quickly(tmp_path, until=time.time()):
        assert moved.wait(PATIENCE)
    assert set(held) == {True}
