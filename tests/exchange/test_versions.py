"""Two nodes of which one runs the previous rule table (docs/protocol.md §12)."""

from dataclasses import replace

import pytest

from tests import stories
from tests.world import World
from tongban.cases.procedure import RULES, VERSION_1
from tongban.cases.words import Act, Duty, Phase

# The previous table, as a fixture: it knew no extension, and answering an urging closed nothing.
PREVIOUS = {act: rule for act, rule in RULES.items() if act != Act.EXTEND}
PREVIOUS[Act.REPLY_URGING] = replace(RULES[Act.REPLY_URGING], content=())
OLD, NEW = replace(VERSION_1, rules=PREVIOUS), replace(VERSION_1, version=2)


@pytest.fixture
def mixed(world: World) -> World:
    """嘉善 runs the previous table; 青阳 runs this one and knows both."""
    world["jiashan"].tables = [OLD]
    world["qingyang"].tables = [OLD, NEW]
    return world


class TestTwoVersions:
    def test_what_both_tables_know_goes_its_whole_course(self, mixed: World) -> None:
        number = stories.delivered(mixed)

        rules = set()
        for key in ("qingyang", "jiashan"):
            case = stories.case_on(mixed, key, number)
            assert (case.phase, case.parked) == (Phase.DELIVERED, "")
            with mixed.on(key):
                from tongban.kernel.journal import writer as journal

                rules |= {(e.role, *e.document["rules"].values()) for e in journal.events_of(number)}
        assert rules == {("intake", NEW.digest, 2), ("handling", OLD.digest, 1)}

    def test_the_newer_node_judges_by_the_table_an_event_names(self, mixed: World) -> None:
        number = stories.acknowledged(mixed)
        clerk = mixed["qingyang"].staff("window")
        stories.do(mixed, "qingyang", number, Act.URGE, clerk)
        mixed.settle()
        # Lawful by the previous table only: the reply carries no text.
        stories.do(mixed, "jiashan", number, Act.REPLY_URGING, stories.officer(mixed, number))
        mixed.settle()

        case = stories.case_on(mixed, "qingyang", number)
        assert case.parked == ""
        assert all(duty["kind"] != Duty.HEED_URGING for duty in case.state["duties"].values())

    @pytest.mark.prove("nodes of two versions")
    def test_the_older_node_adopts_what_it_does_not_know_and_waits_for_its_upgrade(
        self, mixed: World
    ) -> None:
        newer = [OLD, NEW]
        mixed["qingyang"].tables, mixed["jiashan"].tables = [OLD], newer
        number = stories.accepted(mixed)
        stories.review_all(mixed, number)
        head = stories.officer(mixed, number, post="decider")
        stories.do(mixed, "jiashan", number, Act.EXTEND, head, texts={"reason": "案情复杂"})
        mixed.settle()

        old, new = (stories.case_on(mixed, key, number) for key in ("qingyang", "jiashan"))
        assert old.parked == "newer_rules"
        # Adopted all the same: both hold the same events and fold the same dates, without what waits for a human.
        assert old.state == new.state
        assert "extended" not in new.state["facts"]["handling"]
        assert any(duty["kind"] == Duty.RESOLVE for duty in old.state["duties"].values())

        mixed["qingyang"].tables = newer
        supervisor = mixed["qingyang"].staff("supervisor")
        stories.do(mixed, "qingyang", number, Act.RELEASE, supervisor, texts={"note": "已升级"})
        mixed.settle()
        let_in = stories.case_on(mixed, "jiashan", number).state
        assert (let_in["facts"]["handling"]["extended"], let_in["withheld"]) == (True, {})
        stories.do(
            mixed,
            "jiashan",
            number,
            Act.DECIDE,
            head,
            given={"outcome": "granted"},
            texts={"decision": "准予"},
        )
        stories.conclude(mixed, number)
        stories.deliver(mixed, number)
        assert stories.case_on(mixed, "qingyang", number).phase == Phase.DELIVERED
