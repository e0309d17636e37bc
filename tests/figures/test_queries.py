"""Whose figures somebody may see, and what is open today."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from tests import stories
from tests.commandline.operators import call
from tests.world import World
from tongban.accounts import demo
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel
from tongban.accounts.models import Organisation
from tongban.figures import queries
from tongban.figures.models import Figure
from tongban.figures.queries import Line
from tongban.kernel.models import Duty


@pytest.fixture
def case(world: World) -> str:
    """Give a case that 嘉善 has acknowledged; 青阳 knows its own offices, and the neighbour's as those of another node."""
    number = stories.acknowledged(world)
    with world.on("qingyang"):
        for key, node in (("qingyang", ""), ("jiashan", world["jiashan"].fingerprint)):
            for role, (uscc, name) in demo.offices_of(key).items():
                Organisation.objects.create(
                    uscc=uscc, name=name, short_name=name[:40], division_code=world[key].config.division, node=node,
                    kind=Organisation.Kind.COMPETENT, role=role,
                )  # fmt: skip
    return number


def organisations(world: World, actor: Actor, key: str = "qingyang") -> set[str]:
    with world.on(key):
        return {line.organisation for line in queries.figures(actor, world.at)}


class TestWhoMaySee:
    def test_a_clerk_the_own_organisation_s(self, world: World, case: str) -> None:
        assert organisations(world, world["qingyang"].staff("window")) == {world["qingyang"].centre}
        officer = stories.officer(world, case)
        assert organisations(world, officer, "jiashan") == {officer.organisation}
        elsewhere = replace(officer, organisation=demo.uscc_of("jiashan", "county_office"))
        assert organisations(world, elsewhere, "jiashan") == set()

    def test_who_supervises_the_county_s_and_no_neighbour_s(self, world: World, case: str) -> None:
        supervisor = replace(world["qingyang"].staff("supervisor", "county_office"), supervises="341723")
        assert organisations(world, supervisor) == {world["qingyang"].centre}
        with world.on("qingyang"):
            assert Figure.objects.exclude(organisation=world["qingyang"].centre).exists()
        wider = replace(supervisor, supervises="")
        assert organisations(world, wider) == set()
        other = replace(supervisor, supervises="3304")
        assert organisations(world, other) == set()

    def test_who_supervises_something_else_the_own_organisation_s(self, world: World, case: str) -> None:
        manager = replace(world["qingyang"].staff("accounts", "county_office"), supervises="341723")
        assert organisations(world, manager) == set()

    def test_the_system_everything_and_others_nothing(self, world: World, case: str) -> None:
        with world.on("qingyang"):
            every = set(Figure.objects.values_list("organisation", flat=True))
        assert organisations(world, SYSTEM) == every
        assert len(every) == 2
        centre = world["qingyang"].centre
        for kind in (ActorKind.APPLICANT, ActorKind.PEER):
            actor = Actor(kind=kind, channel=Channel.API, organisation=centre, supervises="341723")
            assert organisations(world, actor) == set()
        assert organisations(world, Actor(kind=ActorKind.STAFF, channel=Channel.DESK)) == set()


class TestWhatIsShown:
    def test_is_what_is_open_and_what_is_late_today(self, world: World, case: str) -> None:
        officer = stories.officer(world, case)
        with world.on("jiashan"):
            (owed,) = Duty.objects.filter(organisation=officer.organisation, closed_at=None)
            assert owed.due_on is not None
            for hour, late in (("23:59", 0), ("00:00", 1)):
                day = owed.due_on if not late else owed.due_on.replace(day=owed.due_on.day + 1)
                (line,) = queries.figures(officer, datetime.fromisoformat(f"{day}T{hour}:00+08:00"))
                assert (line.open, line.overdue) == (1, late)
                assert line.counts.opened - line.counts.in_time - line.counts.late == line.open

    def test_is_there_before_the_rest_was_counted(self, world: World, case: str) -> None:
        with world.on("jiashan"):
            Figure.objects.all().delete()
            officer = stories.officer(world, case)
            assert queries.figures(officer, world.at) == [
                Line(officer.organisation, "case", "2026-03", open=1)
            ]

    def test_is_of_the_month_asked_for_and_the_latest_first(self, world: World, case: str) -> None:
        world.wait_until("2026-04-02")
        later = stories.acknowledged(world)
        officer = stories.officer(world, later)
        with world.on("jiashan"):
            assert [line.month for line in queries.figures(officer, world.at)] == ["2026-04", "2026-03"]
            for month in ("2026-03", "2026-04"):
                (line,) = queries.figures(officer, world.at, month)
                assert (line.month, line.open, line.counts.begun) == (month, 1, 1)
            assert queries.figures(officer, world.at, "2026-05") == []
            every = [(line.month, line.organisation) for line in queries.figures(SYSTEM, world.at)]
        assert every == sorted(every, key=lambda key: (-int(key[0][-2:]), key[1]))


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def on_a_node(self, world: World, case: str) -> None:
        self.world = world

    def call(self, *arguments: str) -> tuple[str, str]:
        with self.world.on("qingyang"):
            done = call("figures", *arguments)
        assert done.exit_code == 0, done.output
        return done.stdout, done.stderr

    def test_lists_the_county_s_figures_in_words(self) -> None:
        told, said = self.call()
        (line,) = told.splitlines()
        assert line.startswith("2026-03  青阳县政务服务中心（演示）  办件  承办 1，了结 0，挂起 0，责任 ")
        assert said == "共 1 行。\n"

    def test_is_read_by_programs(self) -> None:
        told = json.loads(self.call("--json")[0])
        (line,) = told["figures"]
        assert (line["organisation"], line["month"], line["begun"]) == (
            self.world["qingyang"].centre, "2026-03", 1,
        )  # fmt: skip
        assert list(told) == ["figures"]

    def test_lists_one_month(self) -> None:
        assert self.call("--month", "2026-04") == ("", "共 0 行。\n")
        assert self.call("--month", "2026-03")[0]

    @pytest.mark.parametrize("month", ["2026", "2026-13", "2026-3", "x"])
    def test_refuses_what_is_no_month(self, month: str) -> None:
        with self.world.on("qingyang"):
            assert call("figures", "--month", month).exit_code == 2

    def test_says_whether_counting_again_found_anything_different(self) -> None:
        assert self.call("--recompute")[1].startswith("已从记录重新计算 1 件，原有数字无误。")
        with self.world.on("qingyang"):
            Figure.objects.update(begun=5)
        told = json.loads(self.call("--recompute", "--json")[0])
        assert told["recomputed"] == 1
        assert [len(told["different"][name]) for name in ("matters", "sums")] == [0, 2]
        with self.world.on("qingyang"):
            Figure.objects.update(begun=5)
        assert "原有数字有误，已更正：0 件所计不同，2 行合计不同。" in self.call("--recompute")[1]
