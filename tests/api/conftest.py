"""Worlds whose nodes have accounts: one for each test, copied from one that is made once, and one for a module."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.world import Node, World


@pytest.fixture(scope="session")
def settled(django_db_blocker: Any) -> Iterator[World]:
    """Give three counties with accounts, to be copied and left alone."""
    from tests import world as worlds
    from tests.api import front

    with django_db_blocker.unblock():
        world = worlds.build("qingyang", "jiashan", "third")
        front.settle_accounts(world)
        for node in world.nodes.values():
            databases.flush(node.connection)
        yield world
        world.close()


def copy_of(original: World) -> World:
    from tongban.exchange import gateway

    assert original.folder
    folder = Path(tempfile.mkdtemp(prefix="tongban-world-"))
    nodes = {}
    for key, node in original.nodes.items():
        home = folder / key
        shutil.copytree(original.folder / key, home)
        config = replace(node.config, home=home, keys=home / "keys")
        nodes[key] = Node(key, config, databases.copy(node.connection, home), node.fingerprint)
    world = World(nodes, at=original.at, folder=folder)
    gateway.post = world.post
    return world


@pytest.fixture
def counties(settled: World, django_db_blocker: Any) -> Iterator[World]:
    """Give three counties with accounts."""
    with django_db_blocker.unblock():
        world = copy_of(settled)
        yield world
        world.close()


@pytest.fixture(scope="module")
def standing_counties(settled: World, django_db_blocker: Any) -> Iterator[World]:
    """Give three counties with accounts that the tests of a module share."""
    with django_db_blocker.unblock():
        world = copy_of(settled)
        yield world
        world.close()
