"""A node dies at each moment that matters, starts again, and the case goes on as if nothing had been."""

import io
import random

import httpx
import pytest
from PIL import Image

from tests.crash.nodes import Node
from tests.crash.people import Place, came_through
from tongban.demonstration import errand as demonstration
from tongban.demonstration.errand import Errand
from tongban.demonstration.people import Person

pytestmark = [pytest.mark.slow, pytest.mark.prove("kills nodes at every named moment")]

TEMPLATE = "senior-preference-card"  # its photograph may be large
INTAKE = ["before-commit", "committed-unsent", "while-sealing", "sent-no-receipt", "receipt-lost"]
HANDLING = [
    "before-commit",
    "committed-unsent",
    "middle-of-file",
    "while-sealing",
    "sent-no-receipt",
    "receipt-lost",
]


@pytest.fixture(autouse=True)
def large_photographs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every material be a picture of several chunks."""
    noise = random.Random(1).randbytes(480 * 480 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (480, 480), noise).save(buffer, "PNG")
    monkeypatch.setattr(demonstration, "file_for", lambda accept: ("photo.png", buffer.getvalue()))


@pytest.mark.parametrize("victim, points", [("qingyang", INTAKE), ("jiashan", HANDLING)])
def test_a_node_that_dies_at_every_point_carries_its_case_to_the_end(
    nodes: dict[str, Node], place: Place, victim: str, points: list[str]
) -> None:
    for key, node in nodes.items():
        node.start(*(points if key == victim else ()))
    errand = Errand(place)

    errand.push(TEMPLATE)
    errand.officer.act(errand.number, "acknowledge")
    errand.officer.act(errand.number, "accept")
    errand.decide_and_deliver()

    assert nodes[victim].died_at() == points
    assert errand.clerk.case(errand.number)["phase"] == "delivered"
    came_through(errand)
    place.journals_hold()


class TestAnActThatWasNotAnswered:
    """The applicant's window saw the line break; what it does next is the same request with the same key."""

    @pytest.mark.parametrize("point, there", [("before-commit", 0), ("committed-unsent", 1)])
    def test_is_there_whole_or_not_at_all_and_done_once(
        self, nodes: dict[str, Node], place: Place, point: str, there: int
    ) -> None:
        node = nodes["qingyang"]
        node.start()
        errand = Errand(place)
        errand.take_in(TEMPLATE)
        version = errand.clerk.case(errand.number)["version"]
        node.kill()
        node.start(point)
        impatient = Person(node.built, errand.clerk.username, post="counter")
        request = {
            "method": "POST", "path": f"/api/v1/cases/{errand.number}/acts/pass_review",
            "headers": {"Idempotency-Key": "one-key"}, "json": {"version": version},
        }  # fmt: skip

        with pytest.raises(httpx.TransportError):
            impatient._request(**request)
        node.await_end()
        assert node.died_at() == [point]
        assert reviews(node, errand.number) == there
        duties = "SELECT name FROM kernel_duty WHERE subject = ? AND kind = 'forward' AND closed_at IS NULL"
        assert len(node.rows(duties, errand.number)) == there

        node.revive()
        answers = [impatient._request(**request) for _ in range(2)]
        impatient.close()
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert reviews(node, errand.number) == 1


def reviews(node: Node, number: str) -> int:
    return len(node.rows("SELECT 1 FROM kernel_event WHERE subject = ? AND kind = 'pass_review'", number))
