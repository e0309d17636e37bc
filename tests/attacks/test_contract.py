"""The contract under attack, in short: a fixed draw of requests by strangers, applicants, staff and programs, alone and in sequence."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application

from tests import stories
from tests.api import front
from tests.attacks import contract
from tests.web.conftest import settled, standing_counties
from tests.world import World

__all__ = ["settled", "standing_counties"]

pytestmark = [
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.attack("C2"),
    pytest.mark.prove("made-up requests to every operation by every role"),
]

SEED = 20261126
ROLES: dict[str, Callable[[World], front.Caller]] = {
    "nobody": lambda world: front.Caller(world, "qingyang"),
    "applicant": lambda world: front.applicant(world, "qingyang", "chen"),
    "window": lambda world: front.staff(world, "qingyang", "window"),
    "decider": lambda world: front.staff(world, "jiashan", "hrss-head"),
    "supervisor": lambda world: front.staff(world, "qingyang", "supervisor"),
    "program": lambda world: front.machine(world, "qingyang"),
}


@pytest.fixture(scope="module")
def world(standing_counties: World) -> World:
    """Give counties with a case at every point of its way for which an act waits."""
    for story in (stories.received, stories.forwarded, stories.acknowledged, stories.decided):
        story(standing_counties)
    standing_counties.settle()
    return standing_counties


def served(world: World, node: str, cookies: str) -> Callable[..., Iterable[bytes]]:
    """Return a node as an application that gets these cookies, for the threads in which requests are made."""
    answer = get_wsgi_application()
    world[node].connection.inc_thread_sharing()

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        # The client that stands between would put those of its own in place of ours.
        environ["HTTP_COOKIE"] = cookies
        with world.on(node):
            response = answer(environ, start)
            try:
                return [b"".join(response)]
            finally:
                response.close()

    return application


@pytest.mark.parametrize("role", ROLES)
def test_nothing_breaks_or_answers_what_the_contract_does_not_name(world: World, role: str) -> None:
    caller = ROLES[role](world)
    cookies = "; ".join(f"{name}={one.value}" for name, one in caller.client.cookies.items())
    application = served(world, caller.node, cookies)
    try:
        outcome = contract.attack(
            lambda settings: schemathesis.openapi.from_wsgi("/api/openapi.json", application, config=settings),
            headers=caller.headers, seed=SEED, examples=1, phases=("fuzzing", "stateful"),
        )  # fmt: skip
    finally:
        world[caller.node].connection.dec_thread_sharing()
    assert not outcome.findings, "\n".join(f"{where}: {said}" for where, said in outcome.findings.items())
    assert outcome.total >= 60
    # Most of it was asked as who they are: 401 only after the end of a session.
    assert (outcome.statuses[401] > outcome.total / 2) == (role == "nobody"), outcome.statuses
