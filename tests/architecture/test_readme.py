"""What the READMEs and the pages under docs/ name exists; the two READMEs say the same."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from tongban.cases.words import Act, Clock, Duty, Mode, Phase, Power, Role
from tongban.commandline.group import tongban
from tongban.demonstration.courses import COURSES
from tongban.demonstration.hard_courses import HARD_COURSES
from tongban.procedures.rule import Holder

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]
PAGES = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MADE_BY_RUNNING = ("var/", ".venv/", ".tools/")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)


def prose(page: str) -> str:
    return re.sub(r"^```\w*\n.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def code(page: str) -> str:
    """Return what a page sets as code: blocks and spans, one a line."""
    return "\n".join([*blocks(page), *re.findall(r"`([^`\n]+)`", prose(page))])


def command(words: list[str]) -> click.Command | None:
    """Return the command that the words after `tongban` name, if there is one."""
    found: click.Command | None = tongban
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word)
        if found is None:
            return None
    return found


class TestBothReadmes:
    def test_have_the_same_headings(self) -> None:
        levels = [re.findall(r"^#+ ", prose(page), flags=re.MULTILINE) for page in READMES]
        assert levels[0] == levels[1]

    def test_have_the_same_code(self) -> None:
        without_remarks = [[re.sub(r" *# .*", "", block) for block in blocks(page)] for page in READMES]
        assert without_remarks[0] == without_remarks[1]

    def test_link_to_the_same_pages(self) -> None:
        links = [set(re.findall(r"\]\(([^)]+)\)", prose(page))) - set(READMES) for page in READMES]
        assert links[0] == links[1]

    def test_name_the_same_folders(self) -> None:
        folders = [re.findall(r"`([\w/.-]+/)`", prose(page)) for page in READMES]
        assert folders[0] == folders[1]


@pytest.mark.parametrize("page", PAGES)
class TestWhatAPageNames:
    def test_links_lead_somewhere(self, page: str) -> None:
        links = re.findall(r"\]\(([^)#]+)", prose(page))
        inside = [link for link in links if not link.startswith(("http://", "https://"))]
        assert not [link for link in inside if not (ROOT / page).parent.joinpath(link).exists()]

    def test_paths_exist(self, page: str) -> None:
        named = re.findall(r"(?<![\w/.<])((?:src|docs|tests|scripts)/[\w/.-]*\w/?)", code(page))
        assert not [path for path in named if not (ROOT / path).exists()]

    def test_modules_exist(self, page: str) -> None:
        packages = "|".join(path.parent.name for path in (ROOT / "src/tongban").glob("*/__init__.py"))
        named = re.findall(rf"(?<![\w/.])((?:{packages})/[\w/]+\.py)", code(page))
        assert not [path for path in named if not (ROOT / "src/tongban" / path).exists()]

    def test_make_targets_exist(self, page: str) -> None:
        targets = set(re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE))
        assert set(re.findall(r"\bmake ([a-z]+)", code(page))) <= targets

    def test_commands_exist(self, page: str) -> None:
        named = re.findall(r"\btongban((?: [a-z]+(?:-[a-z]+)*)+)", code(page))
        assert not [line for line in named if command(line.split()) is None]

    def test_options_exist(self, page: str) -> None:
        for line in re.findall(r"\btongban( [a-z]+.*)", code(page).replace("\\\n", " ")):
            found = command(re.findall(r"(?<= )[a-z]+(?:-[a-z]+)*(?= |$)", line.partition(" --")[0]))
            known = {name for param in found.params for name in param.opts} | {"--help"} if found else set()
            assert set(re.findall(r"(?<= )--[a-z-]+", line.partition("#")[0])) <= known, line


class TestPictures:
    @pytest.mark.parametrize("page", PAGES)
    def test_that_a_page_shows_exist(self, page: str) -> None:
        shown = re.findall(r'<img src="([^"]+)" alt="[^"]+"', text(page))
        assert len(shown) == text(page).count("<img")
        assert not [path for path in shown if not (ROOT / page).parent.joinpath(path).is_file()]

    def test_are_small_and_shown_somewhere(self) -> None:
        pictures = sorted((ROOT / "docs/guide").glob("*.png"))
        everything = "".join(map(text, PAGES))
        assert pictures
        assert not [path.name for path in pictures if path.stat().st_size > 150 * 1024]
        assert not [path.name for path in pictures if path.name not in everything]


class TestGlossary:
    @pytest.mark.parametrize("words", [Role, Phase, Act, Duty, Holder, Power, Mode, Clock])
    def test_explains_every_word_of_the_code(self, words: type) -> None:
        rows = {
            (row[1], row[2]): row[3]
            for row in re.finditer(
                r"^\| (\w+) \| `([^`]+)` \| ([^|]+) \|", text("docs/glossary.md"), re.MULTILINE
            )
        }
        missing = [
            word for word in words if word and not CHINESE.search(rows.get((words.__name__, str(word)), ""))
        ]
        assert not missing


class TestCounts:
    def test_of_errands_and_guides_are_right(self) -> None:
        told = [
            re.search(r"The errands: (.*?)\. ", text(READMES[0]).replace("\n", " ")),
            re.search(r"这些事是：(.*?)。", text(READMES[1]).replace("\n", "")),
        ]
        assert [len(re.split("[;；]", one[1])) for one in told if one] == [len(COURSES), len(COURSES)]
        hard = ("Four meet trouble" in text(READMES[0]), "另有四件遇到难处" in text(READMES[1]))
        assert hard == (len(HARD_COURSES) == 4,) * 2
        total = len([*COURSES, *HARD_COURSES])
        assert ("eighteen errands" in text(READMES[0]), "十八件事" in text(READMES[1])) == (total == 18,) * 2
        guides = len(list((ROOT / "src/tongban/catalogue/data/guides").glob("*.json")))
        assert ("sixteen" in text(READMES[0]), "十六个" in text(READMES[1])) == (guides == 16,) * 2


class TestDependencies:
    def test_have_a_reason_in_the_decision(self) -> None:
        project = tomllib.loads(text("pyproject.toml"))
        groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
        named = {re.split(r"[\[<>=]", one)[0] for group in groups for one in group}
        page = text("docs/decisions/0011-dependencies.md").lower()
        assert not [name for name in sorted(named) if not re.search(rf"\b{re.escape(name)}\b", page)]


@pytest.mark.slow
def test_the_readme_tells_the_exit_codes_of_verify() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tongban.cli", "dossier", "verify", "--help"], capture_output=True, text=True
    )
    assert "4 完整，但未给出可信根" in done.stdout
    assert "4" in re.findall(r"exit code (\d)", text("README.md"))
