"""What the archive finds, and who has to do with it: behind what is under way, for who only approves, where a side destroyed its own."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import stories
from tests.world import World
from tongban.accounts.access.actor import Permission
from tongban.cases.words import Act
from tongban.kernel.errors import NotPermitted
from tongban.kernel.time.clock import official_day
from tongban.procedures import archive, claims, queries, readable
from tongban.procedures.models import Matter

pytestmark = pytest.mark.slow
DUE = "2028-01-02"


def returned(world: World) -> str:
    number = stories.received(world)
    clerk = world["qingyang"].staff("window")
    stories.do(world, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不属于本事项"})
    return number


def listed(world: World, most: int) -> list[str]:
    with world.on("qingyang"):
        found = archive.to_appraise(world["qingyang"].staff("archive"), official_day(world.at), most)
        return [matter.number for matter, _last in found]


class TestList:
    def test_goes_on_behind_what_is_under_way(self, world: World) -> None:
        first, second = sorted(returned(world) for _ in range(2))
        world.wait_until("2027-12-31")
        assert listed(world, 5) == []
        world.wait_until("2028-01-01")
        assert listed(world, 5) == [first, second]
        archivist = world["qingyang"].staff("archive")
        stories.do(world, "qingyang", first, Act.APPRAISE, archivist, given={"ground": "expired"})
        assert listed(world, 1) == [second]
        with world.on("qingyang"):
            assert [matter.number for _duty, matter in archive.under_way(archivist, 5)] == [first]

    def test_names_what_is_under_way_here_alone(self, world: World) -> None:
        number = stories.delivered(world)
        world.wait_until("2037-01-04")
        archivist = world["jiashan"].staff("archive")
        stories.do(world, "jiashan", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        world.settle()
        with world.on("qingyang"):
            assert archive.under_way(world["qingyang"].staff("archive"), 5) == []
        with world.on("jiashan"):
            assert len(archive.under_way(archivist, 5)) == 1


class TestWho:
    def test_a_post_that_only_approves_finds_what_it_has_to_approve(self, world: World) -> None:
        number = returned(world)
        world.wait_until(DUE)
        archivist = world["qingyang"].staff("archive")
        stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        approver = replace(
            world["qingyang"].staff("supervisor"), permissions=frozenset({Permission.ARCHIVE_APPROVE})
        )
        with world.on("qingyang"):
            assert Matter.objects.visible_to(approver).filter(number=number).exists()
        stories.do(world, "qingyang", number, Act.APPROVE_DESTRUCTION, approver)

    @pytest.mark.attack("A2", "E2")
    @pytest.mark.parametrize("act", [Act.APPRAISE, Act.APPROVE_DESTRUCTION, Act.REDACT])
    def test_no_program_with_a_key_destroys_anything(self, world: World, act: Act) -> None:
        number = returned(world)
        world.wait_until(DUE)
        key = replace(world["qingyang"].staff("archive"), machine=True)
        given: dict[str, Any] = {"ground": "expired"} if act == Act.APPRAISE else {}
        with pytest.raises(NotPermitted, match="接口密钥不能"):
            stories.do(world, "qingyang", number, act, key, given=given)

    def test_whoever_destroyed_their_own_file_reads_no_other_sides(self) -> None:
        state = {
            "roles": {"intake": {"org": "A", "office": "A"}, "handling": {"org": "B", "office": "A"}},
            "facts": {"handling": {"destroyed": "2037-01-20"}},
        }
        matter = cast(Matter, SimpleNamespace(state=state))
        assert readable.is_gone_for(matter, "B")
        assert not readable.is_gone_for(matter, "A")
        assert not readable.is_gone_for(matter, "C")

    def test_applicants_are_not_told_who_appraised(self, world: World) -> None:
        number = returned(world)
        world.wait_until(DUE)
        archivist = world["qingyang"].staff("archive")
        stories.do(world, "qingyang", number, Act.APPRAISE, archivist, given={"ground": "expired"})
        with world.on("qingyang"):
            matter = Matter.objects.get(number=number)
            told = queries.state_for(matter, world["qingyang"].applicant())
            assert "appraised_by" in matter.state["facts"]["intake"]
            assert "appraised_by" not in told["facts"]["intake"]
            assert told["facts"]["intake"]["appraised"] == "expired"


class TestRelieving:
    def test_lifts_the_claims_of_this_node_and_leaves_the_others(self, world: World) -> None:
        number = stories.acknowledged(world)
        officer = stories.officer(world, number)
        duties = stories.case_on(world, "jiashan", number).state["duties"]
        given = {"duties": [name for name in duties if name.startswith("handling/")]}
        stories.do(world, "jiashan", number, Act.CLAIM, officer, given=given)
        world.settle()
        with world.on("qingyang"):
            assert claims.claimed(Matter.objects.get(number=number)) == []
        with world.on("jiashan"):
            matter = Matter.objects.get(number=number)
            assert claims.claimed(matter) == given["duties"]
            supervisor = world["jiashan"].staff("supervisor")
            done = claims.relieve(matter=matter, note="病假", by=supervisor, at=world.at)
            assert claims.claimed(done) == []
