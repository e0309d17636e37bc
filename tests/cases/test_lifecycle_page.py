"""docs/acts.md and docs/procedures/case-1.json say what the rule table says."""

import json
from pathlib import Path

from tongban.cases.rules_1 import acts
from tongban.procedures import printing, tables
from tongban.cases.words import Act, Duty, Phase
from tongban.kernel import digest

DOCS = Path(__file__).parents[2] / "docs"
PAGE, TABLE = DOCS / "acts.md", DOCS / f"procedures/case-{acts.VERSION}.json"
# A released table is never edited. Whoever finds this failing writes the next version beside it.
DIGESTS = {1: "sm3:89703a76ab29b58733343fbea1244e44baa80fd7cd38983743e2d5af52a484b7"}


class TestThePage:
    def test_is_what_the_table_says(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == printing.page(), (
            "docs/acts.md is stale: make docs"
        )

    def test_leaves_out_no_act_duty_or_phase(self) -> None:
        page = printing.page()
        assert not [code for kind in (Act, Duty) for code in kind if f"（`{code}`）" not in page]
        assert not [phase for phase in Phase if phase and f"    {phase}: " not in page]

    def test_leaves_out_nothing_that_an_act_carries_records_or_does(self) -> None:
        rows = {
            code: line
            for line in printing.page().split("## Duties")[0].splitlines()
            for code in Act
            if f"（`{code}`）" in line.split(" | ")[0]
        }
        for act, rule in acts.RULES.items():
            named = [
                *rule.given,
                *rule.allows,
                *rule.content,
                *rule.facts,
                *([rule.does] if rule.does else []),
            ]
            assert not [name for name in named if f"`{name}`" not in rows[act]], act

    def test_has_as_many_cells_in_each_row_of_a_table(self) -> None:
        for table in printing.page().split("\n## ")[2:]:
            rows = [line for line in table.splitlines() if line.startswith("|")]
            assert len({line.count(" | ") for line in rows}) == 1


class TestTheTable:
    def test_is_published_as_events_name_it(self) -> None:
        assert TABLE.read_text(encoding="utf-8") == printing.document(), f"{TABLE} is stale: make docs"
        assert (
            digest.tagged(tables.FORMAT, json.loads(TABLE.read_text(encoding="utf-8")))
            == tables.PRESENT.digest
        )

    def test_of_a_version_is_the_same_for_ever(self) -> None:
        assert {table.version: table.digest for table in tables.KNOWN.values()} == DIGESTS
        assert tables.PRESENT.version == acts.VERSION == max(DIGESTS)

    def test_says_all_of_a_row_that_judging_reads(self) -> None:
        document = tables.PRESENT.document
        assert document["acts"].keys() == {str(act) for act in acts.RULES}
        for act, rule in acts.RULES.items():
            row = document["acts"][str(act)]
            assert (row["given"], row["allows"], row["content"]) == (
                list(rule.given), list(rule.allows), list(rule.content),
            )  # fmt: skip
            assert (row["does"], row["facts"].keys(), row["annotates"]) == (
                rule.does, rule.facts.keys(), rule.annotates,
            )  # fmt: skip
            assert row["staff"] == (rule.permission is not None)
            assert len(row["needs"]) == len(rule.needs)
