"""Matters about others: how they are named, found and projected, and who may see them."""

from dataclasses import replace
from typing import Any

import pytest

from tests import stories
from tests.procedures import visits
from tests.procedures.visits import VISIT
from tests.world import Node, World
from tongban.accounts.access.actor import Permission
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import writer as journal
from tongban.procedures import commands, queries
from tongban.procedures.audit import journal_audit
from tongban.procedures.deciding import ActNotAllowed
from tongban.procedures.models import Matter


@pytest.fixture
def speaking(world: World) -> World:
    for node in world.nodes.values():
        node.procedures = (VISIT,)
    return world


def lead(node: Node) -> Any:
    return replace(node.staff("window"), permissions=frozenset(Permission))


def ordered(world: World, about: list[Any], node: str = "qingyang") -> Matter:
    with world.on(node) as here:
        return commands.begin(procedure=visits.NAME, act="order", by=lead(here), at=world.at, about=about)


def test_names_the_matter_and_what_of_it_was_seen(speaking: World) -> None:
    number = stories.forwarded(speaking)
    visit = ordered(speaking, [number])
    with speaking.on("qingyang"):
        last = journal.events_of(number)[-1]
    [named] = visit.state["facts"]["lead"]["about"]
    assert named == {
        "procedure": "case", "subject": number, "head": [last.chain, last.seq, last.hash]
    }  # fmt: skip
    assert (last.chain, visit.about) == ("handling/1", number)


def test_names_one_that_is_not_held_here_as_it_was_told(speaking: World) -> None:
    elsewhere = {"procedure": "case", "subject": "500152EEEE20260302000000001", "head": None}
    visit = ordered(speaking, [elsewhere])
    assert visit.about == elsewhere["subject"]
    assert visit.state["facts"]["lead"]["about"] == [elsewhere]


def test_may_be_about_nothing_or_several_and_is_found_by_the_first(speaking: World) -> None:
    first, second = stories.filed(speaking), stories.filed(speaking)
    assert ordered(speaking, []).about == ""
    assert ordered(speaking, [second, first]).about == second


def test_is_refused_where_the_other_is_not_here_or_is_named_twice(speaking: World) -> None:
    number = stories.filed(speaking)
    with pytest.raises(NotFound):
        ordered(speaking, ["500152EEEE20260302000000001"])
    with pytest.raises(ActNotAllowed, match="所关的事项"):
        ordered(speaking, [number, number])


def test_is_refused_about_what_the_actor_may_not_see(speaking: World) -> None:
    number = stories.filed(speaking)
    stranger = replace(lead(speaking["qingyang"]), organisation=speaking["jiashan"].centre)
    with speaking.on("qingyang"), pytest.raises(NotFound):
        commands.begin(procedure=visits.NAME, act="order", by=stranger, at=speaking.at, about=[number])


def test_shows_those_that_the_actor_may_see_last_opened_first(speaking: World) -> None:
    number = stories.filed(speaking)
    early = ordered(speaking, [number])
    speaking.wait_until("2026-03-04")
    late = ordered(speaking, [number])
    ordered(speaking, [stories.filed(speaking)])
    with speaking.on("qingyang") as here:
        found = [one.number for one in queries.about(number, lead(here))]
        others = replace(lead(here), organisation=speaking["jiashan"].centre)
        assert found == [late.number, early.number]
        assert not queries.about(number, others).exists()


def test_the_audit_finds_nothing_amiss(speaking: World) -> None:
    ordered(speaking, [stories.filed(speaking)])
    with speaking.on("qingyang"):
        assert journal_audit.verify_journal(deep=True).findings == []
