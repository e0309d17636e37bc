"""A correction names fields and materials; exactly these are open again, and both sides see the old beside the new."""

import pytest

from tests import stories
from tests.stories import case_on, do
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.cases import corrections, papers, supplements
from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError
from tongban.kernel.journal.fold import State
from tongban.materials import queries as materials

pytestmark = pytest.mark.slow
FIELD = "applicant_address"


def asked(world: World, *codes: str) -> str:
    """Ask for corrections of these, and tell the applicant."""
    number = stories.acknowledged(world)
    notice = "\n".join(f"{n}．{code}：不对；请改" for n, code in enumerate(codes, 1))
    do(
        world, "jiashan", number, Act.ASK_CORRECTION, stories.officer(world, number), given={"asked": list(codes)},
        texts={"notice": notice},
    )  # fmt: skip
    world.settle()
    do(world, "qingyang", number, Act.TELL, clerk(world))
    return number


def clerk(world: World) -> Actor:
    return world["qingyang"].staff("window")


def answer(world: World, number: str, **changes: object) -> Case:
    with world.on("qingyang"):
        case = Case.objects.get(number=number)
        return corrections.answer(
            case=case, act=Act.ANSWER, changes=changes, by=clerk(world), at=world.at, texts={"remark": "已改"}
        )


def refused(world: World, number: str, **changes: object) -> str:
    before = case_on(world, "qingyang", number).version
    with pytest.raises(DomainError) as refusal:
        answer(world, number, **changes)
    assert case_on(world, "qingyang", number).version == before
    return refusal.value.code


class TestAField:
    def test_is_put_right_on_both_nodes_and_the_old_stands_beside_the_new(self, world: World) -> None:
        number = asked(world, f"form:{FIELD}")
        with world.on("qingyang"):
            before = materials.form_of(number)[FIELD]
        done = answer(world, number, **{FIELD: "安徽省池州市青阳县演示路9号"})
        assert done.phase_name == "已答复，待复核"
        world.settle()
        for node in ("qingyang", "jiashan"):
            with world.on(node):
                (change,) = corrections.history(number)
                assert (change.name, change.before, change.after) == (
                    FIELD,
                    before,
                    "安徽省池州市青阳县演示路9号",
                )
                assert corrections.latest_form(number)[FIELD] == "安徽省池州市青阳县演示路9号"
        with world.on("qingyang"):
            assert materials.form_of(number)[FIELD] == "安徽省池州市青阳县演示路9号"
        assert case_on(world, "jiashan", number).phase_name == "已答复，待复核"
        do(world, "jiashan", number, Act.ACCEPT, stories.officer(world, number))
        assert case_on(world, "jiashan", number).phase_name == "已受理"

    def test_that_was_not_named_stays_shut(self, world: World) -> None:
        number = asked(world, f"form:{FIELD}")
        assert refused(world, number, applicant_name="李四") == "not_asked_for"
        answer(world, number, **{FIELD: "安徽省池州市青阳县演示路9号", "applicant_name": "张三"})  # as it was

    def test_is_judged_by_the_form_again(self, world: World) -> None:
        number = asked(world, "form:applicant_idno")
        assert refused(world, number, applicant_idno="341723199003070017") == "form_faulty"
        assert refused(world, number, applicant_idno="") == "form_faulty"

    def test_opens_what_only_it_opens(self, world: World) -> None:
        number = asked(world, "form:handled_by")
        with world.on("qingyang"):
            case = Case.objects.get(number=number)
            schema = papers.terms_of(State.from_dict(case.state)).guide["form"]
            assert {"handled_by", "agent"} <= set(corrections.fields_asked(case, schema))

    def test_is_open_only_while_an_answer_is_owed(self, world: World) -> None:
        number = stories.acknowledged(world)
        with world.on("jiashan"):
            assert corrections.asked(Case.objects.get(number=number)) == []
        assert refused(world, number, **{FIELD: "别处"}) == "not_asked_for"


class TestAMaterial:
    def test_that_was_not_named_is_not_taken(self, world: World) -> None:
        number = asked(world, f"form:{FIELD}")
        with world.on("qingyang"), pytest.raises(DomainError) as refusal:
            supplements.add(
                case=number, code="photo", name="a.png", data=stories.PNG, by=clerk(world), at=world.at
            )
        assert refusal.value.code == "not_asked_for"

    def test_that_was_named_is(self, world: World) -> None:
        number = asked(world, "material:photo")
        with world.on("qingyang"):
            supplements.add(
                case=number, code="photo", name="a.png", data=stories.PNG + b"1", by=clerk(world), at=world.at
            )
