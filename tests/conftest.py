"""What all tests share: which of them touch a database, and a clean end."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

ABOUT_ONE = {"postgres": "postgresql", "sqlite": "sqlite"}  # marker → the only database it runs on
DATABASE_FIXTURES = {"db", "transactional_db", "make_world", "world"}

# A busy machine is no bug: examples are limited by number, not by time.
hypothesis.settings.register_profile("suite", deadline=None, print_blob=True)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches a database, and leave out what is about the other one."""
    about_the_other = []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("once"):
            if connection.vendor != "sqlite":
                about_the_other.append(item)
            continue
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)
        for marker, vendor in ABOUT_ONE.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.database)
                if connection.vendor != vendor:
                    about_the_other.append(item)
    if about_the_other:
        config.hook.pytest_deselected(items=about_the_other)
        items[:] = [item for item in items if item not in about_the_other]


@pytest.fixture
def make_world(django_db_blocker: Any) -> Iterator[Callable[..., Any]]:
    """Give a maker of worlds of several nodes; see tests/world.py."""
    from tests import world

    made = []
    with django_db_blocker.unblock():

        def make(*keys: str) -> Any:
            made.append(world.build(*keys))
            return made[-1]

        yield make
        for one in made:
            one.close()


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """Give a world of two neighbouring counties."""
    return make_world()


@pytest.fixture(scope="session", autouse=True)
def plain_letters() -> Iterator[dict[str, Any]]:
    """
    Let letters in worlds of this process be one small file: their offices stand in papers only and have no seals.

    What is marked `drawn` draws them, what is marked `sealed` seals them too, as every node in a process of its own does.
    """
    from tongban.letters import printing, seals

    earnest = {"picture_of": seals.picture_of, "seal": seals.seal, "archival": printing.archival}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seals, "picture_of", lambda organisation, kind, at: ("", 45))
        patch.setattr(seals, "seal", lambda pdf, organisation, kind, at, title: pdf)
        patch.setattr(printing, "archival", lambda letter: f"%PDF-1.7\n% {letter.serial}\n%%EOF\n".encode())
        yield earnest


@pytest.fixture(autouse=True)
def letters_in_earnest(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, plain_letters: dict[str, Any]
) -> None:
    """Draw, or draw and seal, what is marked so."""
    from tongban.letters import printing, seals

    sealed = request.node.get_closest_marker("sealed")
    if sealed or request.node.get_closest_marker("drawn"):
        monkeypatch.setattr(printing, "archival", plain_letters["archival"])
    if sealed:
        monkeypatch.setattr(seals, "picture_of", plain_letters["picture_of"])
        monkeypatch.setattr(seals, "seal", plain_letters["seal"])


@pytest.fixture(scope="session", autouse=True)
def dismantle_worlds(django_db_blocker: Any) -> Iterator[None]:
    """Remove the originals of worlds when the process ends."""
    yield
    from tests import world

    with django_db_blocker.unblock():
        world.dismantle()


def pytest_unconfigure() -> None:
    """Remove the node's home: a worker process may end without its exit handlers."""
    shutil.rmtree(settings.HOME, ignore_errors=True)
