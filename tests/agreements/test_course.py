"""The course of an agreement over two nodes: agreed, changed, suspended and ended without a file being carried."""

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.materials import samples
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.agreements import commands, course, documents, drafting, following, queries, rules_1
from tongban.agreements.models import Agreement
from tongban.agreements.procedure import AGREEMENT
from tongban.agreements.queries import AgreementSuspended, NoAgreement
from tongban.agreements.words import DOCUMENT, NAME, PAPER, Act, Duty, Phase, Role
from tongban.catalogue.models import Item
from tongban.commandline import agreement as commandline
from tongban.kernel import vault
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import commands as matters
from tongban.procedures import deciding, listing, possible, tasks
from tongban.procedures.audit import journal_audit
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import Matter

pytestmark = pytest.mark.once("the table decides; complaints and filing take the same way on both")

NODES = ("qingyang", "jiashan")
FOUR = "receive,notice,verify,deliver"


def signer(world: World, node: str) -> Actor:
    return world[node].staff("catalogue")


def by_files(world: World) -> str:
    """The number of the agreement that the two nodes of a world exchanged by files."""
    nodes = [world[node].fingerprint for node in NODES]
    with world.on("qingyang"):
        return queries.numbers_between(nodes[0], nodes[1])[0]


def opened(world: World, by: Actor | None = None, *, other: str = "jiashan", **more: str) -> str:
    """An agreement drafted by 青阳 and sent to 嘉善, in place of the one that was exchanged by files."""
    values = {"with": world[other].fingerprint, "agreement": by_files(world), "powers": FOUR, **more}
    with world.on("qingyang"):
        number = course.open_agreement(values, by or signer(world, "qingyang"), world.at).number
        matters.act(matter=number, act=Act.SEND, by=by or signer(world, "qingyang"), at=world.at)
    world.settle()
    return number


def do(world: World, node: str, number: str, act: Act, by: Actor | None = None, **more: Any) -> Matter:
    with world.on(node):
        return matters.act(matter=number, act=act, by=by or signer(world, node), at=world.at, **more)


def then(world: World, node: str, number: str, act: Act, **more: Any) -> None:
    do(world, node, number, act, **more)
    world.settle()


def agreed(world: World, **more: str) -> str:
    """An agreement in force on both nodes."""
    number = opened(world, **more)
    then(world, "jiashan", number, Act.COUNTERSIGN)
    return number


def on(world: World, node: str, number: str) -> Matter:
    with world.on(node):
        return Matter.objects.get(number=number)


def paper_of(world: World, number: str) -> str:
    """The digest of the scan that 嘉善 holds."""
    with world.on("jiashan"):
        pieces = [piece for event in journal.events_of(number) for piece in event.content]
        return str(next(piece["digest"] for piece in pieces if piece["label"] == PAPER))


def drafted(number: str) -> str:
    """The text of an agreement that was drafted on this node."""
    pieces = [piece for event in journal.events_of(number) for piece in event.content]
    found = next(piece["digest"] for piece in pieces if piece["label"] == DOCUMENT)
    return vault.get(number, str(found)).decode()


def kept(world: World, node: str, digest: str) -> Agreement:
    with world.on(node):
        return queries.agreement_by_digest(digest)


def in_force(world: World, node: str, day: date | None = None) -> Agreement:
    own, other = (world[one].fingerprint for one in (node, *(one for one in NODES if one != node)))
    with world.on(node):
        return queries.in_force(
            node=own, other_node=other, item="i", offering="o", on=day or clock.official_day(world.at)
        )


def owed(world: World, node: str, number: str) -> set[str]:
    return {duty["kind"] for duty in on(world, node, number).state["duties"].values()} - {"deliver"}


def is_sound(world: World, number: str) -> dict[str, Any]:
    """Both nodes hold the same, nothing is parked, the journals are right, and the dossier proves it."""
    states = []
    for node in NODES:
        row = on(world, node, number)
        assert row.parked == ""
        states.append({name: row.state[name] for name in ("phase", "facts", "heads")})
        with world.on(node):
            assert journal_audit.verify_journal(deep=True).findings == []
    assert states[0] == states[1]
    with world.on("jiashan"):
        dossier = exporting.export(number, by=world["jiashan"].staff("supervisor"), at=world.at)
    verdict = verifier.verify(dossier, [world[node].fingerprint for node in NODES])
    assert verdict.code == 0, verdict
    return verdict.summary


class TestTheCourse:
    def test_is_agreed_by_both_and_counts_on_both_nodes(self, world: World) -> None:
        number = opened(world)
        assert owed(world, "jiashan", number) == {Duty.ANSWER}
        (duty,) = on(world, "jiashan", number).state["duties"].values()
        assert duty["limit"] == {"n": 10, "unit": "working_day"}

        row = do(world, "jiashan", number, Act.COUNTERSIGN)
        digest = row.facts["signed"]
        assert kept(world, "jiashan", digest).state == Agreement.State.IN_FORCE
        world.settle()

        for node in NODES:
            assert on(world, node, number).phase == Phase.IN_FORCE
            assert in_force(world, node).digest == digest
            assert owed(world, node, number) == set()
        assert kept(world, "qingyang", digest).raw == kept(world, "jiashan", digest).raw
        assert is_sound(world, number)["phase_name"] == "已生效"

    def test_goes_back_for_a_change_of_words_and_comes_again(self, world: World) -> None:
        number = opened(world, valid_to="2026-12-31")
        then(world, "jiashan", number, Act.ASK_CHANGE, texts={"remark": "请只授两项"})
        assert owed(world, "qingyang", number) == {Duty.REVISE}
        then(world, "qingyang", number, Act.PROPOSE_ANEW, given={"powers": "receive,deliver"})
        then(world, "jiashan", number, Act.COUNTERSIGN)

        document = kept(world, "jiashan", in_force(world, "jiashan").digest).document
        assert (document["powers"], document["valid_to"]) == (["deliver", "receive"], "2026-12-31")
        assert document["version"] == 2  # the one by files was the first; a text nobody signed is no version
        is_sound(world, number)

    def test_is_declined_or_withdrawn_and_nothing_counts(self, world: World) -> None:
        before = in_force(world, "qingyang").digest
        number = opened(world)
        then(world, "jiashan", number, Act.DECLINE, texts={"reason": "事项未定"})
        other = opened(world)
        then(world, "jiashan", other, Act.ASK_CHANGE, texts={"remark": "再议"})
        then(world, "qingyang", other, Act.WITHDRAW)
        for node in NODES:
            assert on(world, node, number).phase == Phase.DECLINED
            assert on(world, node, other).phase == Phase.WITHDRAWN
            assert in_force(world, node).digest == before
        is_sound(world, other)

    def test_may_be_made_within_one_node(self, world: World) -> None:
        by = signer(world, "qingyang")
        with world.on("qingyang"):
            values = {"with": world["qingyang"].fingerprint, "powers": FOUR, "items": "学历公证"}
            number = course.open_agreement(values, by, world.at).number
        then(world, "qingyang", number, Act.SEND)
        then(world, "qingyang", number, Act.COUNTERSIGN)
        row = on(world, "qingyang", number)
        assert row.phase == Phase.IN_FORCE
        assert kept(world, "qingyang", row.facts["agreed"]).state == Agreement.State.IN_FORCE

    def test_is_late_and_told_of(self, world: World) -> None:
        number = opened(world)
        world.wait_until("2026-03-30")
        with world.on("jiashan"):
            assert tasks.escalate_all(world.at) >= 1
        assert owed(world, "jiashan", number) == {Duty.ANSWER, "supervise"}

    def test_goes_on_after_it_stopped_between_signing_and_keeping(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = opened(world)
        with monkeypatch.context() as broken:
            broken.setattr(following, "follow", lambda *_: 0)
            then(world, "jiashan", number, Act.COUNTERSIGN)
        assert on(world, "qingyang", number).phase == Phase.SIGNED
        world.watch()
        world.settle()
        assert in_force(world, "qingyang").digest == in_force(world, "jiashan").digest
        assert on(world, "jiashan", number).phase == Phase.IN_FORCE


class TestChange:
    @pytest.mark.prove("a case and an agreement through both nodes")
    def test_leaves_a_case_under_way_its_version(self, world: World) -> None:
        number = agreed(world)
        first = in_force(world, "qingyang")
        case = stories.acknowledged(world)
        then(world, "jiashan", number, Act.WISH, texts={"remark": "请增加授权办理"})
        assert owed(world, "qingyang", number) == {Duty.CONSIDER}
        then(world, "qingyang", number, Act.CHANGE, given={"powers": ",".join(documents.POWERS)})
        assert in_force(world, "jiashan").digest == first.digest  # until it is signed
        then(world, "jiashan", number, Act.COUNTERSIGN)

        second = in_force(world, "jiashan")
        assert (second.agreement_id, second.version) == (first.agreement_id, first.version + 1)
        pinned = {
            paper["digest"]
            for paper in stories.case_on(world, "jiashan", case).state["roles"]["handling"]["papers"]
        }
        assert first.digest in pinned
        stories.delivered(world)
        assert stories.case_on(world, "qingyang", stories.acknowledged(world)).parked == ""
        with world.on("jiashan"):
            officer = stories.officer(world, case)
        stories.do(world, "jiashan", case, "accept", officer)  # type: ignore[arg-type]
        is_sound(world, number)

    def test_may_be_declined_and_dropped_and_the_version_before_stays(self, world: World) -> None:
        number = agreed(world)
        before = in_force(world, "qingyang").digest
        then(world, "qingyang", number, Act.CHANGE, given={"valid_to": "2026-06-30"})
        with pytest.raises(DomainError, match="已有生效的版本") as refusal:
            do(world, "jiashan", number, Act.DECLINE, texts={"reason": "不同意"})
        assert refusal.value.code == "act_not_allowed"
        then(world, "jiashan", number, Act.DECLINE_CHANGE, texts={"reason": "不同意"})
        then(world, "qingyang", number, Act.CHANGE, given={"valid_to": "2026-06-30"})
        then(world, "jiashan", number, Act.ASK_CHANGE, texts={"remark": "太短"})
        then(world, "qingyang", number, Act.DROP_CHANGE)
        then(world, "jiashan", number, Act.WISH, texts={"remark": "延长"})
        then(world, "qingyang", number, Act.KEEP, texts={"reason": "照旧"})
        for node in NODES:
            assert on(world, node, number).phase == Phase.IN_FORCE
            assert in_force(world, node).digest == before
            assert owed(world, node, number) == set()
        # A draft that was dropped says nothing of the last day of what is in force.
        world.wait_until("2026-07-02")
        world.watch()
        assert on(world, "qingyang", number).phase == Phase.IN_FORCE
        is_sound(world, number)

    def test_that_changes_nothing_is_not_sent(self, world: World) -> None:
        number = agreed(world)
        with pytest.raises(DomainError, match="没有改动") as refusal:
            do(world, "qingyang", number, Act.CHANGE, given={})
        assert refusal.value.code == "agreement_invalid"
        assert on(world, "qingyang", number).phase == Phase.IN_FORCE


class TestWhatIsFilledIn:
    @pytest.mark.parametrize(
        ("typed", "items"),
        [("学历公证", ["K001"]), ("K002\nK001", ["K001", "K002"]), ("全部", "*"), ("", "*")],
    )
    def test_items_are_those_of_the_catalogue_by_name_or_code(
        self, world: World, typed: str, items: Any
    ) -> None:
        number = opened(world, items=typed)
        with world.on("qingyang"):
            assert json.loads(drafted(number))["items"] == items

    def test_an_item_that_nobody_knows_is_refused(self, world: World) -> None:
        with pytest.raises(DomainError, match="目录里没有事项“社会保障卡什么”") as refusal:
            opened(world, items="社会保障卡什么")
        assert refusal.value.code == "invalid_input"

    def test_more_items_than_a_record_holds_are_refused(self, world: World) -> None:
        with world.on("qingyang"):
            codes = list(Item.objects.values_list("key", flat=True))
        many = " ".join(f"{code}" for code in codes)
        assert len(many) < 4096
        assert opened(world, items=many)
        with world.on("qingyang"), pytest.raises(DomainError, match="事项过多") as refusal:
            drafting.codes({"id": "A", "items": [f"{n:031}" for n in range(140)]})
        assert refusal.value.code == "agreement_invalid"

    def test_limits_are_written_in_words_or_codes(self, world: World) -> None:
        number = opened(world, limits="签收=1 push=1")
        with world.on("qingyang"):
            assert json.loads(drafted(number))["limits"] == {"acknowledge": 1, "push": 1}

    def test_lies_here_until_it_is_sent_and_may_be_withdrawn(self, world: World) -> None:
        values = {"with": world["jiashan"].fingerprint, "agreement": by_files(world), "powers": FOUR}
        with world.on("qingyang"):
            number = course.open_agreement(values, signer(world, "qingyang"), world.at).number
        world.settle()
        assert on(world, "qingyang", number).phase == Phase.DRAFTED
        with world.on("jiashan"):
            assert not Matter.objects.filter(number=number).exists()
        assert do(world, "qingyang", number, Act.WITHDRAW).phase == Phase.WITHDRAWN


class TestSuspension:
    @pytest.mark.parametrize("by", NODES)
    def test_lets_no_new_case_in_on_either_node_until_it_is_lifted(self, world: World, by: str) -> None:
        number = agreed(world)
        case = stories.acknowledged(world)
        then(world, by, number, Act.SUSPEND, texts={"reason": "系统改造"})
        for intake, handling in (NODES, NODES[::-1]):
            with pytest.raises(AgreementSuspended) as refusal:
                stories.filed(world, intake=intake, handling=handling)
            assert refusal.value.code == "agreement_suspended"
        with world.on("jiashan"):
            officer = stories.officer(world, case)
        stories.do(world, "jiashan", case, "accept", officer)  # type: ignore[arg-type]

        other = next(node for node in NODES if node != by)
        with pytest.raises(DomainError, match="请对方恢复") as refused:
            do(world, other, number, Act.RESUME)
        assert refused.value.code == "act_not_allowed"
        then(world, by, number, Act.RESUME)
        assert stories.filed(world)
        assert stories.filed(world, intake="jiashan", handling="qingyang")
        is_sound(world, number)

    def test_by_both_is_lifted_by_both(self, world: World) -> None:
        number = agreed(world)
        for node in NODES:
            do(world, node, number, Act.SUSPEND, texts={"reason": "防汛"})
        world.settle()
        then(world, "qingyang", number, Act.RESUME)
        for node in NODES:
            with pytest.raises(AgreementSuspended):
                in_force(world, node)
        is_sound(world, number)

    def test_says_nothing_of_agreements_of_others(self, world: World) -> None:
        number = agreed(world)
        then(world, "jiashan", number, Act.SUSPEND, texts={"reason": "系统改造"})
        with world.on("qingyang"):
            row = Agreement.objects.get(digest=on(world, "qingyang", number).facts["agreed"])
            row.party_b = "sm3:" + "0" * 64
            assert queries._suspended([row]) == set()


class TestEnd:
    @pytest.mark.parametrize("by", NODES)
    def test_is_learned_by_the_other_node_without_a_file(self, world: World, by: str) -> None:
        number = agreed(world)
        digest = in_force(world, "qingyang").digest
        then(world, by, number, Act.END, given={"last_day": "2026-03-06"})
        for node in NODES:
            row = kept(world, node, digest)
            assert (row.state, row.ended_on) == (Agreement.State.ENDED, date(2026, 3, 6))
            assert in_force(world, node, date(2026, 3, 6)).digest == digest
            with pytest.raises(NoAgreement) as refusal:
                in_force(world, node, date(2026, 3, 7))
            assert refusal.value.code == "no_agreement"
        assert kept(world, "qingyang", digest).ending == kept(world, "jiashan", digest).ending
        assert on(world, by, number).phase == Phase.IN_FORCE
        world.wait_until("2026-03-07")
        world.watch()
        world.settle()
        assert {on(world, node, number).phase for node in NODES} == {Phase.ENDED}
        assert is_sound(world, number)["phase_name"] == "已终止"

    def test_by_both_at_once_is_on_the_earlier_day_on_both_nodes(self, world: World) -> None:
        number = agreed(world)
        digest = in_force(world, "qingyang").digest
        do(world, "qingyang", number, Act.END, given={"last_day": "2026-04-30"})
        do(world, "jiashan", number, Act.END, given={"last_day": "2026-03-31"})
        world.settle()
        assert {kept(world, node, digest).ended_on for node in NODES} == {date(2026, 3, 31)}
        is_sound(world, number)

    def test_refuses_by_name(self, world: World) -> None:
        number = agreed(world)
        for day, code in (("2026-03-01", "act_not_allowed"), ("heute", "invalid_input")):
            with pytest.raises(DomainError) as refusal:
                do(world, "jiashan", number, Act.END, given={"last_day": day})
            assert refusal.value.code == code
        then(world, "jiashan", number, Act.END)
        for node, act, given in (
            ("jiashan", Act.END, {}),
            ("qingyang", Act.CHANGE, {"powers": "receive"}),
        ):
            with pytest.raises(DomainError, match="已通知终止") as refusal:
                do(world, node, number, act, given=given)
            assert refusal.value.code == "act_not_allowed"

    def test_comes_by_itself_on_its_last_day(self, world: World) -> None:
        number = agreed(world, valid_to="2026-03-31")
        world.wait_until("2026-03-31")
        world.watch()
        assert on(world, "qingyang", number).phase == Phase.IN_FORCE
        world.wait_until("2026-04-01")
        world.watch()
        world.settle()
        assert {on(world, node, number).phase for node in NODES} == {Phase.ENDED}


class TestWhoMay:
    def test_only_who_signs_for_the_node(self, world: World) -> None:
        clerk = world["qingyang"].staff("window")
        with pytest.raises(DomainError) as refusal:
            opened(world, clerk)
        assert refusal.value.code == "not_permitted"
        number = opened(world)
        with pytest.raises(DomainError) as refusal:
            do(world, "jiashan", number, Act.COUNTERSIGN, world["jiashan"].staff("supervisor"))
        assert refusal.value.code == "not_permitted"

    def test_each_its_own_part(self, world: World) -> None:
        number = opened(world)
        with pytest.raises(DomainError) as refusal:
            do(world, "qingyang", number, Act.WITHDRAW)
        assert refusal.value.code == "act_not_allowed"
        with world.on("jiashan"):
            able = {act for act, _ in possible.possible_acts(
                on(world, "jiashan", number), signer(world, "jiashan"), world.at)}  # fmt: skip
        assert {Act.COUNTERSIGN, Act.ASK_CHANGE, Act.DECLINE} <= able
        assert not able & {Act.SUSPEND, Act.END, Act.DECLINE_CHANGE, Act.PROPOSE_ANEW}

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"powers": "rule"}, "agreement_invalid"), ({"limits": "push"}, "invalid_input"),
            ({"limits": "push=400"}, "agreement_invalid"), ({"valid_from": "morgen"}, "invalid_input"),
            ({"valid_to": "2020-01-01"}, "agreement_invalid"), ({"with": "sm3:0"}, "not_found"),
            ({"agreement": "self-x"}, ""),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_by_name(self, world: World, values: dict[str, str], code: str) -> None:
        if not code:
            assert opened(world, **values)  # a number that nobody has is a new one
            return
        with pytest.raises(DomainError) as refusal:
            opened(world, **values)
        assert refusal.value.code == code
        with world.on("qingyang"):
            assert not Matter.objects.filter(procedure=NAME).exists()

    def test_one_agreement_is_in_one_matter(self, world: World) -> None:
        number = agreed(world)
        with pytest.raises(DomainError, match=number) as refusal:
            opened(world)
        assert refusal.value.code == "agreement_contradicts"


def nothing(*_: object) -> None:
    """What a program that lies keeps of what it signed."""


class TestLies:
    def test_a_signature_under_another_text_has_no_effect(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = opened(world)

        def lie(*, document: dict[str, Any], at: Any) -> dict[str, Any]:
            more = {**document, "powers": sorted(documents.POWERS), "signatures": {}}
            return documents.sign_for(more, world["jiashan"].fingerprint, commands.identity.sign)

        before = in_force(world, "qingyang").digest
        with monkeypatch.context() as lying:
            lying.setattr(commands, "countersigned", lie)
            with pytest.raises(DomainError) as refusal:
                do(
                    world, "jiashan", number, Act.COUNTERSIGN
                )  # an honest program keeps nobody's lie, not its own either
            assert refusal.value.code == "agreement_not_authentic"
            assert on(world, "jiashan", number).phase == Phase.PROPOSED
            lying.setattr(following, "keep_own", nothing)
            then(world, "jiashan", number, Act.COUNTERSIGN)

        assert on(world, "qingyang", number).phase == Phase.SIGNED
        assert owed(world, "qingyang", number) == {Duty.TAKE_IN}
        assert in_force(world, "qingyang").digest == before
        then(world, "qingyang", number, Act.REJECT_SIGNED, texts={"reason": "签的不是这份文本"})
        then(world, "jiashan", number, Act.COUNTERSIGN)
        assert in_force(world, "qingyang").digest == on(world, "qingyang", number).facts["agreed"]

    def test_the_word_that_something_else_was_signed_is_parked(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = opened(world)
        right = course.filled
        with monkeypatch.context() as lying:
            lying.setattr(deciding, "demand_lawful", lambda *_: None)
            lying.setattr(following, "keep_own", nothing)
            lying.setattr(
                course, "filled", lambda *a: ({**right(*a)[0], "digest": "sm3:" + "1" * 64}, right(*a)[1])
            )
            do(world, "jiashan", number, Act.COUNTERSIGN)
        world.settle()
        row = on(world, "qingyang", number)
        assert (row.parked, row.phase) == ("not_allowed", Phase.PROPOSED)

    def test_a_text_that_is_not_what_is_said_of_it_is_not_signed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = drafting.texts
        monkeypatch.setattr(drafting, "texts", lambda one: right({**one, "powers": sorted(documents.POWERS)}))
        number = opened(world)
        with pytest.raises(DomainError, match="与所述内容不符") as refusal:
            do(world, "jiashan", number, Act.COUNTERSIGN)
        assert refusal.value.code == "agreement_invalid"

    def test_a_draft_of_other_codes_is_parked(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        number = agreed(world)
        right = drafting.codes
        with monkeypatch.context() as lying:
            lying.setattr(deciding, "demand_lawful", lambda *_: None)
            lying.setattr(drafting, "codes", lambda one: {**right(one), "powers": "receive"})
            do(world, "qingyang", number, Act.CHANGE, given={"valid_to": "2026-12-31"})
        world.settle()
        row = on(world, "jiashan", number)
        assert (row.parked, row.phase) == ("not_allowed", Phase.IN_FORCE)

    def test_a_notice_of_another_day_is_not_heeded(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = agreed(world)
        digest = in_force(world, "qingyang").digest
        right = course.filled
        with monkeypatch.context() as lying:
            lying.setattr(following, "keep_own", nothing)
            lying.setattr(
                course, "filled", lambda *a: ({**right(*a)[0], "last_day": "2026-03-03"}, right(*a)[1])
            )
            do(world, "jiashan", number, Act.END, given={"last_day": "2026-12-31"})
        world.settle()
        assert kept(world, "qingyang", digest).state == Agreement.State.IN_FORCE

    @pytest.mark.parametrize("parties", [7, [7, 8], [{"name": 1}, {}], [{"name": "x", "node": []}], {}])
    def test_a_beginning_that_says_nonsense_harms_no_page_and_no_other_agreement(
        self, counties: World, monkeypatch: pytest.MonkeyPatch, parties: Any
    ) -> None:
        theirs = staff(counties, "jiashan", "js-signer")
        begin, bind = (
            matters.begin,
            {"org": counties["jiashan"].centre, "office": counties["jiashan"].centre, "papers": []},
        )
        with monkeypatch.context() as lying:
            lying.setattr(deciding, "demand_lawful", lambda *_: None)
            lying.setattr(
                matters,
                "begin",
                lambda **how: begin(**{**how, "given": {**how["given"], "parties": parties, "valid_to": 7}}),
            )
            bound = {"bind": {**bind, "node": counties["jiashan"].fingerprint, "term": 1}}
            lying.setattr(course, "binding_of", lambda _: bound)
            number = opened(counties)
        assert on(counties, "jiashan", number).parked == "not_allowed"
        for page in ("", f"{number}/"):
            assert theirs.open(f"/matters/agreement/{page}").status == 200
        counties.watch()
        assert in_force(counties, "jiashan").version == 1

    @pytest.mark.parametrize("content", [b"{}", b"no json", b"[]", b'{"parties":[]}'])
    def test_content_that_is_no_document_harms_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch, content: bytes
    ) -> None:
        number = opened(world)
        with monkeypatch.context() as lying:
            right = course.filled
            lying.setattr(following, "keep_own", nothing)
            lying.setattr(
                course, "filled",
                lambda *a: (right(*a)[0], {**right(*a)[1], "material:agreement.json": content.decode()}),
            )  # fmt: skip
            do(world, "jiashan", number, Act.COUNTERSIGN)
        world.settle()
        assert on(world, "qingyang", number).phase == Phase.SIGNED
        world.watch()
        assert on(world, "qingyang", number).phase == Phase.SIGNED


class TestOthers:
    """Anybody may begin a matter under any number; only the parties of an agreement change or end it."""

    @pytest.fixture
    def three(self, make_world: Callable[..., World]) -> World:
        return make_world("qingyang", "jiashan", "third")

    def hijacked(self, world: World, label: str) -> str:
        world.wait_until("2026-03-03")
        values = {"with": world["qingyang"].fingerprint, "agreement": label, "powers": FOUR}
        with world.on("third"):
            number = course.open_agreement(values, signer(world, "third"), world.at).number
            matters.act(matter=number, act=Act.SEND, by=signer(world, "third"), at=world.at)
        world.settle()
        return number

    def test_do_not_keep_an_end_from_being_told(self, three: World) -> None:
        number = agreed(three)
        label = on(three, "qingyang", number).label
        self.hijacked(three, label)
        with three.on("qingyang"):
            digest = in_force(three, "qingyang").digest
            course.end(by=three["qingyang"].operator(), at=three.at, digest=digest)
        three.settle()
        assert kept(three, "jiashan", digest).state == Agreement.State.ENDED

    def test_do_not_keep_a_change_from_being_drafted(self, three: World) -> None:
        label = by_files(three)
        theirs = self.hijacked(three, label)
        own = opened(three)
        assert on(three, "qingyang", own).phase == Phase.PROPOSED
        with three.on("qingyang"):
            rows = list(Matter.objects.filter(number__in=(own, theirs)))
            assert "third" not in listing.items_of(rows)[own]


class TestThePages:
    @pytest.mark.prove("walks an agreement through the desks of two nodes")
    def test_take_an_agreement_through(self, counties: World) -> None:
        ours = staff(counties, "qingyang", "qy-signer").open("/matters/agreement/")
        assert "没有办理中的通办协议" in ours.text
        ours.open("/matters/agreement/new/")
        assert "嘉善" in ours.text
        ours.is_sound()
        page = ours.send({"with": counties["jiashan"].fingerprint})
        assert page.status == 422
        assert "请选择一项" in page.text
        page.send({
            "with": counties["jiashan"].fingerprint, "powers": "deliver,notice,receive,verify",
            "agreement": by_files(counties),
        })  # fmt: skip
        number = ours.url.split("/")[3]
        assert "收件受理权" in ours.words
        ours.is_sound()
        ours.open(f"/matters/agreement/{number}/do/send/").send({})
        counties.settle()

        theirs = staff(counties, "jiashan", "js-signer").open("/matters/agreement/")
        assert "答复协议文本" in theirs.words
        theirs.open(f"/matters/agreement/{number}/")
        assert "一次性告知权" in theirs.words
        assert "协议文本（带签名）" in theirs.text
        theirs.is_sound()
        theirs.open(f"/matters/agreement/{number}/do/countersign/").send({})
        assert "已记录" in theirs.words
        counties.settle()
        page = ours.open(f"/matters/agreement/{number}/do/change/")
        page.is_sound()
        page.send({"valid_to": "2027-06-30"})
        counties.settle()
        theirs.open(f"/matters/agreement/{number}/do/countersign/").send({})
        counties.settle()
        assert (
            kept(counties, "qingyang", in_force(counties, "qingyang").digest).document["valid_to"]
            == "2027-06-30"
        )
        ours.open(f"/matters/agreement/{number}/do/suspend/").send({"reason": "系统改造"})
        assert "暂停办理新件" in ours.words
        ours.open(f"/matters/agreement/{number}/do/resume/").send({})
        ours.open(f"/matters/agreement/{number}/do/end/").send({"last_day": "2026-12-31"})
        counties.settle()
        assert "2026-12-31" in theirs.open(f"/matters/agreement/{number}/").words

    def test_take_a_scan_of_what_was_signed_by_hand(self, counties: World) -> None:
        number = opened(counties)
        theirs = staff(counties, "jiashan", "js-signer").open(f"/matters/agreement/{number}/do/attach/")
        theirs.is_sound()
        page = theirs.send({})
        assert page.status == 422
        assert "纸质协议扫描件：请选择文件。" in page.text
        page = theirs.send({}, file=("scan.pdf", b"MZ no pdf"), field="material:paper")
        assert page.status == 422
        assert "纸质协议扫描件" in page.text
        paper = samples.pdf_file()
        theirs.send({}, file=("协议.pdf", paper), field="material:paper")
        assert "已记录" in theirs.words
        counties.settle()

        ours = staff(counties, "qingyang", "qy-signer").open(f"/matters/agreement/{number}/")
        assert "纸质协议扫描件" in ours.text
        answer = ours.fetch(f"/matters/agreement/{number}/content/{paper_of(counties, number)}/")
        assert (answer.content, answer["Content-Type"]) == (paper, "application/pdf")
        assert "%E5%8D%8F%E8%AE%AE.pdf" in answer["Content-Disposition"]

    def test_are_refused_to_whom_they_are_not_for(self, counties: World) -> None:
        assert staff(counties, "jiashan", "js-hrss").open("/matters/agreement/").status == 403

    def test_the_form_that_drafts_is_for_the_centre_alone(self, counties: World) -> None:
        lead = staff(counties, "qingyang", "qy-lead").open("/matters/agreement/")
        assert "拟定通办协议" not in lead.text
        assert lead.open("/matters/agreement/new/").status == 404


class TestTheApi:
    def test_takes_a_scan(self, counties: World) -> None:
        number = opened(counties)
        ours = front.staff(counties, "qingyang", "signer")
        act, version = f"/matters/{number}/acts/attach", on(counties, "qingyang", number).version
        paper = samples.pdf_file()

        def attached(**files: Any) -> Any:
            return ours.post(
                act, {"version": version, "files": {f"material:{name}": file for name, file in files.items()}}
            )

        whole = {"name": "协议.pdf", "data": base64.b64encode(paper).decode()}
        for files, status, code in (
            ({}, 422, "invalid_input"), ({"other": whole}, 422, "invalid_input"),
            ({"paper": {**whole, "data": "no base64"}}, 422, "invalid_input"),
            ({"paper": {**whole, "name": "a.png"}}, 422, "file_disguised"),
        ):  # fmt: skip
            answer = attached(**files)
            assert (answer.status_code, answer.json()["code"]) == (status, code), files
        assert on(counties, "qingyang", number).version == version
        assert attached(paper=whole).status_code == 200
        counties.settle()
        theirs = front.staff(counties, "jiashan", "signer")
        answer = theirs.get(f"/matters/{number}/contents/{paper_of(counties, number)}")
        assert (answer.content, answer["Content-Type"]) == (paper, "application/pdf")

    def test_takes_an_agreement_through(self, counties: World) -> None:
        ours, theirs = (front.staff(counties, node, "signer") for node in NODES)
        other = counties["jiashan"].fingerprint
        values = {"with": other, "powers": FOUR, "agreement": by_files(counties)}
        answer = ours.post("/matters", {"procedure": "agreement", "values": values})
        assert answer.status_code == 201, answer.content
        number = answer.json()["number"]
        act = f"/matters/{number}/acts"
        assert ours.post(f"{act}/send", {"version": 1}).status_code == 200
        counties.settle()
        version = on(counties, "jiashan", number).version
        answer = theirs.post(f"{act}/countersign", {"version": version})
        assert answer.status_code == 200, answer.content
        counties.settle()
        assert in_force(counties, "jiashan").digest == in_force(counties, "qingyang").digest
        version = on(counties, "jiashan", number).version
        answer = theirs.post(f"{act}/end", {"version": version, "codes": {"last_day": "2026-03-05"}})
        assert answer.status_code == 200, answer.content
        counties.settle()
        counties.watch()
        digest = on(counties, "qingyang", number).facts["agreed"]
        assert {kept(counties, node, digest).ended_on for node in NODES} == {date(2026, 3, 5)}


class TestTheCommandLine:
    """What `tongban agreement` does of an agreement that has a matter: the same, and no second way."""

    def test_ends_it_through_the_matter(self, world: World) -> None:
        number = agreed(world)
        digest = on(world, "jiashan", number).facts["agreed"]
        with world.on("jiashan"):
            row = course.end(by=world["jiashan"].operator(), at=world.at, digest=digest)
        assert (row.state, row.ended_on) == (Agreement.State.ENDED, clock.official_day(world.at))
        world.settle()
        assert kept(world, "qingyang", digest).ending == row.ending

    def test_drafts_no_next_version_beside_it(self, world: World) -> None:
        number = agreed(world)
        with world.on("jiashan"), pytest.raises(DomainError, match=number) as refusal:
            course.demand_no_matter(on(world, "jiashan", number).label)
        assert refusal.value.code == "agreement_contradicts"

    def test_of_one_by_files_a_notice_is_a_file(self, world: World) -> None:
        digest = in_force(world, "jiashan").digest
        with world.on("jiashan"):
            row = course.end(by=world["jiashan"].operator(), at=world.at, digest=digest)
        world.settle()
        assert row.ending
        assert kept(world, "qingyang", digest).state == Agreement.State.IN_FORCE

    @pytest.mark.parametrize("typed", ["{0}", "{0:.12}", "{1}", "{1:.8}", "{1:.8} "])
    def test_finds_an_agreement_by_the_beginning_of_its_digest(self, world: World, typed: str) -> None:
        digest = in_force(world, "jiashan").digest
        with world.on("jiashan"):
            found = commandline._row(typed.format(digest, digest.partition(":")[2]))
        assert found.digest == digest

    @pytest.mark.parametrize("typed", ["", "sm3:", "sm3:1234567", "1234567"])
    def test_takes_no_shorter_one(self, world: World, typed: str) -> None:
        with world.on("jiashan"), pytest.raises(DomainError) as refusal:
            commandline._row(typed)
        assert refusal.value.code == "not_found"


def test_of_a_state_that_nobody_wrote_nothing_is_said() -> None:
    assert AGREEMENT.label(State(NAME, "N")) == ""
    assert rules_1.last_day({Role.PROPOSER: {}, Role.OTHER: {"ended": None, "last_day": "2026-01-01"}}) == ""
