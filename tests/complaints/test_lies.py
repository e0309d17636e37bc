"""What a neighbour that lies can write into a complaint: it is held for a person to look at, and harms no page."""

from typing import Any

import pytest

from tests.complaints.test_course import on
from tests.web.test_officer import staff
from tests.world import World
from tongban.complaints import commands as complaints
from tongban.complaints.procedure import NAME
from tongban.complaints.words import Act
from tongban.kernel.errors import DomainError
from tongban.procedures import commands, deciding

pytestmark = pytest.mark.database


def lied(world: World, monkeypatch: pytest.MonkeyPatch, **lies: Any) -> str:
    """A complaint that 青阳 begins and passes to 嘉善, with lies that its own program would have refused."""
    here, there = world["qingyang"], world["jiashan"]
    clerk, bound = (
        here.staff("window"),
        {"node": there.fingerprint, "org": there.centre, "office": there.centre, "papers": []},
    )
    target = {"node": there.fingerprint, "org": "X1", "office": there.centre}
    given = {
        "mode": "centre",
        "channel": "window",
        "against": "handling",
        "target": target,
        "applicant": "",
        **lies,
    }
    with world.on("qingyang"), monkeypatch.context() as lying:
        lying.setattr(deciding, "demand_lawful", lambda *_: None)
        lying.setattr(complaints, "bound_to", lambda *_: {"bind": {**bound, "term": 1}})
        number = commands.begin(
            procedure=NAME, act=Act.FILE, by=clerk, at=world.at, given=given, texts={"complaint": "谎"}
        ).number
        commands.act(matter=number, act=Act.ACCEPT_CENTRE, by=clerk, at=world.at)
    world.settle()
    return number


@pytest.mark.parametrize(
    "lies",
    [
        *({"target": one} for one in ({}, {"node": "x"}, {"org": 5}, None, [], 0)),
        {"mode": ["centre"]}, {"mode": {"a": 1}}, {"mode": "nothing"},
    ],
    ids=str,
)  # fmt: skip
def test_is_parked_and_opened(counties: World, monkeypatch: pytest.MonkeyPatch, lies: dict[str, Any]) -> None:
    number = lied(counties, monkeypatch, **lies)
    assert on(counties, "jiashan", number).parked == "not_allowed"
    watcher = staff(counties, "jiashan", "js-supervisor")
    for page in ("", f"{number}/", f"{number}/do/take_over/", f"{number}/print/"):
        assert watcher.open(f"/matters/complaint/{page}").status == 200, page


def test_a_complaint_to_whom_it_is_about_is_parked(counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
    there = counties["jiashan"]
    itself = {"node": there.fingerprint, "org": there.centre, "office": there.centre}
    number = lied(counties, monkeypatch, target=itself)
    assert on(counties, "jiashan", number).parked == "not_allowed"


@pytest.mark.attack("C6")
@pytest.mark.parametrize("text", ["\u202egnp.exe", "好\u2066坏"])
def test_no_text_turns_the_direction_of_writing(counties: World, text: str) -> None:
    clerk = counties["qingyang"].staff("window")
    values = {"mode": "centre", "against": "intake", "complaint": text}
    with counties.on("qingyang"), pytest.raises(DomainError, match="文字显示方向") as refusal:
        complaints.open_complaint(values, clerk, counties.at)
    assert refusal.value.code == "invalid_input"
