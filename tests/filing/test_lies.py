"""What a centre that lies, or a hasty hand, can do to a filing: nothing that is published was not drafted here and filed."""

import pytest

from tests.api import front
from tests.filing.course import SENTENCE, centre, do, head, on, opened, revised, submitted
from tests.filing.test_course import current, neighbour
from tests.forging import after, deliver, last_of, transfer
from tests.web.test_officer import staff
from tests.world import World
from tongban.catalogue.filing import documents
from tongban.catalogue.filing.words import Act, Phase, Role
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, deciding

__all__ = ["neighbour"]
pytestmark = pytest.mark.database
EVIL = "另交五千元"


class TestALyingCentre:
    def test_files_its_own_text_and_publishes_nothing_by_it(self, world: World, neighbour: str) -> None:
        number = submitted(world, centre=neighbour)
        given, texts = {"filing_number": "1"}, {"guide": revised(world, EVIL)}
        do(world, number, Act.FILE, centre(world, "jiashan"), "jiashan", given=given, texts=texts)
        world.settle()
        do(world, number, Act.PUBLISH, head(world))
        assert SENTENCE in current(world).body["conditions"]
        assert EVIL not in current(world).body["conditions"]

    @pytest.mark.prove("a filing for each lie")
    def test_that_writes_nonsense_with_a_text_publishes_nothing_by_it(
        self, world: World, neighbour: str
    ) -> None:
        number = submitted(world, centre=neighbour)
        do(world, number, Act.FILE, centre(world, "jiashan"), "jiashan", given={"filing_number": "1"})
        world.settle()
        with world.on("jiashan"):
            pieces = commands.stored(number, {"guide": revised(world, EVIL)})
        wrong = after(last_of(world, "jiashan", number, Role.CENTRE), kind="nonsense", content=pieces)
        deliver(
            world,
            transfer(world, number, [wrong], "jiashan", "qingyang", procedure="guide_filing", keys={}),
            "qingyang",
        )
        row = on(world, number)
        assert row.parked
        with world.on("qingyang"):
            document = documents.of(State.from_dict(row.state))
        assert SENTENCE in document["conditions"]
        assert EVIL not in document["conditions"]

    def test_is_not_believed_that_it_filed_what_was_not_drafted(
        self, world: World, neighbour: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = submitted(world, centre=neighbour)
        with monkeypatch.context() as lying:
            lying.setattr(deciding, "demand_lawful", lambda *_: None)
            lying.setattr(documents, "digest", lambda _: f"sm3:{7:064}")
            do(world, number, Act.FILE, centre(world, "jiashan"), "jiashan", given={"filing_number": "1"})
        world.settle()
        assert on(world, number).parked == "not_allowed"


class TestAHastyHand:
    def test_two_drafts_of_one_guide_are_not_under_way_at_once(self, world: World) -> None:
        opened(world)
        with pytest.raises(DomainError, match="已有一份指南在办") as refusal:
            opened(world)
        assert refusal.value.code == "invalid_input"

    @pytest.mark.prove("a guide through the desks for each number")
    @pytest.mark.parametrize("number", ["甲\n乙", "长" * 5000])
    def test_a_number_that_no_record_can_hold_is_refused_on_the_page(
        self, counties: World, number: str
    ) -> None:
        matter = submitted(counties)
        page = staff(counties, "qingyang", "qy-supervisor").open(f"/matters/guide_filing/{matter}/do/file/")
        page.send({"filing_number": number})
        assert page.status == 422
        assert on(counties, matter).phase == Phase.SUBMITTED

    def test_a_telephone_number_is_no_code(self, counties: World) -> None:
        matter = submitted(counties)
        caller = front.staff(counties, "qingyang", "supervisor")
        body = {"version": on(counties, matter).version, "codes": {"filing_number": "13800138000"}}
        answer = caller.post(f"/matters/{matter}/acts/file", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert on(counties, matter).phase == Phase.SUBMITTED

    @pytest.mark.attack("B3")
    @pytest.mark.parametrize("page", ["²", "9" * 5000, "-1", "x"])
    def test_a_page_that_is_no_number_is_the_first(self, counties: World, page: str) -> None:
        assert (
            staff(counties, "qingyang", "qy-supervisor").open(f"/matters/guide_filing/?page={page}").status
            == 200
        )

    @pytest.mark.attack("B3")
    @pytest.mark.parametrize("ready", ["²", "9" * 5000])
    def test_a_phrase_that_does_not_exist_is_none(self, counties: World, ready: str) -> None:
        matter = submitted(counties)
        page = staff(counties, "qingyang", "qy-supervisor")
        page.open(f"/matters/guide_filing/{matter}/do/return_with_remarks/")
        page.send({"remarks-ready": ready})
        assert page.status == 422
        assert "修改意见" in page.text
