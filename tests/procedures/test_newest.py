"""Lists by place show what `visible_to` lets everybody see, all of it and nothing else, newest first, however it is paged."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests import stories
from tests.agreements.test_course import opened as agreement
from tests.complaints.test_course import Act, do
from tests.complaints.test_course import opened as complaint
from tests.world import Node, World
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.kernel.models import Duty
from tongban.procedures import newest, register
from tongban.procedures.models import Matter, Party, Unjudged
from tongban.procedures.newest import Newest, Place

pytestmark = pytest.mark.database

DIVISIONS = {"qingyang": "341723", "jiashan": "330421"}


@pytest.fixture
def lively(make_world: Callable[..., World]) -> World:
    """Two counties with matters of many kinds, under way and ended, opened on different days."""
    counties = make_world("qingyang", "jiashan")
    stories.delivered(counties)
    number = stories.acknowledged(counties)
    stories.filed(counties)
    stories.decided(counties, intake="jiashan", handling="qingyang")
    # One place may be bound in two roles: what its own county decides, and a complaint about that.
    local = stories.acknowledged(counties, intake="qingyang", handling="qingyang")
    for _ in range(3):
        told = complaint(counties, local, counties["qingyang"].staff("window"))
        do(counties, "qingyang", told, Act.ACCEPT_CENTRE, counties["qingyang"].staff("window"))
    counties.wait_until("2026-03-09")
    complaint(counties, number, counties["qingyang"].staff("window"))
    agreement(counties)
    stories.received(counties)
    counties.settle()
    return counties


def actors(node: Node, key: str) -> Iterator[Actor]:
    """Everybody who may ask on a node."""
    for post in STANDARD_POSTS:
        for role in ("service_centre", "human_resources"):
            yield node.staff(post, role)
    yield replace(node.staff("supervisor"), supervises=DIVISIONS[key])
    yield replace(node.staff("supervisor"), supervises="110101")
    yield node.applicant()
    yield node.applicant("B2")
    yield node.operator()
    yield Actor(ActorKind.SYSTEM, Channel.SYSTEM)


def walked(found: Newest[Matter], limit: int) -> list[str]:
    """All pages of a list, one after another."""
    numbers: list[str] = []
    after: Place | None = None
    while True:
        before = after
        rows, after = found.page(after, limit)
        assert after is None or after != before
        numbers += [row.number for row in rows]
        assert len(rows) <= limit
        if after is None:
            return numbers


def expected(actor: Actor, **conditions: object) -> list[str]:
    """The same list by `visible_to` alone."""
    seen = Matter.objects.visible_to(actor).filter(opened_on__isnull=False, **conditions)
    return list(seen.order_by("-opened_on", "number").values_list("number", flat=True))


@pytest.mark.prove("lists against all that may be seen, among many matters")
@pytest.mark.parametrize("key", ["qingyang", "jiashan"])
def test_lists_are_what_may_be_seen(lively: World, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "LOOKED_THROUGH", 4)
    seen = set()
    with lively.on(key):
        # One of a procedure that nobody here knows is seen by whoever is of its place.
        Matter.objects.filter(procedure="agreement").update(procedure="newer")
        Party.objects.filter(procedure="agreement").update(procedure="newer")
        Unjudged.objects.create(number=Matter.objects.get(procedure="newer").number, procedure="newer")
        for actor in actors(lively[key], key):
            for limit in (1, 2, 50):
                assert walked(Newest(Matter.objects.all(), actor), limit) == expected(actor), actor
            for name in [*register.names(), "newer"]:
                assert walked(Newest(Matter.objects.all(), actor, name), 2) == expected(actor, procedure=name)
            assert walked(Newest(Matter.objects.in_progress(), actor, live=True), 2) == expected(
                actor, live=True
            )
            ended = Newest(Matter.objects.filter(live=False), actor)
            assert walked(ended, 1) == expected(actor, live=False)
            assert walked(replace(ended, ended=True), 2) == expected(actor, live=False)
            assert ended.count(1000) == (len(expected(actor, live=False)), False)
            seen |= set(expected(actor))
        assert len(seen) >= 4


@pytest.mark.prove("lists against all that may be seen, among many matters")
def test_lists_among_duties_and_about_a_matter(lively: World) -> None:
    with lively.on("qingyang"):
        for actor in actors(lively["qingyang"], "qingyang"):
            owed = Duty.objects.filter(closed_at=None, organisation=actor.organisation)
            among = Newest(Matter.objects.all(), actor, among=owed)
            assert walked(among, 1) == expected(actor, number__in=owed.values("subject"))
            if actor.organisation and not actor.supervises:
                own = Newest(Matter.objects.all(), actor, own=True)
                assert walked(own, 2) == expected(
                    actor, pk__in=Party.objects.filter(org=actor.organisation).values("matter")
                )
            others = [one for one in expected(actor) if not owed.filter(subject=one).exists()]
            assert walked(Newest(Matter.objects.all(), actor, but=owed), 2) == others
            for number in Matter.objects.exclude(about="").values_list("about", flat=True):
                about = Newest(Matter.objects.all(), actor, about=number)
                assert walked(about, 1) == expected(actor, about=number)
                both = Newest(Matter.objects.all(), actor, number=number)
                assert set(walked(both, 1)) == {
                    *expected(actor, about=number),
                    *expected(actor, number=number),
                }


@pytest.mark.prove("lists against all that may be seen, among many matters")
def test_a_page_looks_at_so_many_and_says_where_it_ended(
    lively: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "LOOKED_THROUGH", 1)
    with lively.on("qingyang"):
        by = lively["qingyang"].staff("supervisor")
        first, second, *_, last = expected(by, procedure="case")
        found = Newest(Matter.objects.filter(number=last), by, "case")
        rows, after = found.page(None, 1)
        assert rows == []
        assert after is not None
        assert after.number == second
        assert first != second
        assert walked(found, 1) == [last]


@pytest.mark.prove("lists against all that may be seen, among many matters")
def test_parties_say_what_their_matter_does(lively: World) -> None:
    for key in ("qingyang", "jiashan"):
        with lively.on(key):
            parties = Party.objects.select_related("matter")
            assert {one.live for one in parties} == {True, False}
            for one in parties:
                listed = (one.procedure, one.opened_on, one.live)
                assert listed == (one.matter.procedure, one.matter.opened_on, one.matter.live)


def test_a_count_says_whether_there_may_be_more(lively: World) -> None:
    with lively.on("qingyang"):
        by = lively["qingyang"].staff("supervisor")
        all_ = expected(by, procedure="case")
        none = Newest(Matter.objects.filter(number=all_[-1]), by, "case")
        assert none.count(1) == (0, True)
        assert none.count(len(all_)) == (1, False)
        # Parked matters of other procedures are looked at too, and not counted.
        Matter.objects.filter(procedure="complaint").update(parked="fork")
        window = lively["qingyang"].staff("window")
        assert Newest(Matter.objects.all(), window, "case").count(1000)[0] == len(
            expected(window, procedure="case")
        )


@pytest.mark.prove("lists against all that may be seen, among many matters")
def test_what_is_owed_in_a_matter_without_a_day_comes_last(lively: World) -> None:
    with lively.on("qingyang"):
        by = lively["qingyang"].staff("supervisor")
        owed = Duty.objects.filter(closed_at=None, organisation=by.organisation)
        number = expected(by, number__in=owed.values("subject"))[0]
        Matter.objects.filter(number=number).update(opened_on=None)
        rest = expected(by, number__in=owed.values("subject"))
        assert walked(Newest(Matter.objects.all(), by, among=owed), 1) == [*rest, number]


@pytest.mark.prove("lists against all that may be seen, among many matters")
def test_who_has_to_do_with_little_gets_it_on_the_first_page(
    lively: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "LOOKED_THROUGH", 2)
    with lively.on("qingyang"):
        by = lively["qingyang"].staff("catalogue")
        assert [row.procedure for row in Newest(Matter.objects.all(), by).page(None, 1)[0]] == ["agreement"]
