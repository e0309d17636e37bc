"""docs/procedures/ says what the rule tables say, and a released table is never edited."""

import json
from pathlib import Path

import pytest

from tongban import known_procedures
from tongban.cases.procedure import CASE
from tongban.cases.words import Act, Duty, Phase
from tongban.kernel.crypto import digest
from tongban.procedures import printing, tables
from tongban.procedures.procedure import Procedure

DOCS = Path(__file__).parents[2] / "docs/procedures"
PAGES = printing.pages(known_procedures.PROCEDURES)
# A released table is never edited. Whoever finds this failing writes the next version beside it (docs/adding.md).
DIGESTS = {
    ("agreement", 1): "sm3:0ce2256ed49f791fa8bc1ea0d423708685c96de2f490362e9c5339987592ce1e",
    ("case", 1): "sm3:e04c122c31ed35a2a0cee5121ad930388f8b9339e072c92803bb1e2ccf5e4f89",
    ("complaint", 1): "sm3:f5ed2861c127a3532ae3d3ae350c00a97413e917c06cdfebe7fc79000d505244",
    ("guide_filing", 1): "sm3:3cc94f51258e219348b96dc47098b7cd070806c56bc822aff306a5981b798da5",
}
PAGE = PAGES["case-1.md"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_table_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], (
        f"docs/procedures/{name} is stale: make docs"
    )


def test_no_page_is_left_of_a_table_that_is_gone() -> None:
    assert {path.name for path in DOCS.iterdir()} == PAGES.keys()


def test_a_table_of_a_version_is_the_same_for_ever() -> None:
    every = {
        (one.name, table.version): table.digest for one in known_procedures.PROCEDURES for table in one.tables
    }
    assert every == DIGESTS


@pytest.mark.parametrize("procedure", known_procedures.PROCEDURES, ids=lambda one: one.name)
class TestEveryProcedure:
    def test_is_published_as_events_name_it(self, procedure: Procedure) -> None:
        for table in procedure.tables:
            path = DOCS / f"{procedure.name}-{table.version}.json"
            assert digest.tagged(tables.FORMAT, json.loads(path.read_text(encoding="utf-8"))) == table.digest

    def test_is_numbered_in_order(self, procedure: Procedure) -> None:
        assert [table.version for table in procedure.tables] == [*range(1, len(procedure.tables) + 1)]
        assert {table.procedure for table in procedure.tables} == {procedure.name}


class TestTheCase:
    def test_has_every_word(self) -> None:
        table = CASE.present
        assert {str(act) for act in Act} == set(table.rules)
        assert {str(duty) for duty in Duty} == set(table.duties)
        assert {str(phase) for phase in Phase if phase} == table.phases

    def test_says_all_of_a_row_that_judging_reads(self) -> None:
        document = CASE.present.document
        for act, rule in CASE.present.rules.items():
            row = document["acts"][str(act)]
            assert (row["given"], row["allows"], row["content"]) == (
                list(rule.given), list(rule.allows), list(rule.content),
            )  # fmt: skip
            assert (row["does"], row["facts"].keys(), row["annotates"]) == (
                rule.does, rule.facts.keys(), rule.annotates,
            )  # fmt: skip
            assert row["staff"] == (rule.permission is not None)
            assert len(row["needs"]) == len(rule.needs)
