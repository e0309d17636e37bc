"""What `make run` shows at its first start: two real nodes on which something has happened already."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tongban.accounts.demo_counties import OFFICES, uscc_of
from tongban.demonstration import building, life, running
from tongban.demonstration.building import Built
from tongban.demonstration.counties import JIASHAN, QINGYANG
from tongban.demonstration.errands import free_ports
from tongban.demonstration.people import Json, Person
from tongban.kernel.time.clock import OFFICIAL

pytestmark = pytest.mark.slow
NODES = [QINGYANG, JIASHAN]


@dataclass
class Neighbourhood:
    """Two counties that are served."""

    folder: Path
    ports: dict[str, int]
    built: list[Built]

    def cases(self, node: str, login: str, *, staff: bool = True) -> list[Json]:
        """Return the cases that somebody sees."""
        return self._ask(node, login, staff, "/api/v1/cases")["cases"]

    def duties(self, node: str, login: str, **query: str) -> list[Json]:
        """Return what waits for somebody."""
        return self._ask(node, login, True, "/api/v1/duties", **query)["duties"]

    def ask(self, node: str, login: str, path: str) -> Json:
        """Return what a member of staff is answered."""
        return self._ask(node, login, True, path)

    def _ask(self, node: str, login: str, staff: bool, path: str, **query: str) -> Json:
        one = next(built for built in self.built if built.node.key == node)
        person = Person(one, f"{one.node.prefix}-{login}", staff=staff)
        try:
            return person.get(path, **query)
        finally:
            person.close()


@pytest.fixture(scope="module")
def place() -> Iterator[Neighbourhood]:
    """Give two counties as `make run` makes them."""
    folder, ports = Path(tempfile.mkdtemp(prefix="tongban-run-")), free_ports(NODES)
    processes: list = []
    try:
        yield Neighbourhood(folder, ports, running.begin(folder, ports, processes))
    finally:
        running.stop(processes)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.prove("two weeks in the life of two counties")
@pytest.mark.parametrize("node", [node.key for node in NODES])
class TestEveryDesk:
    def test_the_window_has_cases_at_every_point(self, place: Neighbourhood, node: str) -> None:
        phases = {case["phase"] for case in place.cases(node, "window")}
        assert phases >= {
            "filed", "received", "reviewed", "forwarded", "acknowledged", "correcting", "accepted", "under_review",
            "concluded", "delivered", "returned",
        }  # fmt: skip
        assert {duty["kind"] for duty in place.duties(node, "window")} >= {"receive", "forward", "hand_out"}

    @pytest.mark.parametrize("login", ["hrss", "medical", "notary", "cdpf", "market", "traffic-head"])
    def test_departments_have_something_to_do_or_to_follow(
        self, place: Neighbourhood, node: str, login: str
    ) -> None:
        assert place.cases(node, login)

    def test_one_case_is_overdue_and_was_never_opened(self, place: Neighbourhood, node: str) -> None:
        (duty,) = (one for one in place.duties(node, "hrss") if one["kind"] == "acknowledge")
        assert duty["due_on"] < time.strftime("%Y-%m-%d")

    def test_a_guide_waits_for_the_centre(self, place: Neighbourhood, node: str) -> None:
        assert [one["kind"] for one in place.duties(node, "supervisor", kind="file")] == ["file"]

    def test_the_supervisor_sees_what_is_open(self, place: Neighbourhood, node: str) -> None:
        assert len(place.cases(node, "supervisor")) >= 12

    @pytest.mark.parametrize("which", [0, 1])
    def test_applicants_have_cases_of_their_own(self, place: Neighbourhood, node: str, which: int) -> None:
        assert place.cases(node, life.APPLICANTS[node][which], staff=False)


class TestTheWhole:
    @pytest.mark.prove("two weeks in the life of two counties")
    def test_holds_together(self, place: Neighbourhood) -> None:
        for one in place.built:
            assert building.tongban(["journal", "verify"], one)

    @pytest.mark.prove("two weeks in the life of two counties")
    def test_the_acts_of_a_case_are_spread_over_a_morning(self, place: Neighbourhood) -> None:
        number = next(c["number"] for c in place.cases("qingyang", "window") if c["phase"] == "delivered")
        told = place.ask("qingyang", "window", f"/api/v1/cases/{number}/timeline")
        moments = [datetime.fromisoformat(one["at"]).astimezone(OFFICIAL) for one in told]
        assert {moment.hour for moment in moments} <= {8, 9, 10, 11}
        assert len({f"{moment:%d %H:%M}" for moment in moments}) >= len(moments) // 2

    @pytest.mark.prove("two weeks in the life of two counties")
    def test_whoever_decides_has_a_seal(self, place: Neighbourhood) -> None:
        sealed = {office.role for office in OFFICES if office.kind in ("competent", "service_centre")}
        for one in place.built:
            seals = json.loads(building.tongban(["office", "seal", "list", "--json"], one))
            assert {seal["organisation"] for seal in seals} == {
                uscc_of(one.node.key, role) for role in sealed
            }
            assert {(seal["kind"], seal["state"], seal["key"]) for seal in seals} == {
                ("official", "in_use", True)
            }

    @pytest.mark.prove("two weeks in the life of two counties")
    def test_ends_at_the_present(self, place: Neighbourhood) -> None:
        assert abs(float((place.folder / "clock").read_text())) < 1

    @pytest.mark.prove("two weeks in the life of two counties")
    def test_happens_once(self, place: Neighbourhood) -> None:
        before = (place.folder / building.READY).stat().st_mtime
        again = building.neighbourhood(place.folder, NODES, place.ports, shift=-5.0)
        assert [one.fingerprint for one in again] == [one.fingerprint for one in place.built]
        assert (place.folder / building.READY).stat().st_mtime == before
        assert not life.is_broken_off(place.folder)

    @pytest.mark.prove("two weeks in the life of two counties")
    def test_a_life_that_broke_off_is_begun_anew(self, place: Neighbourhood) -> None:
        mark = place.folder / life.MARK
        mark.unlink()
        try:
            assert life.is_broken_off(place.folder)
        finally:
            mark.write_text("")

    def test_a_neighbourhood_of_an_older_version_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / building.READY).write_text("{}")
        assert not life.is_broken_off(tmp_path)
