"""Who was not reached is told by another way: a duty of the window, closed by who did it, and time counts from then."""

from datetime import timedelta

import pytest

from tests import stories
from tests.notices.gateways import Gateway, with_gateway
from tests.notices.test_sending import HOUR, run
from tests.web.desks import window
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.cases.words import Act, Duty
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Duty as DutyRow
from tongban.notices.models import Notice
from tongban.procedures.deciding import ActNotAllowed

CALLED = "3月4日 10:20，拨打申请表所留电话，本人接听"


@pytest.fixture
def town(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Gateway]:
    gateway = Gateway()
    with_gateway(world, gateway, monkeypatch)
    world.settle()
    return world, gateway


def told(world: World) -> tuple[str, Actor]:
    """A correction that the window has told, with the clerk."""
    number = stories.acknowledged(world)
    officer, clerk = stories.officer(world, number), world["qingyang"].staff("window")
    stories.do(world, "jiashan", number, Act.ASK_CORRECTION, officer, texts={"notice": "照片不清"})
    world.settle()
    stories.do(world, "qingyang", number, Act.TELL, clerk)
    return number, clerk


def owed(world: World, number: str, kind: str) -> list[DutyRow]:
    with world.on("qingyang"):
        return list(DutyRow.objects.filter(subject=number, kind=kind, closed_at=None))


def lost(world: World, gateway: Gateway, code: str = "not_in_use") -> None:
    """Let everything be sent and reported as not arrived."""
    run(world)
    gateway.arrived(*[code] * len(gateway.sent))
    run(world, after=HOUR)
    run(world, after=HOUR)


@pytest.mark.prove("days of messages that fail")
def test_a_message_that_does_not_arrive_becomes_a_duty_and_time_counts_from_being_told(
    town: tuple[World, Gateway],
) -> None:
    world, gateway = town
    number, clerk = told(world)
    (before,) = owed(world, number, Duty.ANSWER)
    lost(world, gateway)
    (duty,) = owed(world, number, Duty.REACH)
    assert duty.organisation == clerk.organisation

    world.at += timedelta(days=2)
    with pytest.raises(DomainError) as refused:
        stories.do(
            world,
            "qingyang",
            number,
            Act.REACHED,
            clerk,
            given={"contact": "pigeon"},
            texts={"reached": CALLED},
        )
    assert refused.value.code == "act_not_allowed"
    case = stories.do(
        world, "qingyang", number, Act.REACHED, clerk, given={"contact": "phone"}, texts={"reached": CALLED}
    )
    assert case.facts["reached_by"] == "phone"
    assert owed(world, number, Duty.REACH) == []
    (after,) = owed(world, number, Duty.ANSWER)
    assert after.due_on is not None
    assert before.due_on is not None
    assert after.due_on > before.due_on
    world.settle()
    with world.on("jiashan"):
        # What was called, and by whom it was answered, stands in the vault and in no event.
        assert not [one for one in journal.events_of(number) if CALLED.encode() in one.raw]


@pytest.mark.prove("days of messages that fail")
def test_a_duty_once_whatever_fails_besides_and_none_for_who_has_read_it(town: tuple[World, Gateway]) -> None:
    world, gateway = town
    number, _clerk = told(world)
    run(world)
    with world.on("qingyang"):
        Notice.objects.filter(matter=number).update(read_at=world.at, read_by="A1")
    gateway.arrived(*["not_in_use"] * len(gateway.sent))
    run(world, after=HOUR)
    run(world, after=HOUR)
    assert owed(world, number, Duty.REACH) == []

    other, _clerk = told(world)
    lost(world, gateway)
    lost(world, gateway)
    assert len(owed(world, other, Duty.REACH)) == 1


def test_nobody_is_refused_for_silence_who_was_not_told(town: tuple[World, Gateway]) -> None:
    world, gateway = town
    number, clerk = told(world)
    lost(world, gateway)
    world.settle()
    world.wait_until("2026-05-20")
    officer = stories.officer(world, number)
    with pytest.raises(ActNotAllowed, match="尚未送达申请人"):
        stories.do(world, "jiashan", number, Act.REFUSE, officer, texts={"reason": "未补正"})
    stories.do(
        world, "qingyang", number, Act.REACHED, clerk, given={"contact": "visit"}, texts={"reached": "上门"}
    )
    world.settle()
    with pytest.raises(ActNotAllowed, match="期限未满"):
        stories.do(world, "jiashan", number, Act.REFUSE, officer, texts={"reason": "未补正"})


def test_the_window_does_it_on_the_page_of_the_case(counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway()
    with_gateway(counties, gateway, monkeypatch)
    counties.settle()
    number, _clerk = told(counties)
    lost(counties, gateway)
    page = window(counties).open(f"/counter/cases/{number}/")
    assert "已另行告知申请人" in page.words
    assert "号码已停用" in page.words
    page.send({"contact": "phone", "reached": ""}, to="/reached/")
    assert page.status == 422
    page.send({"contact": "phone", "reached": CALLED}, to="/reached/")
    assert page.status == 200
    assert owed(counties, number, Duty.REACH) == []
