"""A real node comes back from its backup; another runs as a copy of itself."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.nodes import Node, ended, free_ports, move
from tests.crash.people import Place, came_through, eventually
from tongban.demonstration.building import Built, DemonstrationFailed, tongban
from tongban.demonstration.errand import Errand

pytestmark = [pytest.mark.slow, pytest.mark.prove("restores and copies served nodes")]

TEMPLATE = "social-security-card"


@pytest.fixture
def errand(nodes: dict[str, Node], place: Place) -> Errand:
    """Return a case that the department of 嘉善 has acknowledged."""
    for node in nodes.values():
        node.start()
    errand = Errand(place)
    errand.push(TEMPLATE)
    errand.officer.act(errand.number, "acknowledge")
    return errand


def reached(node: Node, number: str, kind: str) -> bool:
    return bool(node.rows("SELECT 1 FROM kernel_event WHERE subject = ? AND kind = ?", number, kind))


def of_itself(node: Node) -> int:
    """Return how many entries stand in the chain of the node itself, which no peer holds."""
    ((count,),) = node.rows("SELECT count(*) FROM kernel_event WHERE procedure = 'node'")
    return int(str(count))


class TestRestoredNode:
    def test_only_reads_until_its_peer_has_returned_what_it_lacks(
        self, nodes: dict[str, Node], place: Place, errand: Errand, tmp_path: Path
    ) -> None:
        here, there = nodes["qingyang"], nodes["jiashan"]
        yesterday = of_itself(there)
        tongban(["backup", str(tmp_path / "yesterday.tgz")], there.built)
        errand.officer.act(errand.number, "accept")
        later = Errand(place)
        later.push(TEMPLATE)
        # All of the two cases: what a seal counted and nobody returns is confessed as lost.
        eventually(lambda: reached(here, errand.number, "accept") and reached(here, later.number, "arrive"))
        here.kill()
        there.kill()
        written = of_itself(there) - yesterday
        del place.processes["qingyang"]  # nobody starts it before its time

        shutil.rmtree(there.built.home)
        keys = there.built.home.parent / "jiashan-keys"
        said = tongban(
            [
                "restore",
                str(tmp_path / "yesterday.tgz"),
                "--home",
                str(there.built.home),
                "--keys",
                str(keys),
                "--key",
                str(keys / "recovery.pem"),
                "--json",
            ],
            there.built,
        )
        assert json.loads(said)["epoch"] == 2
        there.start(ready=False)
        there.await_answer()

        assert errand.officer.case(errand.number)["phase"] == "acknowledged"
        with pytest.raises(DemonstrationFailed, match=r"503 .*只读"):
            errand.officer.act(errand.number, "accept")

        here.start()
        place.processes["qingyang"] = here
        there.await_answer("/readyz")
        assert errand.officer.case(errand.number)["phase"] == "accepted"
        later.officer.wait_for_duty(later.number, "acknowledge")
        later.officer.act(later.number, "acknowledge")
        eventually(lambda: accepts(later))  # its letter names whom it is for: the form has to be there
        for case in (errand, later):
            case.decide_and_deliver()
            came_through(case)
        records = "SELECT raw FROM kernel_epochrecord WHERE node = ?"
        (ours,), (theirs,) = (node.rows(records, there.built.fingerprint) for node in (there, here))
        assert ours == theirs
        # Only of what the node had written down for itself since, and as far as a peer had seen it sealed.
        assert 0 <= json.loads(str(ours[0]))["lost"] <= written
        place.journals_hold()


def accepts(errand: Errand) -> bool:
    """Accept a case if all that its letter says has arrived."""
    try:
        errand.officer.act(errand.number, "accept")
    except DemonstrationFailed as refusal:
        if "尚未收齐" not in str(refusal):
            raise
        return False
    return True


class TestCopiedNode:
    @pytest.fixture
    def copy(self, nodes: dict[str, Node], errand: Errand) -> Iterator[Node]:
        """Return a copy of 嘉善's node, made when the case was acknowledged; it does not run yet."""
        node = nodes["jiashan"]
        node.kill()
        home = node.built.home.parent / "copy" / "jiashan"
        shutil.copytree(node.built.home, home)
        shutil.copytree(node.built.home.parent / "jiashan-keys", home.parent / "jiashan-keys")
        shutil.copy(node.built.home.parent / "clock", home.parent)
        built = Built(node.built.node, home, "")
        move(built, free_ports(1)[0])
        built.recall()
        node.start()
        with ended({"copy": Node(built)}) as found:
            yield found["copy"]

    def test_is_found_out_by_the_peer_and_the_case_waits_for_a_human(
        self, nodes: dict[str, Node], place: Place, errand: Errand, copy: Node
    ) -> None:
        here = nodes["qingyang"]
        errand.officer.act(errand.number, "accept")
        eventually(lambda: reached(here, errand.number, "accept"))
        nodes["jiashan"].kill()  # so that nobody but the copy speaks for it

        copy.start()
        elsewhere = Place.of({"qingyang": here, "jiashan": copy})
        theirs = Errand(elsewhere, errand.number, TEMPLATE)
        theirs.officer.act(errand.number, "refuse", reason="不属于本机关。")

        forks = "SELECT 1 FROM kernel_fork WHERE subject = ?"
        questioned = "SELECT 1 FROM exchange_peer WHERE state = 'questioned' AND node = ?"
        eventually(
            lambda: bool(here.rows(questioned, copy.built.fingerprint) or here.rows(forks, errand.number))
        )
        eventually(lambda: errand.clerk.case(errand.number)["parked"] != "")
        # Of the place in dispute nothing counts until it is settled: what was accepted is acknowledged for now.
        assert errand.clerk.case(errand.number)["phase"] == "acknowledged"
        elsewhere.close()
        place.journals_hold()  # of the two nodes that are what they say
