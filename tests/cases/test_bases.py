"""The permit law is named for licences alone: on pages, in events, on letters."""

import pytest

from tests import stories
from tests.world import World
from tongban.cases.bases import OTHERWISE, basis_of
from tongban.cases.procedure import DUTIES, RULES
from tongban.kernel.journal import writer as journal

LAW = "行政许可法"


class TestTheTable:
    def test_has_another_basis_for_each_provision_of_the_permit_law(self) -> None:
        named = {row.basis for rows in (RULES, DUTIES) for row in rows.values() if LAW in row.basis}
        assert set(OTHERWISE) == named

    def test_names_it_for_licences_and_where_no_guide_says(self) -> None:
        for provision, other in OTHERWISE.items():
            assert LAW not in other
            assert basis_of(provision, {"kind": "record"}) == other
            assert basis_of(provision, {"kind": "licence"}) == basis_of(provision, None) == provision

    def test_leaves_alone_what_binds_everybody(self) -> None:
        assert basis_of("节点互联约定", {"kind": "record"}) == "节点互联约定"

    def test_cites_no_other_provinces_rules_for_a_limit(self) -> None:
        assert not [rule for rule in DUTIES.values() if "政办" in rule.basis]


@pytest.mark.slow
class TestWhatIsRecorded:
    @pytest.mark.parametrize(
        ("template", "law"), [(stories.PROXY, False), (stories.LICENSING, True)], ids=["other", "licence"]
    )
    def test_names_the_permit_law_for_licences_only(self, world: World, template: str, law: bool) -> None:
        number = stories.accepted(world, template=template)
        with world.on("jiashan"):
            effects = "".join(str(event.effects) for event in journal.events_of(number))
        assert (LAW in effects) is law
