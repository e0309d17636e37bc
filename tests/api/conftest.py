"""A world whose nodes have accounts, one for each test and one for a whole module."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import World


@pytest.fixture
def counties(make_world: Callable[..., Any]) -> World:
    """Give two counties with their accounts."""
    from tests.api import front

    world = make_world("qingyang", "jiashan", "third")
    front.settle_accounts(world)
    return world


@pytest.fixture(scope="module")
def standing_counties(django_db_blocker: Any) -> Iterator[World]:
    """Give three counties that the tests of a module share."""
    from tests import world as worlds
    from tests.api import front

    with django_db_blocker.unblock():
        world = worlds.build("qingyang", "jiashan", "third")
        front.settle_accounts(world)
        yield world
        world.close()
