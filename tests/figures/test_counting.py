"""What one matter adds: each thing that happens, for whom, in which month."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests import stories
from tests.cases.test_settling import forked
from tests.figures import sums
from tests.journeys.test_redirected import forward, redirected
from tests.kernel.matters import NODES, PROCEDURE, Matter, binding, duty
from tests.world import World
from tongban.cases.words import Act
from tongban.figures.counting import Counts, counts_of, month_of
from tongban.kernel.journal import events, fold
from tongban.kernel.journal.fold import State


def added(matter: Matter) -> dict[tuple[str, str], Counts]:
    """Return what a matter in memory adds."""
    ordered = fold.in_order(State(PROCEDURE, matter.subject), matter.written)
    return counts_of(fold.states(PROCEDURE, matter.subject, ordered))


def at(text: str) -> str:
    return events.format_time(datetime.fromisoformat(text))


def owing(due: str | None, closed: str, organisation: str = "ORG") -> Matter:
    """Return a matter in which a duty was opened in March and closed at a moment."""
    matter = Matter()
    holder = {"org": organisation, "node": NODES["intake/1"]}
    matter.found(open=[duty("intake/1.1.1", due=due, holder=holder)])
    matter.write("intake/1", {"close": ["intake/1.1.1"]}, at=at(closed))
    return matter


class TestADuty:
    @pytest.mark.parametrize(
        ("due", "closed", "counts"),
        [
            ("2026-03-05", "2026-03-05T23:59:59+08:00", {"in_time": 1}),
            ("2026-03-05", "2026-03-06T00:00:00+08:00", {"late": 1}),
            (None, "2026-03-30T00:00:00+08:00", {"in_time": 1}),  # without a date nothing is late
        ],
    )
    def test_ends_in_time_up_to_the_end_of_its_last_day(
        self, due: str | None, closed: str, counts: dict[str, int]
    ) -> None:
        assert added(owing(due, closed)) == {("ORG", "2026-03"): Counts(begun=1, opened=1, **counts)}

    def test_counts_in_the_months_in_which_it_began_and_ended(self) -> None:
        assert added(owing("2026-04-10", "2026-04-01T00:00:00+08:00")) == {
            ("ORG", "2026-03"): Counts(begun=1, opened=1), ("ORG", "2026-04"): Counts(in_time=1),
        }  # fmt: skip

    def test_of_an_applicant_is_no_organisation_s(self) -> None:
        found = added(owing(None, "2026-03-30T00:00:00+08:00", organisation=""))
        assert found == {("ORG", "2026-03"): Counts(begun=1)}


def test_a_month_is_one_of_official_time() -> None:
    assert month_of(datetime.fromisoformat("2026-03-31T15:59:59+00:00")) == "2026-03"
    assert month_of(datetime.fromisoformat("2026-03-31T16:00:00+00:00")) == "2026-04"


class TestAMatter:
    def test_begins_for_who_is_bound_and_once_for_who_fills_two_roles(self) -> None:
        matter = Matter()
        matter.found()
        matter.write("intake/1", {"pen": "handling", "bind": [binding("handling/1", org="ORG")]})
        assert added(matter) == {("ORG", "2026-03"): Counts(begun=1)}

    def test_leaves_the_hands_of_who_is_followed_by_another_and_may_come_back(self) -> None:
        matter = Matter()
        matter.found()
        for term, org in enumerate(("A", "B", "A"), start=1):
            bound = binding(f"handling/{term}", org=org)
            matter.write("intake/1", {"bind": [bound]}, at=at(f"2026-0{term + 3}-01T09:00:00+08:00"))
        assert added(matter) == {
            ("ORG", "2026-03"): Counts(begun=1), ("A", "2026-04"): Counts(begun=1), ("A", "2026-05"): Counts(ended=1),
            ("B", "2026-05"): Counts(begun=1), ("B", "2026-06"): Counts(ended=1), ("A", "2026-06"): Counts(begun=1),
        }  # fmt: skip

    def test_ends_for_all_who_have_it_in_hand(self) -> None:
        matter = Matter()
        matter.found()
        matter.write("intake/1", {"bind": [binding("handling/1", org="A")]})
        matter.write("intake/1", {"phase": ["filed", "delivered"]}, at=at("2026-04-01T09:00:00+08:00"))
        found = added(matter)
        assert (found["ORG", "2026-04"], found["A", "2026-04"]) == (Counts(ended=1), Counts(ended=1))

    def test_is_parked_by_a_side_as_often_as_it_is(self) -> None:
        matter = Matter()
        matter.found()
        for parked in ("fork", "fork", "", "newer"):
            matter.write("intake/1", {"facts": {"parked": parked}})
        assert added(matter) == {("ORG", "2026-03"): Counts(begun=1, parked=2)}

    def test_that_nobody_here_speaks_never_ends(self) -> None:
        matter = Matter()
        effects = {"phase": ["", "delivered"], "bind": [binding("intake/1")]}
        start = events.genesis("unknown", matter.subject, "intake", 1)
        first = matter.mint("intake/1", effects, procedure="unknown", prev=start)
        assert counts_of(fold.states("unknown", matter.subject, [first])) == {
            ("ORG", "2026-03"): Counts(begun=1)
        }


class TestACase:
    def test_is_the_same_figure_on_both_nodes(self, world: World) -> None:
        stories.delivered(world)
        found = []
        for key in ("qingyang", "jiashan"):
            with world.on(key):
                found.append(sums.stored())
                assert sums.stored_of_duties() == sums.of_duties()
        assert found[0] == found[1]
        for counts in found[0].values():
            assert (counts["begun"], counts["ended"], counts["late"]) == (1, 1, 0)
            assert counts["opened"] == counts["in_time"] > 0

    def test_acted_on_too_late_is_late(self, world: World) -> None:
        number = stories.acknowledged(world, template=stories.LICENSING)
        officer = stories.officer(world, number)
        world.wait_until("2026-03-05")
        stories.do(world, "jiashan", number, Act.ACCEPT, officer)
        world.settle()
        with world.on("jiashan"):
            before = sums.total("late", officer.organisation)
        assert before == 0
        world.wait_until("2027-01-04")
        stories.review_all(world, number)
        stories.decide(world, number)
        world.settle()
        with world.on("jiashan"):
            assert sums.stored_of_duties() == sums.of_duties()
            assert set(sums.of_duties()["late"]) == {(officer.organisation, "2027-01")}

    def test_parked_counts_for_the_side_that_waits(self, world: World) -> None:
        number, _ = forked(world)
        with world.on("qingyang"):
            case = stories.case_on(world, "qingyang", number)
            for role, bound in case.state["roles"].items():
                waits = bool(case.state["facts"].get(role, {}).get("parked"))
                assert sums.total("parked", bound["org"]) == waits
            assert sum(counts["parked"] for counts in sums.stored().values()) > 0

    @pytest.mark.prove("a case over three nodes")
    @pytest.mark.slow
    def test_sent_on_ends_here_and_begins_there(self, make_world: Callable[..., World]) -> None:
        world = make_world("qingyang", "jiashan", "third")
        number = stories.acknowledged(world)
        first = stories.officer(world, number).organisation
        redirected(world, number, "jiashan")
        forward(world, number, "third")
        with world.on("qingyang"):
            assert (sums.total("begun", first), sums.total("ended", first)) == (1, 1)
            assert sums.stored_in_hand() == sums.in_hand()
            assert first not in sums.in_hand()
