"""What is held back is let in or struck, and what the own side wrote of persons is deleted, over the API."""

import pytest

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.held import hold_back
from tests.stories import case_on
from tests.world import World
from tongban.api.contract import api
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import Act, Role
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def number(counties: World) -> str:
    """Give a case of which the intake asked twice for something, news of which has arrived."""
    number = stories.accepted(counties)
    counties.settle()
    clerk = counties["qingyang"].staff("window")
    for act in (Act.URGE, Act.REQUEST_WITHDRAWAL):
        stories.do(counties, "qingyang", number, act, clerk)
    counties.settle()
    return number


@pytest.fixture
def urged(counties: World, number: str) -> Event:
    return hold_back(counties, "jiashan", Role.HANDLING, number, Act.URGE)


@pytest.fixture
def watcher(counties: World, urged: Event) -> Caller:
    return front.staff(counties, "jiashan", "supervisor")


def waits(world: World, number: str) -> tuple[bool, bool, str]:
    """Return whether a withdrawal waits for an answer, whether anything is withheld, and why the case is parked."""
    case = case_on(world, "jiashan", number)
    state = State.from_dict(case.state)
    return is_withdrawal_pending(state), bool(state.withheld), case.parked


class TestReleasing:
    def test_lets_in_what_was_held_back(self, counties: World, number: str, watcher: Caller) -> None:
        assert waits(counties, number) == (False, True, "not_allowed")
        assert watcher.act(number, "release", note="核对无误").status_code == 200
        assert waits(counties, number) == (True, False, "")

    def test_strikes_one_and_lets_in_what_follows(
        self, counties: World, number: str, watcher: Caller, urged: Event
    ) -> None:
        assert watcher.act(number, "release", note="误催", struck=urged.seq).status_code == 200
        pending, _, parked = waits(counties, number)
        assert (pending, parked) == (True, "")

    def test_strikes_up_to_a_place(self, counties: World, number: str, watcher: Caller, urged: Event) -> None:
        assert watcher.act(number, "release", note="都不对", struck=urged.seq + 1).status_code == 200
        pending, _, parked = waits(counties, number)
        assert (pending, parked) == (False, "")

    @pytest.mark.parametrize("beside", [-1, 2])
    def test_strikes_nothing_that_is_not_held_back(
        self, counties: World, number: str, watcher: Caller, urged: Event, beside: int
    ) -> None:
        before = case_on(counties, "jiashan", number).version
        answer = watcher.act(number, "release", note="核对", struck=urged.seq + beside)
        assert "刷新" in is_problem(answer, 422, "invalid_input")
        assert case_on(counties, "jiashan", number).version == before


class TestRedacting:
    def test_takes_what_the_own_side_wrote_of_persons(self, counties: World, number: str) -> None:
        archive = front.staff(counties, "qingyang", "archive")
        with counties.on("qingyang"):
            own = next(one for one in journal.events_of(number) if one.kind == Act.URGE)
        answer = archive.act(
            number,
            "redact",
            version=case_on(counties, "qingyang", number).version,
            events=[own.hash],
            under="个人信息保护法第四十七条",
        )
        assert answer.status_code == 200, answer.content.decode()
        counties.settle()
        for node in ("qingyang", "jiashan"):
            with counties.on(node):
                kept = next(one for one in journal.events_of(number) if one.hash == own.hash)
                assert (kept.body, kept.raw) == (None, own.raw), node

    def test_takes_nothing_that_another_wrote(self, counties: World, number: str) -> None:
        archive = front.staff(counties, "qingyang", "archive")
        with counties.on("qingyang"):
            other = next(one for one in journal.events_of(number) if one.role == Role.HANDLING)
        before = case_on(counties, "qingyang", number).version
        for named in (other.hash, f"sm3:{'0' * 64}"):
            answer = archive.act(
                number,
                "redact",
                version=case_on(counties, "qingyang", number).version,
                events=[named],
                under="个人信息保护法第四十七条",
            )
            is_problem(answer, 422, "invalid_input")
        assert case_on(counties, "qingyang", number).version == before


class TestContract:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    schemas = api.get_openapi_schema(path_prefix="/api/")["components"]["schemas"]

    def test_offers_to_strike_but_asks_for_no_more_than_a_note(self) -> None:
        asked = self.schemas["ReleaseIn"]
        assert set(asked["properties"]) == {"version", "note", "struck"}
        assert set(asked["required"]) == {"version", "note"}

    def test_settles_no_fork(self) -> None:
        assert not [path for path in self.paths if path.endswith("/acts/settle")]

    def test_names_what_is_to_be_redacted(self) -> None:
        assert set(self.schemas["RedactIn"]["required"]) == {"version", "events", "under"}
