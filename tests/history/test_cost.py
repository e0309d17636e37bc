"""Cost does not grow with history: with ten times as many ended matters behind it, nothing that can be got reads more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.api.conftest import settled, standing_counties
from tests.api.test_matrix import operations
from tests.browser import roles as browsing
from tests.history import counting, laying, scenes, walking
from tests.history.addresses import Address
from tests.history.exceptions import CLOSED, EXEMPT
from tests.history.scenes import NODE, Scene
from tests.history.walking import Walk, Walker
from tests.world import World
from tongban.cases import finding
from tongban.notices import queries as notices
from tongban.procedures import newest
from tongban.web.desk import cases, lists

__all__ = ["settled", "standing_counties"]

pytestmark = [pytest.mark.database, pytest.mark.slow]
LITTLE, MUCH = 30, 300  # copies of each ended matter, before what is open and as many after it


@dataclass
class Walked:
    """A node with much history, and what was read when there was little and now."""

    scene: Scene
    first: Walk
    second: Walk

    @property
    def vendor(self) -> str:
        return self.scene.world[NODE].connection.vendor


@pytest.fixture(scope="module")
def walked(standing_counties: World) -> Walked:
    world = standing_counties
    scenes.appoint_auditor(world)
    scene = scenes.built(world)
    # What lists look at and count at most is reached with little history already.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(newest, "LOOKED_THROUGH", LITTLE)
        patch.setattr(lists, "MOST", LITTLE)
        # Among more that has ended, more of what is looked at has to be asked whether it may be seen, up to all of it.
        patch.setattr(cases, "MOST", LITTLE // 3)
        patch.setattr(finding, "COUNTED", LITTLE)
        patch.setattr(notices, "MOST", LITTLE // 3)
        lay(scene, LITTLE)
        first = walking.discover(scene)
        lay(scene, MUCH - LITTLE)
        return Walked(scene, first, walking.again(scene, first))


def lay(scene: Scene, copies: int) -> None:
    connection = scene.world[NODE].connection
    with scene.world.on(NODE):
        for number in scene.ended:
            laying.copies(number, copies, before=True)
            laying.copies(number, copies)
        laying.passed_time(12 * copies)  # more than a page of them
        counting.settle(connection)
        counting.forbid_scans(connection)


def grown(walked: Walked, first: Walk, second: Walk) -> Iterator[str]:
    """Yield each statement that read much more the second time, with who asked it where."""
    for (role, address), after in second.reads.items():
        before = first.reads[role, address]
        for shape, much in after.items():
            exempt = any(one.covers(address.route, shape) for one in EXEMPT)
            if not exempt and counting.grew(before[shape], much, walked.vendor):
                yield f"{address}, as {role}: {before[shape]} → {much} in {shape}"


def test_every_table_grows_or_is_known_not_to() -> None:
    assert laying.unnamed() == set()


@pytest.mark.prove("every page and reading, among ten times the history")
def test_every_page_and_every_reading_of_the_api_is_walked(walked: Walked) -> None:
    due = browsing.pages() | {name for name, (method, _) in operations().items() if method == "get"}
    assert due - walked.first.routes() == CLOSED.keys()
    assert walked.second.reads.keys() == walked.first.reads.keys()


@pytest.mark.prove("every page and reading, among ten times the history")
def test_nothing_reads_more_with_ten_times_the_history(walked: Walked) -> None:
    found = list(grown(walked, walked.first, walked.second))
    assert not found, "\n".join(one[:400] for one in found[:40])


# SQLite counts the open duties of the organisation then, of which there are few.
@pytest.mark.prove("every page and reading, among ten times the history")
@pytest.mark.postgres
def test_notices_that_the_index_of_the_newest_duty_is_gone(walked: Walked) -> None:
    """The test of the tests: a queue's page then reads all that came after the last that is open."""
    world, role = walked.scene.world, "officer of competent"
    connection, again = world[NODE].connection, Walk()
    with world.on(NODE), connection.cursor() as cursor:
        cursor.execute("DROP INDEX duty_open_newest")
    queue = Address("web:queue", "/desk/")
    Walker(walked.scene, role, scenes.caller(world, role), again).get(queue)
    found = [
        one for one in grown(walked, walked.first, again) if re.search(r'"kernel_duty" .* DESC LIMIT', one)
    ]
    assert len(found) == 1
