"""The one writer: whole or not at all, and only on the state it was decided on."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from tests import databases, stories
from tests.journeys.checks import consistent
from tests.patience import PATIENCE
from tests.world import Node, World
from tongban.cases import commands
from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import fold
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.writer import MovedMeanwhile
from tongban.kernel.models import Duty, Event, Outstanding
from tongban.procedures import recording

pytestmark = pytest.mark.slow


class Crash(BaseException):
    """The process dies here."""


def everything(node: Node, world: World) -> dict[str, Any]:
    """Return all rows the writer is answerable for."""
    with world.on(node):
        return {
            model.__name__: list(model.objects.order_by("pk").values())
            for model in (Case, Event, Duty, Outstanding)
        }


def outcome_of(world: World, number: str) -> journal.Outcome:
    """Return what reviewing identity comes to on the case as it is now, not stored yet."""
    kept: list[journal.Outcome] = []
    original = journal.append
    journal.append = lambda outcome, **more: kept.append(outcome)
    try:
        stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, world["qingyang"].staff("window"),
                   given={"method": "id_card"})  # fmt: skip
    finally:
        journal.append = original
    return kept[0]


def append(world: World, outcome: journal.Outcome) -> None:
    """Store an outcome on the intake's node."""
    with world.on("qingyang"):
        journal.append(outcome, own_node=world["qingyang"].fingerprint, at=world.at)


class TestAnOutcome:
    def test_decided_on_an_older_state_is_refused_whole(self, world: World) -> None:
        number = stories.received(world)
        first, second = outcome_of(world, number), outcome_of(world, number)
        append(world, first)
        before = everything(world["qingyang"], world)
        with pytest.raises(MovedMeanwhile, match=number):
            append(world, second)
        assert everything(world["qingyang"], world) == before

    def test_that_would_create_what_exists_is_refused_whole(self, world: World) -> None:
        number = stories.filed(world)
        with world.on("qingyang"):
            steps = self.steps(number)
            before = everything(world["qingyang"], world)
            with pytest.raises(MovedMeanwhile):
                recording.record(steps, own=world["qingyang"].fingerprint, at=world.at, new=True)
        assert everything(world["qingyang"], world) == before

    @staticmethod
    def steps(number: str) -> list[Any]:
        state, steps = State("case", number), []
        for event in journal.events_of(number):
            steps.append(fold.step(state, event, [step.event for step in steps]))
            state = steps[-1].after
        return steps

    def test_looked_at_in_an_older_version_is_refused(self, world: World) -> None:
        number = stories.received(world)
        clerk = world["qingyang"].staff("window")
        with pytest.raises(MovedMeanwhile):
            stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "x"}, version=1)

    def test_opens_and_closes_duties_as_the_state_does(self, world: World) -> None:
        number = stories.delivered(world)
        with world.on("jiashan"):
            rows = list(Duty.objects.filter(subject=number))
        assert rows
        assert all(row.closed_at is not None and row.closed_at >= row.since for row in rows)
        consistent(world)


class TestACrash:
    def test_at_any_statement_leaves_nothing(self, world: World) -> None:
        number = stories.reviewed(world)
        before = everything(world["qingyang"], world)
        clerk = world["qingyang"].staff("window")
        cut: list[str] = []
        for allowed in range(200):
            with world.on("qingyang"), connection.execute_wrapper(self.dies_after(allowed, cut)):
                try:
                    commands.act(
                        case=number, act=Act.FORWARD, by=clerk, at=world.at + timedelta(seconds=allowed)
                    )
                except Crash:
                    pass
                else:
                    break
            assert everything(world["qingyang"], world) == before, (
                f"something stayed after statement {allowed}"
            )
        # On PostgreSQL all is written by one statement, on SQLite by several.
        writing = [sql for sql in cut if sql.startswith(("WITH", "INSERT", "UPDATE"))]
        assert len(writing) == 1 if connection.vendor == "postgresql" else len(writing) > 3
        assert len(cut) == allowed < 200
        assert stories.case_on(world, "qingyang", number).phase == "forwarded"
        consistent(world)

    @staticmethod
    def dies_after(allowed: int, cut: list[str]) -> Callable[..., Any]:
        left = allowed

        def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                cut.append(sql)
                raise Crash
            return execute(sql, params, many, context)

        return run


class TestTwoWritersAtOnce:
    @pytest.fixture
    def raced(self, world: World) -> Callable[[str], list[str]]:
        """Let two clerks press the same button at the same moment."""

        def race(number: str) -> list[str]:
            clerk, told = world["qingyang"].staff("window"), []
            start = threading.Barrier(2)

            def press() -> None:
                try:
                    start.wait(PATIENCE)
                    commands.act(case=number, act=Act.RECEIVE, by=clerk, at=world.at)
                    told.append("done")
                except DomainError as refusal:
                    told.append(refusal.code)

            with world.on("qingyang") as node:
                threads = [threading.Thread(target=self.apart, args=(node, press)) for _ in range(2)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(PATIENCE)
            return told

        return race

    @staticmethod
    def apart(node: Node, press: Callable[[], None]) -> None:
        """Run in a thread with a connection of its own to the node's database."""
        connections["default"] = databases._connect(node.connection.settings_dict)
        try:
            press()
        finally:
            connections["default"].close()

    def test_one_wins_and_the_other_is_told(self, world: World, raced: Callable[[str], list[str]]) -> None:
        number = stories.filed(world)
        told = raced(number)
        assert len(told) == 2
        told.remove("done")
        assert told[0] in ("act_not_allowed", "moved_meanwhile")
        with world.on("qingyang"):
            assert Event.objects.filter(subject=number, kind=Act.RECEIVE).count() == 1
        consistent(world)


@pytest.mark.parametrize(
    ("limit", "words"),
    [(None, ""), ({"n": 5, "unit": "working_day"}, "5 工作日"), ({"n": 10, "unit": "day"}, "10 日")],
)
def test_a_limit_is_said_in_days_of_its_kind(limit: dict[str, Any] | None, words: str) -> None:
    assert journal.limit_text(limit) == words
