"""
The whole catalogue against served nodes: see `stage` for how it is built, `scene` for what a deception needs of it.

By default a sample is played that takes a few minutes; with TONGBAN_BATTERY=all everything, also what keeps a peer's lane
busy for a minute.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests import world
from tests.hostile.deception import Deception, is_refusal
from tests.hostile.deceptions import CATALOGUE, chosen, matters_needed
from tests.hostile.scene import Scene
from tests.hostile.stage import Stage, staged

EVERYTHING = os.environ.get("TONGBAN_BATTERY") == "all"
PLAYED = CATALOGUE if EVERYTHING else chosen(few=connection.vendor == "postgresql")
LATE = "at last"
CLASSES = (*dict.fromkeys(one.klass for one in PLAYED if not one.late), LATE)
LOG = 64 << 10  # bytes, and as many more
LOG_PER_DECEPTION = 256
MEMORY_MORE = 96 << 20  # bytes a node may have grown by, after all of it

pytestmark = [pytest.mark.slow, pytest.mark.database]


@pytest.fixture(scope="module")
def scene(django_db_blocker: Any) -> Iterator[Stage]:
    """Return the stage. It is built once and used in the order of the catalogue."""
    needed = matters_needed(PLAYED)
    with django_db_blocker.unblock():
        places = world.build("qingyang", "jiashan", "third")
        try:
            with staged(places, accepted=needed["accepted"] + 1, done=needed["done"] + 1) as stage:
                yield stage
        finally:
            places.close()


@pytest.fixture(scope="module")
def before(scene: Stage) -> dict[str, Any]:
    """Remember what there was before anybody lied."""
    return {
        "duties": {subject: set(scene.state(subject)["duties"]) for subject in scene.subjects()},
        "log": scene.log_bytes(),
        "memory": scene.memory_bytes(),
    }


def play(one: Deception, scene: Scene) -> str:
    """Return what is wrong with what came of a deception, or nothing."""
    liar = scene.party if one.who == "party" else scene.stranger
    rows = scene.counts()
    try:
        outcome = one.play(liar, scene)
    finally:
        for peer in (scene.party, scene.stranger):
            if scene.peer_state(peer.node) == "questioned":
                scene.reinstate(peer.node)
    if outcome != one.expect:
        return f"{one.klass} · {one.name}: {outcome}, not {one.expect}"
    if not one.trace and is_refusal(outcome) and scene.counts() != rows:
        changed = {
            name: (rows.get(name), now) for name, now in scene.counts().items() if rows.get(name) != now
        }
        return f"{one.klass} · {one.name}: refused, and yet kept: {changed}"
    return ""


def test_there_are_enough_and_each_is_another() -> None:
    """What is played in an ordinary run is no handful."""
    assert len({(one.klass, one.name) for one in PLAYED}) == len(PLAYED) >= 120
    assert {one.klass for one in PLAYED} == {one.klass for one in CATALOGUE}


@pytest.mark.prove("every lie to served nodes, one after the other")
def test_every_lie_gets_its_answer_and_nothing_is_left_of_it(
    scene: Stage, before: dict[str, Any], record_property: Any, subtests: pytest.Subtests
) -> None:
    """One test: what is asked afterwards rests on all that came before, and workers that help each other out part a module."""
    for klass in CLASSES:
        with subtests.test(klass):
            # All of a class are played before the first that went wrong is told.
            played = [one for one in PLAYED if (LATE if one.late else one.klass) == klass]
            wrong = [trouble for one in played if (trouble := play(one, scene))]
            assert not wrong, "\n".join(wrong)
    for check in AFTERWARDS:
        with subtests.test(check.__name__):
            check(scene, before)
    record_property("log", scene.log_bytes() - before["log"])
    record_property("memory", scene.memory_bytes() - before["memory"])


def everybody_else_has_come_to_the_end(scene: Stage, before: dict[str, Any]) -> None:
    """What went on with the bystander all the while is delivered, on both sides."""
    assert scene.bystander_moves(60)
    delivered = scene.ends_the_course()
    assert delivered == [number for number, _ in scene.course]
    assert delivered


def both_journals_hold(scene: Stage, before: dict[str, Any]) -> None:
    """`tongban journal verify`, of the node that was lied to and of its neighbour."""
    assert [scene.audit(key) for key in scene.served] == [0, 0]


def every_dossier_can_be_shown(scene: Stage, before: dict[str, Any]) -> None:
    """A matter in which something is contested says so, and nothing worse; every other one holds."""
    codes = {subject: scene.dossier(subject) for subject in scene.subjects()}
    expected = {subject: 5 if scene.contested(subject) else 0 for subject in codes}
    assert codes == expected
    assert set(codes.values()) == {0, 5}
    assert not [subject for subject in codes if scene.contested(subject) and subject not in scene.touched]


def no_duty_is_lost(scene: Stage, before: dict[str, Any]) -> None:
    """What A owed before it owes still, where nobody did anything lawful since; what it parked waits for its people."""
    lost = {}
    for subject, duties in before["duties"].items():
        own = {name for name in duties if not name.startswith("handling/")}
        gone = {
            name for name in own - set(scene.state(subject)["duties"]) if not _closed(name, scene, subject)
        }
        if gone:
            lost[subject] = gone
    assert lost == {}
    parked = [subject for subject in scene.subjects() if scene.parked(subject)]
    assert parked
    assert [subject for subject in parked if not _resolves(scene.state(subject))] == []


def _closed(name: str, scene: Scene, subject: str) -> bool:
    """Whether a lawful event closed it: one that no park of A's names."""
    parked = scene.parked(subject)
    events = [piece["event"] for piece in scene.pieces(subject)]
    return any(name in event["effects"].get("close", ()) and event["hash"] not in parked for event in events)


def _resolves(state: dict[str, Any]) -> bool:
    return any(
        duty["kind"] == "resolve" and name.startswith("intake/") for name, duty in state["duties"].items()
    )


def log_and_memory_are_bounded(scene: Stage, before: dict[str, Any]) -> None:
    """Lies may cost a line, not a traceback; and nothing piles up."""
    log, memory = scene.log_bytes() - before["log"], scene.memory_bytes() - before["memory"]
    assert log < LOG + LOG_PER_DECEPTION * len(PLAYED)
    assert memory < MEMORY_MORE
    assert not [line for line in scene.log().splitlines() if " ERROR " in line or "Traceback" in line]


def it_is_ready(scene: Stage, before: dict[str, Any]) -> None:
    """`/readyz`, asked as a supervisor asks it."""
    assert scene.is_ready()


AFTERWARDS: tuple[Callable[[Stage, dict[str, Any]], None], ...] = (
    everybody_else_has_come_to_the_end,
    both_journals_hold, every_dossier_can_be_shown, no_duty_is_lost, log_and_memory_are_bounded, it_is_ready,
)  # fmt: skip
