"""
The whole catalogue against a served node. To wire it, make `scene` return a `tests.hostile.scene.Scene`:

1. Serve A. Make J and E with their keys (`Keys.loaded(folder, records)`), add both to A as peers, and put the address
   of `liar.serve(port)` where A looks for J. Serve an honest node as the bystander, with matters of its own with A.
2. Prepare `matters_needed()` fresh matters of each phase, and one more of each to share. For `pushed` and `online` J
   need not run: A files and forwards, and what it sends to J's address is in `party.matters`. For `accepted` and
   `done` either J's real node does the acts and then stops, or the liar does them lawfully (`liar.lawful`).
3. Where J's real node has run, hand over its books: `party.tree = Tree(hashes of its sealed events in order)`,
   `party.seals = [its last seal]`; each matter from J's dossier (`Matter.from_dossier`) or from what A sent.
   `matter.tables` must hold the rule table: its digest -> the printed document.
4. `party.learn(a matter)` and the same for E: they find out which seal A holds.
5. `liar.as_text = False` if events travel as objects, not as their canonical text.
"""

from collections.abc import Iterator

import pytest

from tests.hostile.deception import Deception, is_refusal
from tests.hostile.deceptions import CATALOGUE
from tests.hostile.scene import Scene

CLASSES = tuple(dict.fromkeys(one.klass for one in CATALOGUE))
LOG_PER_DECEPTION = 16_384  # bytes
MEMORY_MORE = 200 << 20  # bytes a process may have grown by, after all of it

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hostile")]


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Return the stage. It is built once and used in the order of the catalogue."""
    pytest.skip("the stage is not built yet")


@pytest.fixture(scope="module")
def before(scene: Scene) -> dict[str, object]:
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
    if not one.agrees(outcome):
        return f"{one.klass} · {one.name}: {outcome}, not {one.expect}"
    if not one.trace and is_refusal(outcome) and scene.counts() != rows:
        changed = {
            name: (rows.get(name), now) for name, now in scene.counts().items() if rows.get(name) != now
        }
        return f"{one.klass} · {one.name}: refused, and yet kept: {changed}"
    return ""


@pytest.mark.parametrize("klass", CLASSES)
def test_every_lie_gets_its_answer(klass: str, scene: Scene, before: dict[str, object]) -> None:
    """All of a class are played before the first that went wrong is told."""
    wrong = [trouble for one in CATALOGUE if one.klass == klass and (trouble := play(one, scene))]
    assert not wrong, "\n".join(wrong)


def test_afterwards_the_journal_holds(scene: Scene, before: dict[str, object]) -> None:
    """`journal verify` of the node that was lied to."""
    assert scene.audit() == 0


def test_afterwards_every_dossier_can_be_shown(scene: Scene, before: dict[str, object]) -> None:
    """An untouched matter holds; one a liar wrote in holds or is contested; none is broken."""
    codes = {subject: scene.dossier(subject) for subject in scene.subjects()}
    assert {subject: code for subject, code in codes.items() if code not in (0, 5)} == {}
    lied_in = {subject for subject in codes if scene.parked(subject)}
    assert {subject: code for subject, code in codes.items() if code and subject not in lied_in} == {}


def test_afterwards_everybody_else_moves(scene: Scene, before: dict[str, object]) -> None:
    """Within the minute, and to the end."""
    assert scene.bystander_moves(60)


def test_afterwards_no_duty_is_lost(scene: Scene, before: dict[str, object]) -> None:
    """What was owed before is owed still, where nobody did anything lawful since; a park adds, and takes nothing."""
    lost = {}
    for subject, duties in before["duties"].items():  # type: ignore[attr-defined]
        state = scene.state(subject)
        own = {name for name in duties if not name.startswith("handling/")}
        gone = {name for name in own - set(state["duties"]) if not _delivered(name, scene, subject)}
        if gone:
            lost[subject] = gone
    assert lost == {}


def _delivered(name: str, scene: Scene, subject: str) -> bool:
    """Whether a lawful event closed it: one that no park of A's names."""
    parked = scene.parked(subject)
    events = [piece["event"] for piece in scene.pieces(subject)]
    return any(name in event["effects"].get("close", ()) and event["hash"] not in parked for event in events)


def test_afterwards_log_and_memory_are_bounded(scene: Scene, before: dict[str, object]) -> None:
    """Lies may cost a line each, not a traceback each."""
    assert scene.log_bytes() - int(str(before["log"])) < LOG_PER_DECEPTION * len(CATALOGUE)
    assert scene.memory_bytes() - int(str(before["memory"])) < MEMORY_MORE
