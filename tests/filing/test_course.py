"""A guide from its draft to its publication, with the centre on the same node and on another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests import stories
from tests.filing.course import (
    SENTENCE,
    TEMPLATE,
    centre,
    conditions,
    do,
    drafter,
    filed,
    head,
    on,
    opened,
    published,
    revised,
    submitted,
)
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import demo
from tongban.catalogue import commands as catalogue_commands
from tongban.catalogue import queries as catalogue
from tongban.catalogue import seed
from tongban.catalogue.filing import commands as filings
from tongban.catalogue.filing import documents
from tongban.catalogue.filing.procedure import GUIDE_FILING, NAME
from tongban.catalogue.filing.words import Act, Duty, Phase, Role
from tongban.catalogue.models import Guide, Offering
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, tasks
from tongban.procedures.audit import journal_audit
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import Matter

pytestmark = pytest.mark.database


def current(world: World, node: str = "qingyang") -> Guide:
    with world.on(node):
        return catalogue.current_guide(world["qingyang"].offering(TEMPLATE))


def refused(do_it: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal:
        do_it()
    return refusal.value.code


def owed(world: World, number: str, node: str = "qingyang") -> list[str]:
    return sorted(duty["kind"] for duty in on(world, number, node).state["duties"].values())


def holds(world: World, number: str, *nodes: str) -> None:
    """The journals verify, and the dossier of the matter does."""
    for node in nodes:
        with world.on(node):
            assert journal_audit.verify_journal(deep=True).findings == []
    with world.on(nodes[-1]):
        dossier = exporting.export(number, by=centre(world, nodes[-1]), at=world.at)
    verdict = verifier.verify(dossier, [world[node].fingerprint for node in nodes])
    assert verdict.code == 0, verdict


class TestOnOneNode:
    def test_goes_from_draft_to_the_guide_in_force(self, world: World) -> None:
        before = current(world)
        number = opened(world)
        assert (on(world, number).phase, owed(world, number)) == (Phase.DRAFTED, [Duty.CHECK])
        do(world, number, Act.CHECK, head(world))
        assert owed(world, number) == [Duty.SUBMIT]
        do(world, number, Act.SUBMIT, head(world))
        world.settle()
        assert owed(world, number) == [Duty.FILE]
        do(world, number, Act.FILE, centre(world), given={"filing_number": "青备〔2026〕7号"})
        world.settle()
        assert owed(world, number) == [Duty.PUBLISH]
        assert current(world).version == before.version
        row = do(world, number, Act.PUBLISH, head(world))
        world.settle()

        guide = current(world)
        assert guide.version == before.version + 1
        assert SENTENCE in guide.body["conditions"]
        assert (row.facts["version"], row.facts["digest"]) == (guide.version, guide.digest)
        assert row.facts["filing_number"] == "青备〔2026〕7号"
        assert row.facts["filed"] == row.facts["drafted"] == documents.digest(guide.body)
        assert (row.label, row.facts["change"]) == (guide.offering.code, "revision")
        assert owed(world, number) == []
        holds(world, number, "qingyang")

    def test_cases_filed_before_keep_their_version(self, world: World) -> None:
        case = stories.received(world, intake="qingyang", handling="qingyang")
        before = current(world)
        published(world)
        pinned = stories.case_on(world, "qingyang", case).state["roles"]["intake"]["papers"][0]["digest"]
        assert pinned == before.digest != current(world).digest

    def test_begins_as_a_copy_of_the_guide_in_force_and_is_not_checked_unchanged(self, world: World) -> None:
        number = opened(world, "")
        assert refused(lambda: do(world, number, Act.CHECK, head(world))) == "guide_unchanged"
        row = do(world, number, Act.REVISE, drafter(world), texts={"guide": revised(world)})
        assert row.phase == Phase.DRAFTED
        assert do(world, number, Act.CHECK, head(world)).phase == Phase.CHECKED

    def test_a_guide_of_a_new_offering_creates_it(self, world: World) -> None:
        code = world["qingyang"].offering(TEMPLATE)[:-3] + "999"
        number = published(world, revised(world, offering=code), offering="")
        assert on(world, number).facts["change"] == "new"
        with world.on("qingyang"):
            assert catalogue.current_guide(code).version == 1

    def test_comes_back_with_remarks_and_is_filed_at_last(self, world: World) -> None:
        number = submitted(world)
        do(world, number, Act.RETURN_WITH_REMARKS, centre(world), texts={"remarks": "时限请写明起算"})
        world.settle()
        assert (on(world, number).phase, owed(world, number)) == (Phase.RETURNED, [Duty.REVISE])
        assert refused(lambda: do(world, number, Act.SUBMIT, head(world))) == "act_not_allowed"
        text = revised(world, "时限自受理次日起算")
        do(world, number, Act.REVISE, drafter(world), texts={"guide": text})
        do(world, number, Act.CHECK, head(world))
        do(world, number, Act.SUBMIT, head(world))
        world.settle()
        do(world, number, Act.FILE, centre(world), given={"filing_number": "青备〔2026〕8号"})
        world.settle()
        do(world, number, Act.PUBLISH, head(world))
        assert current(world).body["conditions"] == conditions(text)
        holds(world, number, "qingyang")

    def test_who_is_late_is_told_to_the_centre(self, world: World) -> None:
        number = submitted(world)
        world.wait_until("2026-03-30")
        with world.on("qingyang"):
            assert tasks.escalate_all(world.at) >= 1
        assert owed(world, number) == [Duty.FILE, "supervise"]


@pytest.fixture
def neighbour(world: World) -> str:
    """Give 嘉善's service centre, registered on 青阳's node."""
    with world.on("qingyang"):
        demo.introduce_county("jiashan", node=world["jiashan"].fingerprint, at=world.at)
    return demo.uscc_of("jiashan", "service_centre")


class TestAcrossTwoNodes:
    def test_another_places_centre_files_what_it_has_read(self, world: World, neighbour: str) -> None:
        number = filed(world, node="jiashan", centre=neighbour)
        here = on(world, number, "jiashan")
        assert (here.phase, here.state["roles"][Role.CENTRE]["node"]) == (
            Phase.FILED,
            world["jiashan"].fingerprint,
        )
        do(world, number, Act.PUBLISH, head(world))
        world.settle()
        assert on(world, number, "jiashan").facts["version"] == current(world).version
        later = filed(world, revised(world, "再修订一次"), "jiashan", centre=neighbour)
        do(world, later, Act.PUBLISH, head(world))
        world.settle()
        assert on(world, number, "jiashan").phase == Phase.REPLACED
        holds(world, number, "qingyang", "jiashan")

    def test_the_own_centre_has_no_say_where_another_was_named(self, world: World, neighbour: str) -> None:
        number = submitted(world, centre=neighbour)
        by = centre(world)
        assert (
            refused(lambda: do(world, number, Act.FILE, by, given={"filing_number": "1"})) == "not_permitted"
        )

    def test_only_service_centres_are_named(self, world: World, neighbour: str) -> None:
        assert refused(lambda: opened(world, centre=demo.uscc_of("jiashan", "lead"))) == "invalid_input"


class TestFourEyes:
    def test_whoever_wrote_any_of_it_does_not_check_it(self, world: World) -> None:
        number = opened(world)
        do(world, number, Act.REVISE, head(world), texts={"guide": revised(world, "负责人改")})
        with pytest.raises(DomainError, match="不能由起草人自己审核") as refusal:
            do(world, number, Act.CHECK, head(world))
        assert refusal.value.code == "act_not_allowed"
        another = replace(head(world), staff="QYOTHER")
        do(world, number, Act.REVISE, another, texts={"guide": revised(world, "又改")})
        for by in (head(world), another):
            assert refused(lambda by=by: do(world, number, Act.CHECK, by)) == "act_not_allowed"
        assert do(world, number, Act.CHECK, replace(another, staff="QYTHIRD")).phase == Phase.CHECKED

    def test_nobody_without_a_name_checks(self, world: World) -> None:
        number = opened(world)
        nobody = replace(head(world), staff="")
        assert refused(lambda: do(world, number, Act.CHECK, nobody)) == "act_not_allowed"

    def test_what_was_checked_and_changed_is_checked_anew(self, world: World) -> None:
        number = opened(world)
        do(world, number, Act.CHECK, head(world))
        do(world, number, Act.REVISE, drafter(world), texts={"guide": revised(world, "改一字")})
        assert refused(lambda: do(world, number, Act.SUBMIT, head(world))) == "act_not_allowed"


class TestWhoMay:
    @pytest.mark.parametrize("act", [Act.CHECK, Act.SUBMIT, Act.PUBLISH, Act.WITHDRAW, Act.CANCEL])
    def test_drafters_answer_for_nothing(self, world: World, act: Act) -> None:
        number = opened(world)
        by = replace(drafter(world), staff="QYCOLLEAGUE")
        assert refused(lambda: do(world, number, act, by, texts={"reason": "x"})) == "not_permitted"

    @pytest.mark.parametrize("act", [Act.FILE, Act.RETURN_WITH_REMARKS])
    def test_departments_do_not_file_their_own(self, world: World, act: Act) -> None:
        number = submitted(world)
        more = {"given": {"filing_number": "1"}, "texts": {"remarks": "x"}}
        assert refused(lambda: do(world, number, act, head(world), **more)) == "not_permitted"

    def test_another_department_drafts_no_guide_of_this_one(self, world: World) -> None:
        police = world["qingyang"].staff("officer", "public_security")
        code = world["qingyang"].offering(TEMPLATE)
        with world.on("qingyang"):
            assert (
                refused(lambda: filings.open_filing({"offering": code}, police, world.at)) == "not_permitted"
            )

    def test_another_department_does_not_see_it(self, world: World) -> None:
        number = opened(world)
        police = world["qingyang"].staff("decider", "public_security")
        assert refused(lambda: do(world, number, Act.CHECK, police)) == "not_found"

    def test_applicants_and_windows_draft_nothing(self, world: World) -> None:
        with world.on("qingyang"):
            for by in (world["qingyang"].applicant(), replace(drafter(world), permissions=frozenset())):
                given = {"offering": world["qingyang"].offering(TEMPLATE)}
                assert (
                    refused(lambda by=by, given=given: filings.open_filing(given, by, world.at))
                    == "not_permitted"
                )


class TestWhatIsNoGuide:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("{", "guide_invalid"), ("[]", "guide_invalid"), ("{}", "guide_invalid"), ('{"form": {}}', "guide_invalid"),
            ('{"form": {"a": 0.5}}', "guide_invalid"),
        ],
    )  # fmt: skip
    def test_is_neither_drafted_nor_revised(self, world: World, text: str, code: str) -> None:
        assert refused(lambda: opened(world, text)) == code
        number = opened(world)
        before = on(world, number).version
        assert refused(lambda: do(world, number, Act.REVISE, drafter(world), texts={"guide": text})) == code
        assert on(world, number).version == before

    def test_faults_are_named(self, world: World) -> None:
        number = opened(world)
        text = revised(world, modes=[], modes_note="")
        with pytest.raises(DomainError, match="没有开放任何通办模式的，须说明原因"):
            do(world, number, Act.REVISE, drafter(world), texts={"guide": text})

    def test_a_draft_stays_with_its_offering(self, world: World) -> None:
        number = opened(world)
        other = revised(world, offering=world["qingyang"].offering(TEMPLATE)[:-3] + "998")
        assert (
            refused(lambda: do(world, number, Act.REVISE, drafter(world), texts={"guide": other}))
            == "invalid_input"
        )
        assert refused(lambda: do(world, number, Act.REVISE, drafter(world))) == "invalid_input"

    def test_one_offering_has_one_filing_under_way(self, world: World) -> None:
        opened(world)
        assert refused(lambda: opened(world)) == "invalid_input"

    def test_an_unknown_offering_needs_a_text(self, world: World) -> None:
        assert refused(lambda: opened(world, "", offering="NOTHING")) == "not_found"


class TestGuards:
    def test_the_centre_files_only_what_the_department_said_it_drafted(self, world: World) -> None:
        number = submitted(world)
        given = {"filing_number": "1", "drafted": "sm3:" + "0" * 64}
        assert refused(lambda: do(world, number, Act.FILE, centre(world), given=given)) == "act_not_allowed"

    @pytest.mark.parametrize("name", ["org", "node", "term"])
    def test_it_goes_to_the_centre_that_was_named(self, world: World, name: str) -> None:
        number = opened(world)
        do(world, number, Act.CHECK, head(world))
        row = on(world, number)
        bind = filings.bound_to(State.from_dict(row.state))["bind"]
        wrong = {"org": demo.uscc_of("qingyang", "lead"), "node": world["jiashan"].fingerprint, "term": 7}[
            name
        ]
        given = {"bind": {**bind, name: wrong}}
        assert refused(lambda: do(world, number, Act.SUBMIT, head(world), given=given)) == "act_not_allowed"

    def test_nobody_drafts_or_checks_in_anothers_name(self) -> None:
        for act in (Act.DRAFT, Act.REVISE, Act.CHECK):
            assert "oneself" in [guard.__name__ for guard in GUIDE_FILING.present.rules[act].needs]


class TestPublication:
    def test_is_whole_or_not_at_all(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        number = filed(world)
        before, version = current(world).version, on(world, number).version

        def fail(**_: Any) -> None:
            raise catalogue_commands.GuideMovedMeanwhile("刚有新版")

        with monkeypatch.context() as patch:
            patch.setattr(catalogue_commands, "publish_guide", fail)
            assert refused(lambda: do(world, number, Act.PUBLISH, head(world))) == "guide_moved_meanwhile"
        assert (current(world).version, on(world, number).version) == (before, version)
        do(world, number, Act.PUBLISH, head(world))
        assert current(world).version == before + 1

    def test_that_the_record_does_not_name_is_undone(self, world: World) -> None:
        number = filed(world)
        with world.on("qingyang"):
            state = State.from_dict(Matter.objects.get(number=number).state)
            assert refused(lambda: _publish(state, head(world), world)) == "guide_moved_meanwhile"

    def test_happens_once(self, world: World) -> None:
        number = published(world)
        assert refused(lambda: do(world, number, Act.PUBLISH, head(world))) == "act_not_allowed"

    def test_only_after_filing(self, world: World) -> None:
        number, before = submitted(world), current(world).version
        assert refused(lambda: do(world, number, Act.PUBLISH, head(world))) == "act_not_allowed"
        assert current(world).version == before


def _publish(state: State, by: Any, world: World) -> None:
    from tongban.kernel.db import write

    with write():
        filings.publish(state, by, world.at)


class TestReplaced:
    def test_by_the_next_filing_of_the_same_offering(self, world: World) -> None:
        first = published(world)
        second = published(world, revised(world, "第二次修订"))
        assert (on(world, first).phase, on(world, first).live) == (Phase.REPLACED, False)
        assert on(world, first).facts["replaced_by"] == on(world, second).facts["version"]
        assert on(world, second).phase == Phase.PUBLISHED
        holds(world, first, "qingyang")

    def test_by_a_guide_that_the_operator_loaded(self, world: World) -> None:
        number = published(world)
        with world.on("qingyang"):
            document = {**current(world).body, "aliases": ["新的俗称"]}
            catalogue_commands.publish_guide(
                document=document, by=head(world), at=world.at, sign=identity.sign
            )
            assert filings.replace_all(world.at) == 1
            assert filings.replace_all(world.at) == 0
        assert on(world, number).phase == Phase.REPLACED

    def test_by_nothing_older(self, world: World) -> None:
        number = published(world)
        with world.on("qingyang"):
            version = current(world).version
            act = lambda: commands.system_act(  # noqa: E731
                matter=number, act=Act.REPLACE, role=Role.DEPARTMENT, at=world.at, given={"newer": version}
            )
            assert refused(act) == "act_not_allowed"


class TestWithdrawn:
    @pytest.mark.parametrize("reached", [opened, filed])
    def test_before_it_is_published_leaves_the_guide_in_force(
        self, world: World, reached: Callable[[World], str]
    ) -> None:
        before, number = current(world).digest, reached(world)
        row = do(world, number, Act.WITHDRAW, head(world), texts={"reason": "依据将修订"})
        assert (row.phase, row.live) == (Phase.WITHDRAWN, False)
        assert current(world).digest == before
        world.settle()
        assert owed(world, number) == []
        holds(world, number, "qingyang")

    def test_not_while_it_lies_with_the_centre(self, world: World) -> None:
        number = submitted(world)
        code = refused(lambda: do(world, number, Act.WITHDRAW, head(world), texts={"reason": "x"}))
        assert code == "act_not_allowed"

    def test_with_its_offering_once_published_and_taken_into_use_by_the_next(self, world: World) -> None:
        number = published(world)
        assert refused(lambda: do(world, number, Act.CANCEL, head(world))) == "invalid_input"
        row = do(world, number, Act.CANCEL, head(world), texts={"reason": "依据已废止"})
        assert row.phase == Phase.WITHDRAWN
        with world.on("qingyang"):
            assert catalogue.offering(row.label).state == Offering.State.WITHDRAWN
        published(world, revised(world, "恢复办理"))
        with world.on("qingyang"):
            assert catalogue.offering(row.label).state == Offering.State.IN_USE


class TestThePages:
    @pytest.mark.prove("walks a guide through the desks")
    def test_take_a_guide_through(self, counties: World) -> None:
        clerk = staff(counties, "qingyang", "qy-hrss").open(f"/matters/{NAME}/")
        assert "没有指南备案" in clerk.text
        code = counties["qingyang"].offering(TEMPLATE)
        page = clerk.open(f"/matters/{NAME}/new/").send({"offering": code, "guide": "{"})
        assert page.status == 422
        assert "不是完整的 JSON 文本" in page.words
        page.send({"offering": code, "guide": ""})
        number = clerk.url.split("/")[3]
        clerk.is_sound()
        assert "社会保障卡申领" in clerk.words
        assert "修订指南" in clerk.words
        clerk.open(f"/matters/{NAME}/{number}/do/revise/").send({"guide": revised(counties)})
        assert "已记录" in clerk.words
        boss = staff(counties, "qingyang", "qy-hrss-head")
        for act in (Act.CHECK, Act.SUBMIT):
            boss.open(f"/matters/{NAME}/{number}/do/{act}/").send({})
            assert "已记录" in boss.words, boss.words
        counties.settle()
        watcher = staff(counties, "qingyang", "qy-supervisor").open(f"/matters/{NAME}/")
        assert "备案或退回修改" in watcher.words
        watcher.open(f"/matters/{NAME}/{number}/")
        watcher.is_sound()
        watcher.open(f"/matters/{NAME}/{number}/do/{Act.FILE}/").send({"filing_number": "青备〔2026〕9号"})
        assert "青备〔2026〕9号" in watcher.words
        counties.settle()
        boss.open(f"/matters/{NAME}/{number}/do/{Act.PUBLISH}/").send({})
        assert "已公布" in boss.words
        assert SENTENCE in current(counties).body["conditions"]

    def test_hand_out_a_draft_as_a_document(self, counties: World) -> None:
        number = opened(counties)
        clerk = staff(counties, "qingyang", "qy-hrss")
        with counties.on("qingyang"):
            digest = journal.events_of(number)[0].content[0]["digest"]
        page = clerk.open(f"/matters/{NAME}/{number}/content/{digest}/")
        assert conditions(page.text)[-1] == SENTENCE

    def test_are_refused_to_windows(self, counties: World) -> None:
        assert staff(counties, "qingyang", "qy-town").open(f"/matters/{NAME}/").status == 403


@pytest.mark.parametrize("key", seed.templates())
def test_every_guide_can_be_typed_into_a_form(world: World, key: str) -> None:
    from tongban.web.designs.fields import LONGEST

    with world.on("qingyang"):
        body = catalogue.current_guide(world["qingyang"].offering(key)).body
    assert len(documents.written(body)) < LONGEST
    assert documents.read(documents.written(body), body["node"]) == body
