"""Both nodes are killed again and again at random moments while their windows go on working."""

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.crash.nodes import PATIENCE, Node
from tests.crash.people import Place, came_through, eventually
from tongban.demonstration.errand import Errand

pytestmark = [pytest.mark.slow, pytest.mark.prove("kills nodes at random moments")]

SEED = 20261123
KILLS = int(os.environ.get("TONGBAN_KILLS", "12"))  # thirty and more on demand: docs/reliability.md
LONGEST_DELAY = 1.5  # seconds from the last sign of progress to the next kill, at most
DESKS = 2
TEMPLATE = "social-security-card"


@pytest.mark.parametrize("seed", [SEED])
def test_many_kills_lose_nothing_and_repeat_nothing(nodes: dict[str, Node], seed: int) -> None:
    for node in nodes.values():
        node.start()
    killed = threading.Event()
    places = [Place.of(nodes) for _ in range(DESKS)]
    with ThreadPoolExecutor(len(nodes) + DESKS) as pool:
        desks = [pool.submit(work, place, turn, killed.is_set) for turn, place in enumerate(places)]
        killers = [
            pool.submit(
                keep_killing, node, KILLS // len(nodes), random.Random(f"{seed}/{key}"), places, desks
            )
            for key, node in sorted(nodes.items())
        ]
        try:
            kills = sum(killer.result() for killer in killers)
        finally:
            killed.set()
        done = [errand for desk in desks for errand in desk.result()]

    assert kills == KILLS
    assert len(done) >= DESKS
    for errand in done:
        assert errand.clerk.case(errand.number)["phase"] == "delivered"
        came_through(errand)
    places[0].journals_hold()
    for place in places:
        place.close()


def keep_killing(
    node: Node, times: int, rng: random.Random, places: list[Place], desks: list[Future[list[Errand]]]
) -> int:
    """Kill a node and start it again; return how often it was killed. Stops early when the work broke off."""
    for count in range(times):
        # On a slow machine too something gets done between two kills; the moment itself is drawn.
        before = done_by(places)
        eventually(lambda before=before: done_by(places) > before or any(desk.done() for desk in desks))
        if any(desk.done() for desk in desks):
            return count
        time.sleep(rng.uniform(0, LONGEST_DELAY))
        node.kill()
        node.revive()
    return times


def done_by(places: list[Place]) -> int:
    return sum(len(place.promised) for place in places)


def work(place: Place, turn: int, is_over: Callable[[], bool]) -> list[Errand]:
    """Carry one case after the other, from here to there and from there to here, until the killing is over."""
    carried: list[Errand] = []
    patience = time.monotonic() + 10 * PATIENCE
    while not (carried and is_over()) and time.monotonic() < patience:
        keys = ("qingyang", "jiashan") if (turn + len(carried)) % 2 else ("jiashan", "qingyang")
        errand = Errand(place, intake_key=keys[0], handling_key=keys[1])
        errand.push(TEMPLATE)
        errand.officer.act(errand.number, "acknowledge")
        errand.officer.act(errand.number, "accept")
        errand.decide_and_deliver()
        carried.append(errand)
    return carried
