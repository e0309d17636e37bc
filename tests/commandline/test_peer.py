"""The operator pauses, resumes and removes a peer."""

import pytest

from tests.commandline.operators import call
from tongban.exchange.models import Peer
from tongban.kernel import clock

NODE = f"sm3:{'ab' * 32}"


@pytest.fixture
def peer(db: None) -> Peer:
    return Peer.objects.create(
        node=NODE,
        name="js",
        url="http://127.0.0.1:8002",
        division="330421",
        organisation="12330421DEM0100055",
        added_at=clock.now(),
    )


@pytest.mark.parametrize("what, state", [("pause", "paused"), ("resume", "active"), ("remove", "removed")])
def test_changes_how_we_stand_with_a_peer(peer: Peer, what: str, state: str) -> None:
    result = call("peer", what, "ABAB ABAB")
    assert result.exit_code == 0, result.output

    peer.refresh_from_db()
    assert peer.state == state


def test_needs_enough_of_the_fingerprint(peer: Peer) -> None:
    result = call("peer", "remove", "abab")
    assert result.exit_code == 1
    assert "至少给出前 8 位" in result.stderr

    peer.refresh_from_db()
    assert peer.state == Peer.State.ACTIVE
