"""The pages that answer to standards: complete, counted, and naming nothing that is not there."""

import ast
import re
import runpy
from pathlib import Path

import pytest

from tongban.accounts.access import hashing, passwords
from tongban.accounts.people import opened
from tongban.api import paging, parsing
from tongban.assembly import bodies, door
from tongban.kernel.crypto import sm
from tongban.materials import commands, images, ofd, pdfs, quotas, uploads
from tongban.signin import identified, sessions, throttle

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts/standards"))
ASVS = (ROOT / "docs/asvs-5-level-2.md").read_text(encoding="utf-8")
MLPS = (ROOT / "docs/mlps-level-3.md").read_text(encoding="utf-8")
DECISIONS = (ROOT / "docs/security-decisions.md").read_text(encoding="utf-8")
PAGES = [
    "docs/asvs-5-level-2.md",
    "docs/mlps-level-3.md",
    "docs/security-decisions.md",
    "docs/security-review.md",
]
FILE = re.compile(
    r"(?<![\w./-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|conf|service|html|js|css|json|toml|lock))(?![\w/])"
)
# What a node or its operator makes, so that no repository holds it.
MADE = {"var/sbom.json", "config.toml"}
SEARCHED = ("src", "tests", "docs", "deploy", "scripts")


def spans(page: str) -> list[str]:
    """Return what a page sets as code."""
    return re.findall(r"`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8"))


def found(name: str) -> list[Path]:
    """Return the files that a page may mean: a path from the root or from the package, or a bare name."""
    paths = [ROOT / name, ROOT / "src/tongban" / name]
    if "/" not in name:
        paths += [path for folder in SEARCHED for path in (ROOT / folder).rglob(name)]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("page", PAGES)
class TestWhatAPageNames:
    def test_files_are_there(self, page: str) -> None:
        named = {name for span in spans(page) for name in FILE.findall(span)} - MADE
        assert named
        assert not [name for name in sorted(named) if not found(name)]

    def test_tests_test_something(self, page: str) -> None:
        named = {
            name
            for span in spans(page)
            for name in FILE.findall(span)
            if re.search(r"(^|/)test_\w+\.py$", name)
        }
        assert named or page == "docs/security-decisions.md"
        for name in sorted(named):
            trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in found(name)]
            tests = [
                node.name for tree in trees for node in tree
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            ]  # fmt: skip
            assert tests, name


class TestAsvs:
    def test_has_each_requirement_once_in_order_at_its_level(self) -> None:
        assert [(row.number, row.level) for row in SCRIPT["rows"](ASVS)] == list(SCRIPT["required"]().items())

    def test_knows_how_many_the_standard_has(self) -> None:
        assert [len(SCRIPT["required"](level)) for level in "123"] == [70, 70 + 183, 345]

    def test_leaves_no_row_that_is_not_counted(self) -> None:
        assert len(re.findall(r"^\| V\d+\.", ASVS.partition(SCRIPT["REST"])[0], re.MULTILINE)) == 253

    def test_says_one_of_five_things_of_each(self) -> None:
        assert not [row.number for row in SCRIPT["rows"](ASVS) if row.state not in SCRIPT["STATES"]]

    def test_gives_evidence_of_what_holds_and_of_what_is_left_to_operators(self) -> None:
        told = [row for row in SCRIPT["rows"](ASVS) if row.state in ("holds", "operator")]
        assert not [
            row.number
            for row in told
            if not re.search(r"`(?:src|tests|docs|deploy)/|`\w+\.(?:toml|md)`", row.why)
        ]

    def test_says_what_would_be_done_about_all_that_is_open_and_nothing_else(self) -> None:
        opened_ = {row.number for row in SCRIPT["rows"](ASVS) if row.state in SCRIPT["OPEN"]}
        assert opened_ == SCRIPT["promised"](ASVS)

    def test_is_counted(self) -> None:
        assert SCRIPT["page"](ASVS) == ASVS, "docs/asvs-5-level-2.md is stale: make docs"


class TestMlps:
    # GB/T 22239-2019 8.1.4: how many letters each section has; none where it is one item.
    ITEMS = {1: 4, 2: 7, 3: 4, 4: 6, 5: 0, 6: 0, 7: 2, 8: 2, 9: 3, 10: 2, 11: 2}
    STATES = {"met", "in part", "not met", "operator", "OPEN"}
    ROWS = re.findall(
        r"^\| 8\.1\.4\.(\d+)(?: [\u4e00-\u9fff]+)?(?: ([a-g]))? \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
        MLPS, re.MULTILINE,
    )  # fmt: skip

    def test_has_each_item_once_in_order(self) -> None:
        wanted = [
            (str(section), letter)
            for section, letters in self.ITEMS.items()
            for letter in ("abcdefg"[:letters] or [""])
        ]
        assert [(section, letter) for section, letter, *_ in self.ROWS] == wanted

    def test_says_how_sure_it_is_and_how_it_stands(self) -> None:
        assert {sure for _, _, _, sure, *_ in self.ROWS} <= {"V-impl", "M"}
        assert {state for _, _, _, _, state, *_ in self.ROWS} <= self.STATES

    def test_gives_evidence_of_what_is_met(self) -> None:
        assert not [row[:2] for row in self.ROWS if row[4] in ("met", "operator") and "`" not in row[6]]

    def test_says_what_would_be_done_about_all_that_is_open_and_nothing_else(self) -> None:
        open_ = {
            f"8.1.4.{section} {letter}".strip() for section, letter, _, _, state, *_ in self.ROWS
            if state not in ("met", "operator")
        }  # fmt: skip
        listed = re.findall(r"^\| (8\.1\.4[^|]+) \|", MLPS.partition("## What is open\n")[2], re.MULTILINE)
        assert {item for items in listed for item in items.split(", ")} == open_


class TestFigures:
    """What the page of decisions says in figures is what the code does."""

    @pytest.mark.parametrize(
        ("told", "held"),
        [
            ("4 KB to 65 MB", max(row.most for row in bodies.ROWS) == 65 * bodies.MB),
            ("256 MB of all together", door.HELD == 256 * bodies.MB),
            ("1,000 members an object, 64 levels, 50,000 values", (parsing.MEMBERS, parsing.LEVELS, parsing.VALUES) == (1000, 64, 50_000)),
            ("two at once, one waits two seconds", (hashing.GATE.at_once, hashing.GATE.waiting, hashing.GATE.patience) == (2, 1, 2.0)),
            ("5 by account and address, 30 by address, 20 by account, in a quarter of an hour", (
                throttle.FROM_ONE_ADDRESS, throttle.OF_ONE_ADDRESS, throttle.FROM_ANYWHERE, throttle.LOCK.total_seconds()
            ) == (5, 30, 20, 900)),
            ("5 by address in a quarter of an hour", throttle.FROM_ONE_ADDRESS == 5),
            ("20 MB, 40 million pixels, 2,000 pages, 512 MB unpacked, 5,000 entries", (
                commands.DEFAULT_MAX_BYTES >> 20, images.MAX_PIXELS, pdfs.MAX_PAGES, pdfs.MAX_UNPACKED >> 20, ofd.MAX_UNPACKED >> 20,
                ofd.MAX_ENTRIES,
            ) == (20, 40_000_000, 2000, 512, 512, 5000)),
            ("200 MB; ten uploads at once, a day each", (
                commands.CASE_MAX_BYTES >> 20, uploads.AT_ONCE, uploads.KEPT_FOR.days
            ) == (200, 10, 1)),
            ("20 open drafts, 30 begun a day, 500 MB", (quotas.DRAFTS, quotas.A_DAY, quotas.BYTES >> 20) == (20, 30, 500)),
            ("| sessions of a person | ten |", opened.MOST == 10),
            ("pages of at most 100", "le=100" in repr(paging.Limit) or "Le(le=100)" in repr(paging.Limit)),
            ("30 minutes idle, 10 hours", sessions.IDLE[sessions.Who.STAFF].seconds == 1800
                and sessions.LONGEST[sessions.Who.STAFF].seconds == 36_000),
            ("60 minutes idle, 12 hours", sessions.IDLE[sessions.Who.APPLICANT].seconds == 3600
                and sessions.LONGEST[sessions.Who.APPLICANT].seconds == 43_200),
            ("a face counts for 30 minutes", identified.FACE.seconds == 1800),
        ],
    )  # fmt: skip
    def test_are_those_of_the_code(self, told: str, held: bool) -> None:
        assert told in DECISIONS
        assert held

    def test_of_the_other_page_too(self) -> None:
        assert "PBKDF2 of 600,000 rounds" in ASVS
        assert sm.PBKDF2_ROUNDS == 600_000
        assert "128: `tests/accounts/test_passwords.py`" in ASVS
        assert (passwords.SHORTEST, passwords.LONGEST) == (10, 128)
