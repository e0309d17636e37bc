"""The people of a demonstration: patient where a node says that it has done nothing yet."""

from pathlib import Path

import httpx
import pytest

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
