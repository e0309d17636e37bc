"""The same promise with PostgreSQL below: several server processes and a worker, killed together."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.crash.conftest import BEGIN, shift_to
from tests.crash.nodes import COUNTIES, Node, ended, free_ports
from tests.crash.people import Place, same_on_both
from tongban.demonstration import building
from tongban.demonstration.errand import Errand

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.prove("kills nodes on PostgreSQL")]


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """Return a new database for each county, by its key; they are dropped at the end."""
    server = urlsplit(os.environ["TONGBAN_TEST_POSTGRES"])
    names = {county.key: f"tongban_crash_{uuid.uuid4().hex[:12]}" for county in COUNTIES}
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        for name in names.values():
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {key: server._replace(path=f"/{name}").geturl() for key, name in names.items()}
        finally:
            for name in names.values():
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def nodes(databases: dict[str, str], tmp_path: Path) -> Iterator[dict[str, Node]]:
    """Return a pair of nodes on PostgreSQL, not yet served."""
    ports = dict(zip(databases, free_ports(len(databases)), strict=True))
    built = building.neighbourhood(
        tmp_path / "built", COUNTIES, ports, shift=shift_to(BEGIN), databases=databases
    )
    with ended({one.node.key: Node(one) for one in built}) as pair:
        yield pair


def test_a_case_survives_the_death_of_either_node(nodes: dict[str, Node], place: Place) -> None:
    for node in nodes.values():
        node.start()
    errand = Errand(place)
    errand.push("social-security-card")
    nodes["jiashan"].kill()
    errand.officer.act(errand.number, "acknowledge")  # whoever asks starts it again
    nodes["qingyang"].kill()
    errand.officer.act(errand.number, "accept")
    errand.decide_and_deliver()

    same_on_both(errand)
    assert errand.officer.case(errand.number)["phase"] == "delivered"
    acts = [entry["act"] for entry in errand.clerk.get(f"/api/v1/cases/{errand.number}/timeline")]
    for act in ("file", "forward", "acknowledge", "accept", "decide", "conclude", "confirm_delivery"):
        assert acts.count(act) == 1
    place.journals_hold()
