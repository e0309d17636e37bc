"""Figures follow what happens: hearing twice does no harm, and they are what counting all again finds."""

import random
from typing import Any

import pytest

from tests import stories
from tests import world as worlds
from tests.figures import sums
from tests.journeys.test_random_worlds import Town
from tests.world import World
from tongban.cases.words import Act
from tongban.figures import commands, followers
from tongban.figures import sums as adding
from tongban.figures.models import Figure, Share
from tongban.kernel.db import write
from tongban.kernel.journal import writer as journal
from tongban.procedures import following
from tongban.procedures.models import Mark, Matter, Unheard


def accepted(world: World) -> str:
    """Return a case that was accepted, with all of it heard."""
    number = stories.accepted(world)
    world.settle()
    return number


def hear_again(world: World, number: str) -> list[object]:
    """Let the figures hear every event of a matter once more; return what they wanted to write."""
    told = [followers.count(event, world.at) for event in journal.events_of(number)]
    for one in told:
        if one is not None:
            with write():
                one()
    return told


class TestHearingTwice:
    def test_changes_nothing(self, world: World) -> None:
        number = accepted(world)
        with world.on("jiashan"):
            before = sums.stored()
            assert set(hear_again(world, number)) == {None}
            Share.objects.update(heads={})  # as if another event had come between
            assert None not in hear_again(world, number)[:1]
            assert sums.stored() == before

    def test_all_of_history_changes_nothing(self, world: World) -> None:
        accepted(world)
        with world.on("jiashan"):
            before = sums.stored()
            Mark.objects.update(xact=0, event=0)
            Share.objects.update(heads={})
        world.settle()
        with world.on("jiashan"):
            assert sums.stored() == before

    def test_by_who_read_before_others_counted_more_is_no_step_back(self, world: World) -> None:
        number = stories.acknowledged(world)
        with world.on("jiashan"):
            Share.objects.update(heads={})
            late = followers.count(journal.events_of(number)[-1], world.at)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        world.settle()
        with world.on("jiashan"):
            before = sums.stored()
            assert late is not None
            with write():
                late()
            assert sums.stored() == before
            assert not commands.recompute().different


class TestANewNode:
    def test_counts_what_was_there_before(self, world: World) -> None:
        with following.only():
            stories.delivered(world)
        with world.on("qingyang"):
            assert sums.stored() == {}
        world.settle()
        with world.on("qingyang"):
            assert sums.stored_of_duties() == sums.of_duties()
            assert sums.stored() != {}


@pytest.mark.prove("histories made up at random")
@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_anything_at_all_figures_are_what_counting_again_finds(
    django_db_blocker: Any, seed: int
) -> None:
    with django_db_blocker.unblock():
        world = worlds.build()
        try:
            town = Town(world, random.Random(seed))
            for _ in range(60):
                town.move()
            town.calm_down()
            for key in world.nodes:
                with world.on(key):
                    assert not Unheard.objects.exists()
                    before = sums.stored()
                    assert bool(before) == Matter.objects.exists()
                    assert sums.stored_of_duties() == sums.of_duties()
                    assert sums.stored_in_hand() == sums.in_hand()
                    done = commands.recompute()
                    assert (done.different, sums.stored()) == (False, before)
                    Figure.objects.all().delete()
                    Share.objects.all().delete()
                    commands.recompute()
                    assert sums.stored() == before
        finally:
            world.close()


class TestRecomputing:
    def test_says_what_was_wrong_and_puts_it_right(self, world: World) -> None:
        number = accepted(world)
        with world.on("jiashan"):
            right = sums.stored()
            one = Figure.objects.filter(opened__gt=0).order_by("pk")[0]
            Figure.objects.filter(pk=one.pk).update(opened=77)
            done = commands.recompute()
            assert (done.counted, done.matters) == (1, [])
            assert done.sums == [(one.organisation, one.procedure, one.month)]
            assert sums.stored() == right

            counts = Share.objects.get(number=number).counts
            Share.objects.update(counts=[[*counts[0][:2], 9, 9, 9, 9, 9, 9]])
            done = commands.recompute()
            assert done.matters == [number]
            assert sums.stored() == right
            assert not commands.recompute().different

    def test_takes_away_what_rests_on_nothing(self, world: World) -> None:
        number = accepted(world)
        with world.on("jiashan"):
            right = sums.stored()
            Share.objects.create(number="GONE", procedure="case", counts=[["X", "2026-03", 1, 0, 0, 0, 0, 0]])
            with write():
                adding.add("case", {("X", "2026-03"): adding.Counts(begun=1)})
            done = commands.recompute()
            assert (done.matters, done.sums) == (["GONE"], [("X", "case", "2026-03")])
            assert sums.stored() == right
            assert list(Share.objects.values_list("number", flat=True)) == [number]

    def test_calls_nothing_wrong_that_was_not_heard_yet(self, world: World) -> None:
        number = stories.acknowledged(world)
        stories.do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        with world.on("jiashan"):
            before = sums.stored()
            assert not commands.recompute().different
            after = sums.stored()
            assert after != before
        world.settle()
        with world.on("jiashan"):
            assert sums.stored_of_duties() == sums.of_duties()

    def test_goes_through_all_there_are(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "BATCH", 1)
        for _ in range(3):
            stories.filed(world)
        world.settle()
        with world.on("qingyang"):
            Share.objects.all().delete()
            assert commands.recompute().counted == 3
            assert Share.objects.count() == 3
