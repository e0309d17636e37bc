"""People who work on while their nodes are killed, cut off and out of room, and who note what they were promised."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.nodes import Nodes
from tongban.demonstration import courses
from tongban.demonstration.building import DemonstrationFailed
from tongban.demonstration.errand import Errand, Neighbourhood
from tongban.demonstration.people import Json, MovedMeanwhile, Person, problem_of

log = logging.getLogger(__name__)

PATIENCE = 300.0  # seconds that somebody goes on trying one thing
READS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Promise:
    """An act that a node answered with 2xx: it must be in that node's chain, once."""

    node: str
    case: str
    act: str
    version: int


@dataclass(slots=True)
class Book:
    """What all people of a run noted."""

    promises: list[Promise] = field(default_factory=list)
    begun: set[tuple[str, str]] = field(default_factory=set)  # case and act that nobody has answered (yet)
    answers: Counter[str] = field(
        default_factory=Counter
    )  # what was not an answer, or a refusal to try again
    done: list[tuple[str, str]] = field(default_factory=list)  # course and case, to the end
    stuck: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # answers no node should give
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.answers[what] += 1


class Patient(Person):
    """Somebody who asks again, under the same idempotency key, what was not answered or could not be done now."""

    book: Book

    def send(self, method: str, path: str, **more: Any) -> Any:
        subject, *rest = path.removeprefix("/api/v1/").split("/")[1:] or [""]
        act = rest[-1] if rest else ""
        is_act = rest[:1] == ["acts"] or act == "file"
        if is_act:
            self.book.begun.add((subject, act))
        done = super().send(method, path, **more)
        if is_act:
            self.book.promises.append(Promise(self.at.node.key, done["number"], act, done["version"]))
        return done

    def act(self, number: str, act: str, **body: Any) -> Json:
        patience = time.monotonic() + PATIENCE
        while True:
            try:
                return super().act(number, act, **body)
            except MovedMeanwhile:
                if time.monotonic() > patience:
                    raise

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        patience = time.monotonic() + PATIENCE
        while True:
            try:
                reply = super()._ask(method, path, headers, **more)
            except httpx.TransportError:
                self.book.count("interrupted" if method not in READS else "reads interrupted")
            else:
                if reply.status_code < 500:
                    return reply
                code = str(problem_of(reply).get("code", reply.status_code))
                self.book.count(code)
                if reply.status_code != 503:
                    self.book.faults.append(f"{method} {path}: {reply.status_code} {code}")
            if time.monotonic() > patience:
                raise DemonstrationFailed(f"{method} {path} at {self.at.node.name}: no answer")
            time.sleep(0.2)


@dataclass(slots=True)
class Place(Neighbourhood):
    """The nodes as one worker knows them, with people of their own."""

    book: Book = field(default_factory=Book)

    @classmethod
    def of(cls, nodes: Nodes, book: Book) -> "Place":
        built = {key: node.built for key, node in nodes.items()}
        return cls(next(iter(built.values())).home.parent, built, book=book)

    def person(self, key: str, login: str, *, staff: bool = True, post: str = "desk") -> Patient:
        if (key, login) not in self.people:
            node = self.nodes[key]
            person = Patient(node, f"{node.node.prefix}-{login}", staff=staff, post=post)
            person.book = self.book
            self.people[key, login] = person
        found = self.people[key, login]
        assert isinstance(found, Patient)
        return found


def granted(e: Errand) -> None:
    """Taken in at a window, decided at home, handed out at the window."""
    e.push(courses.PROXY)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def corrected(e: Errand) -> None:
    """A field is asked to be put right, and the window puts it right."""
    e.push("disability-certificate-renewal")
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "ask_correction", asked=["form:level"], notice="1．残疾等级应为二级")
    e.clerk.wait_for_duty(e.number, "tell")
    e.clerk.act(e.number, "tell")
    e.clerk.act(e.number, "answer", form={"level": "2"}, remark="残疾等级已改为二级。")
    e.officer.wait_for_duty(e.number, "recheck")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def withdrawn_or_decided(e: Errand) -> None:
    """The window asks for withdrawal as the head decides; which of the two came first, both sides say alike."""
    e.push(courses.PROXY)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.review()
    e.clerk.act(e.number, "request_withdrawal", remark="不再需要。")
    try:
        e.head.act(e.number, "decide", outcome="granted", decision="准予。")
    except DemonstrationFailed:  # the request was there first
        e.officer.wait_for_duty(e.number, "answer_withdrawal")
        e.officer.act(e.number, "grant_withdrawal")
        e.clerk.wait(e.number, lambda c: c["phase"] == "withdrawn")
        e.rest()
        return
    e.officer.wait_for_duty(e.number, "answer_withdrawal")
    e.officer.act(e.number, "deny_withdrawal")
    e.conclude_and_deliver()


ANYWHERE = ("qingyang", "jiashan", "third")
LARGE = ANYWHERE[:2]  # the counties that have every office
# Course → how often, where it may be handed in, where it may be decided.
COURSES: dict[Callable[[Errand], None], tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    granted: (4, ANYWHERE, ANYWHERE),
    corrected: (3, ANYWHERE, ANYWHERE),
    courses.withdrawn: (2, ANYWHERE, ANYWHERE),
    withdrawn_or_decided: (3, ANYWHERE, ANYWHERE),
    courses.redirected: (3, LARGE, LARGE),
    courses.refused: (2, LARGE, LARGE),
    courses.denied: (2, LARGE, LARGE),
    courses.fully_online: (1, ("qingyang",), ("jiashan",)),
    courses.returned: (1, ANYWHERE, ANYWHERE),
}


def work(nodes: Nodes, book: Book, rng: random.Random, is_over: Callable[[], bool]) -> None:
    """Carry one errand after the other to its end, until it is over."""
    place = Place.of(nodes, book)
    while not is_over():
        course = rng.choices(list(COURSES), [often for often, _, _ in COURSES.values()])[0]
        _, intakes, handlings = COURSES[course]
        intake = rng.choice(intakes)
        errand = Errand(
            place, intake_key=intake, handling_key=rng.choice([key for key in handlings if key != intake])
        )
        try:
            course(errand)
            book.done.append((course.__name__, errand.number))
        except DemonstrationFailed as failure:
            book.stuck.append(f"{course.__name__} {errand.number}: {failure}")
            log.warning("stuck: %s", book.stuck[-1])
    for person in place.people.values():
        person.close()
