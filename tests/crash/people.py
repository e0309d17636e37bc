"""People who do not give up when their node is away, and what their nodes have promised them."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crash.nodes import PATIENCE, Node
from tongban.demonstration.building import DemonstrationFailed, tongban
from tongban.demonstration.errand import Errand, Neighbourhood
from tongban.demonstration.people import Json, Person

# What a node does of itself may be done in fewer or more steps; what a person did is there exactly once.
OF_PEOPLE = {
    "file", "receive", "check_identity", "pass_review", "forward", "acknowledge", "accept", "review", "decide",
    "conclude", "send_result", "hand_out", "confirm_delivery",
}  # fmt: skip


class Patient(Person):
    """
    Somebody who sends again what was not answered, under the same idempotency key.

    They have an eye on all nodes, and start again what died.
    """

    def __init__(self, place: "Place", node: Node, username: str, *, post: str) -> None:
        super().__init__(node.built, username, post=post)
        self.place = place

    def send(self, method: str, path: str, **more: Any) -> Any:
        done = super().send(method, path, **more)
        parts = path.split("/")
        if parts[-1] == "file" or parts[-2] == "acts":
            self.place.promised.append((done["number"], parts[-1]))
        return done

    def act(self, number: str, act: str, **body: Any) -> Json:
        patience = time.monotonic() + PATIENCE
        while True:
            try:
                return super().act(number, act, **body)
            except DemonstrationFailed as refusal:
                # News came in between looking and acting, and nothing was done: look again.
                if (
                    "409" not in str(refusal)
                    or "已被他人处理" not in str(refusal)
                    or time.monotonic() > patience
                ):
                    raise

    def _request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        patience = time.monotonic() + PATIENCE
        while True:
            for node in self.place.processes.values():
                node.revive()
            try:
                return super()._request(method, path, headers, **more)
            except httpx.TransportError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.05)


@dataclass(slots=True)
class Place(Neighbourhood):
    """The nodes, with the patient people of both, and what these people were answered."""

    processes: dict[str, Node] = field(default_factory=dict)
    promised: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, processes: dict[str, Node]) -> "Place":
        built = {key: node.built for key, node in processes.items()}
        return cls(next(iter(built.values())).home.parent, built, processes=processes)

    def person(self, key: str, login: str, *, staff: bool = True, post: str = "desk") -> Person:
        if (key, login) not in self.people:
            node = self.processes[key]
            username = f"{node.built.node.prefix}-{login}"
            self.people[key, login] = Patient(self, node, username, post=post)
        return self.people[key, login]

    def close(self) -> None:
        """Hang up."""
        for person in self.people.values():
            person.close()

    def journals_hold(self) -> None:
        """Demand that `tongban journal verify` finds nothing wrong on either node."""
        with ThreadPoolExecutor() as pool:
            for said in pool.map(
                lambda built: tongban(["journal", "verify", "--json"], built), self.nodes.values()
            ):
                assert json.loads(said)["findings"] == []


def came_through(errand: Errand) -> None:
    """Demand that a case stands the same on both sides, with everything that was promised, exactly once."""
    place, number = errand.place, errand.number
    assert isinstance(place, Place)
    same_on_both(errand)
    query = "SELECT role, term, seq, hash, kind FROM kernel_event WHERE subject = ? ORDER BY role, term, seq"
    here, there = (
        place.processes[key].rows(query, number) for key in (errand.intake_key, errand.handling_key)
    )
    assert here == there
    done = Counter(str(kind) for *_, kind in here)
    promised = Counter(act for case, act in place.promised if case == number)
    assert {kind: n for kind, n in done.items() if kind in OF_PEOPLE} == promised


def same_on_both(errand: Errand) -> None:
    """Demand that both sides come to hold the same state of a case."""
    people = (errand.clerk, errand.officer)
    eventually(lambda: all_equal([person.case(errand.number)["state"] for person in people]))


def all_equal(values: list[Json]) -> bool:
    return all(value == values[0] for value in values)


def eventually(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds; fail when patience ends."""
    patience = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < patience, "it did not come to that"
        time.sleep(0.05)
