"""What is sent, when, how often, and what becomes of it where gateways and numbers fail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import stories
from tests.notices.gateways import CONFIG, Gateway, with_gateway
from tests.world import World
from tongban.cases.words import Act
from tongban.catalogue import seed
from tongban.kernel.errors import NotPermitted
from tongban.notices import commands, errand
from tongban.notices.models import Dispatch, Notice

State = Dispatch.State
HOUR = timedelta(hours=1)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def town(world: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two nodes with a gateway, whose followers have begun."""
    with_gateway(world, gateway, monkeypatch)
    world.settle()
    return world


def run(world: World, *, after: timedelta = timedelta()) -> int:
    """Let the intake node send and ask, once everything is heard and some time has passed."""
    world.settle()
    world.at += after
    with world.on("qingyang"):
        return errand.run(world.at)


def rows(world: World, number: str) -> list[tuple[str, str, str]]:
    with world.on("qingyang"):
        found = Dispatch.objects.filter(matter=number).select_related("notice").order_by("pk")
        return [(one.notice.row, one.state, one.reason) for one in found]


class TestSending:
    def test_once_to_the_telephone_of_the_form_and_reported(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        assert run(town) == 1
        run(town)
        ((key, to, text),) = gateway.sent
        assert to == seed.example(stories.PROXY)["applicant_mobile"]
        assert f"尾号{number[-4:]}" in text
        assert key.endswith("receive.applicant")
        assert rows(town, number) == [("receive.applicant", State.SENT, "")]

        gateway.arrived()
        run(town, after=HOUR)
        assert rows(town, number) == [("receive.applicant", State.DELIVERED, "")]
        with town.on("qingyang"):
            assert bytes(Dispatch.objects.get().address) == b""

    def test_only_where_the_applicant_filed(self, town: World, gateway: Gateway) -> None:
        stories.accepted(town)
        town.settle()
        with town.on("jiashan"):
            assert errand.run(town.at) == 0
            assert not Dispatch.objects.exists()
        assert gateway.sent == []

    def test_waits_for_the_morning(self, town: World, gateway: Gateway) -> None:
        town.wait_until("2026-03-02", 21)
        stories.received(town)
        assert run(town) == 0
        town.wait_until("2026-03-03", 7)
        assert run(town) == 0
        assert gateway.sent == []
        town.wait_until("2026-03-03", 8)
        assert run(town) == 1

    def test_not_twice_in_a_day_of_one_case_unless_the_law_wants_it_told(
        self, town: World, gateway: Gateway
    ) -> None:
        number = stories.received(town)
        run(town)
        clerk = town["qingyang"].staff("window")
        stories.do(town, "qingyang", number, Act.RETURN, clerk, texts={"reason": "材料不符"})
        assert run(town) == 0
        run(town, after=23 * HOUR)
        assert len(gateway.sent) == 1
        run(town, after=HOUR)
        assert len(gateway.sent) == 2

        other = stories.received(town)
        run(town)
        stories.do(town, "qingyang", other, Act.GIVE_NOTICE, clerk, texts={"notice": "补一张照片"})
        assert run(town) == 1
        assert "补正" in gateway.sent[-1][2]


class TestBadLuck:
    def test_a_gateway_that_is_down_for_a_day_has_it_the_next(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        gateway.down = True
        tries = 0
        for _ in range(24):
            run(town, after=HOUR)
        with town.on("qingyang"):
            tries = Dispatch.objects.get().tries
        assert 8 < tries < 24  # none at night, and ever more rarely
        gateway.down = False
        run(town, after=HOUR)
        assert len(gateway.sent) == 1
        assert rows(town, number) == [("receive.applicant", State.SENT, "")]

    def test_one_that_stays_down_is_given_up(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        gateway.down = True
        run(town)
        run(town, after=timedelta(days=4))
        assert rows(town, number) == [("receive.applicant", State.GIVEN_UP, "unreachable")]

    def test_what_is_refused_is_not_tried_again(self, town: World, gateway: Gateway) -> None:
        number = stories.received(town)
        gateway.refuses = "blacklisted"
        run(town)
        assert rows(town, number) == [("receive.applicant", State.REFUSED, "blacklisted")]
        gateway.refuses = ""
        run(town, after=timedelta(days=1))
        assert gateway.sent == []

    def test_a_number_that_is_somebody_elses_now_gets_nothing_more_of_the_case(
        self, town: World, gateway: Gateway
    ) -> None:
        number = stories.received(town)
        run(town)
        gateway.arrived("wrong_subscriber")
        run(town, after=HOUR)
        stories.do(
            town,
            "qingyang",
            number,
            Act.GIVE_NOTICE,
            town["qingyang"].staff("window"),
            texts={"notice": "补"},
        )
        run(town)
        assert len(gateway.sent) == 1
        assert rows(town, number) == [
            ("receive.applicant", State.REFUSED, "wrong_subscriber"),
            ("give_notice.applicant", State.GIVEN_UP, "wrong_subscriber"),
        ]

    def test_without_a_gateway_what_a_clerk_tells_face_to_face_is_not_missed(self, world: World) -> None:
        world.settle()
        number = stories.received(world)
        stories.do(
            world,
            "qingyang",
            number,
            Act.GIVE_NOTICE,
            world["qingyang"].staff("window"),
            texts={"notice": "补"},
        )
        run(world)
        assert rows(world, number) == []


class TestOptingOut:
    def test_holds_for_all_but_what_the_law_wants_told(self, town: World, gateway: Gateway) -> None:
        owner = town["qingyang"].applicant()
        clerk = town["qingyang"].staff("window")
        with town.on("qingyang"):
            commands.opt_out(by=owner, at=town.at)
            commands.opt_out(by=owner, at=town.at)
        number = stories.received(town)
        with town.on("qingyang"):
            # As if the owner had filed it: the window files for people without an account.
            from tongban.procedures.models import Matter

            Matter.objects.filter(number=number).update(applicant=owner.applicant)
        run(town)
        assert gateway.sent == []
        stories.do(town, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "补"})
        run(town)
        assert [key.partition("-")[2] for key, _, _ in gateway.sent] == ["give_notice.applicant"]

    def test_is_for_applicants(self, town: World) -> None:
        with town.on("qingyang"), pytest.raises(NotPermitted) as refused:
            commands.opt_out(by=town["qingyang"].staff("window"), at=town.at)
        assert refused.value.code == "not_permitted"


def test_everything_goes_with_the_content(town: World) -> None:
    number = stories.received(town)
    run(town)
    with town.on("qingyang"):
        from tongban.kernel.db import write

        with write():
            commands.forget(number)
        assert not Notice.objects.filter(matter=number).exists()
        assert not Dispatch.objects.exists()


def test_quiet_hours_are_those_of_the_node(town: World, gateway: Gateway) -> None:
    town["qingyang"].config = replace(
        town["qingyang"].config, notices=replace(CONFIG, quiet_from=9, quiet_until=12)
    )
    stories.received(town)
    assert run(town) == 0
    town.wait_until("2026-03-02", 12)
    assert run(town) == 1
