"""The gate and `make prove`: what is long says why, every test belongs to a part, and runs are counted and told rightly."""

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REPORT = """<testsuites><testsuite tests="4" failures="1" errors="1" skipped="1">
<testcase classname="tests.cases.test_a.TestB" name="test_quick" time="0.5"/>
<testcase classname="tests.cases.test_a" name="test_long[x]" time="3.5"><failure>no</failure></testcase>
<testcase classname="tests.web.test_c" name="test_broken" time="1"><error>no</error></testcase>
<testcase classname="tests.web.test_c" name="test_left_out" time="0"><skipped/></testcase>
</testsuite></testsuites>"""
type Script = dict[str, Any]


@pytest.fixture
def testing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Give what the scripts have in common, with a folder of its own for reports."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.delitem(sys.modules, "testing", raising=False)
    import testing as module

    monkeypatch.setattr(module, "REPORTS", tmp_path)
    yield module
    del sys.modules["testing"]


@pytest.fixture
def prove(testing: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Script:
    """Give the script, which keeps what it has done here and takes the tree for `one`."""
    script = runpy.run_path(str(ROOT / "scripts/prove"))
    inside = script["main"].__globals__
    monkeypatch.setitem(inside, "KEPT", tmp_path / "prove")
    monkeypatch.setitem(inside, "tree", lambda: "one")
    monkeypatch.delenv("CONTINUE", raising=False)
    return inside


class TestMarks:
    def test_are_listed_with_their_reasons(self) -> None:
        script = runpy.run_path(str(ROOT / "scripts/marked"))
        text = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
        assert text == script["page"](text), "docs/testing.md is stale: make docs"
        assert text.count("\n| `tests/") > 50

    def test_are_found_wherever_they_stand(self, tmp_path: Path) -> None:
        script = runpy.run_path(str(ROOT / "scripts/marked"))
        path = tmp_path / "test_x.py"
        path.write_text(
            'pytestmark = [pytest.mark.slow, pytest.mark.prove("a")]\n'
            '@pytest.mark.prove("b")\nclass TestX:\n    @pytest.mark.prove("c")\n    def test_y(self): ...\n'
            'ALL = [1, pytest.param(2, marks=pytest.mark.prove("d"))]\n'
        )
        assert sorted(script["reasons"](path)) == [("", "a"), ("", "d"), ("TestX", "b"), ("test_y", "c")]


class TestReports:
    def test_are_counted(self, testing: Any, tmp_path: Path) -> None:
        (tmp_path / "sqlite.xml").write_text(REPORT)
        long = "tests.cases.test_a.test_long[x]"
        assert testing.seconds("sqlite").most_common(1) == [(long, 3.5)]
        assert testing.fallen("sqlite") == [long, "tests.web.test_c.test_broken"]
        assert testing.fallen("never ran") == []

    def test_name_the_slowest_and_what_is_over_the_limit(
        self, testing: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "sqlite.xml").write_text(REPORT)
        testing.tell_seconds("sqlite")
        told = capsys.readouterr().out
        assert "of 5: cases 4, web 1" in told
        assert told.index("test_long") < told.index("test_broken") < told.index("test_quick")
        testing.tell_long(["sqlite", "never ran"])
        assert capsys.readouterr().out.splitlines()[1:] == [
            "over 3 s:",
            "    3.5 s  tests.cases.test_a.test_long[x] on sqlite",
        ]

    @pytest.mark.parametrize(
        ("code", "report", "expected"),
        [
            (0, REPORT.replace('failures="1" errors="1"', ""), "3 passed, 0 failed, 1 skipped"),
            (1, REPORT, "1 passed, 2 failed, 1 skipped"),
            # It broke off before it could write, or after all had passed.
            (3, "", "0 passed, 1 failed, 0 skipped"),
            (3, REPORT.replace('failures="1" errors="1"', ""), "3 passed, 1 failed, 1 skipped"),
            (5, "", "0 passed, 0 failed, 0 skipped"),
        ],
    )
    def test_add_up(
        self, testing: Any, monkeypatch: pytest.MonkeyPatch, code: int, report: str, expected: str
    ) -> None:
        def pytest_that_ends(command: list[str], **more: Any) -> Any:
            path = next(Path(word.removeprefix("--junitxml=")) for word in command if "junitxml" in word)
            if report:
                path.write_text(report)
            return type("Ended", (), {"returncode": code})

        monkeypatch.setattr(testing.subprocess, "run", pytest_that_ends)
        assert str(testing.run("sqlite", ["tests"], "sqlite")) == expected


class TestProve:
    def test_has_every_folder_in_one_part(self, prove: Script) -> None:
        own = [f"tests/{name}" for name in prove["OWN"]]
        assert all((ROOT / one).is_dir() for one in own)
        assert [prove["paths_of"](name) for name in prove["OWN"]] == [[one] for one in own]
        assert prove["paths_of"]("rest") == ["tests", *(f"--ignore={one}" for one in own)]

    def test_asks_both_databases_and_tells_what_took_long(
        self, prove: Script, testing: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran: list[tuple[str, list[str]]] = []
        told: list[str] = []
        monkeypatch.setattr(
            testing, "run", lambda database, words, report: ran.append((database, words)) or testing.Result(1)
        )
        monkeypatch.setattr(testing, "tell_seconds", told.append)
        assert prove["run"]("tests/web/test_parts.py").passed == 2
        assert ran == [
            ("sqlite", ["tests/web/test_parts.py"]),
            ("postgres", ["-m", "database", "tests/web/test_parts.py"]),
        ]
        assert told == ["prove-web-test_parts.py-sqlite", "prove-web-test_parts.py-postgres"]

    def test_takes_any_path(self, prove: Script) -> None:
        assert prove["paths_of"]("kernel") == ["tests/kernel"]
        assert prove["paths_of"]("tests/web/test_scope.py") == ["tests/web/test_scope.py"]

    def test_goes_on_where_it_was(
        self, prove: Script, testing: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ran: list[str] = []

        def run(part: str) -> Any:
            ran.append(part)
            if part == "cases":
                raise KeyboardInterrupt
            return testing.Result(passed=2, failed=int(part == "web"))

        monkeypatch.setitem(prove, "run", run)
        assert prove["main"]([]) == 1
        assert ran == ["checks", "browser", "web", "cases"]
        told = capsys.readouterr().out.splitlines()
        assert told[-2].startswith("not run: cases, ")
        assert told[-1] == "6 passed, 1 failed, 0 skipped"

        ran.clear()
        monkeypatch.setenv("CONTINUE", "1")
        monkeypatch.setitem(prove, "run", lambda part: ran.append(part) or testing.Result(passed=1))
        assert prove["main"]([]) == 0
        # What failed is run again, what passed is counted as it was.
        assert ran == ["web", *prove["OWN"][2:], "rest"]
        assert capsys.readouterr().out.splitlines()[-1] == f"{4 + len(ran)} passed, 0 failed, 0 skipped"

    @pytest.mark.parametrize(("variable", "now"), [("", "one"), ("1", "another")])
    def test_begins_anew_unless_told_and_after_any_change(
        self, prove: Script, testing: Any, monkeypatch: pytest.MonkeyPatch, variable: str, now: str
    ) -> None:
        ran: list[str] = []
        monkeypatch.setitem(prove, "run", lambda part: ran.append(part) or testing.Result(passed=1))
        prove["main"]([])
        monkeypatch.setenv("CONTINUE", variable)
        monkeypatch.setitem(prove, "tree", lambda: now)
        prove["main"]([])
        assert ran == ["checks", *prove["OWN"], "rest"] * 2

    def test_keeps_what_a_part_came_to_and_of_a_path_nothing(
        self, prove: Script, testing: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(prove, "run", lambda part: testing.Result(passed=3, skipped=1))
        assert prove["main"](["web", "tests/web/test_scope.py"]) == 0
        (kept,) = prove["KEPT"].iterdir()
        assert kept.name == "web.json"
        said = json.loads(kept.read_text())
        assert said == {"tree": "one", "passed": 3, "failed": 0, "skipped": 1, "seconds": said["seconds"]}


class TestSteady:
    def test_names_what_fell_once(
        self, testing: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        script, runs = runpy.run_path(str(ROOT / "scripts/steady")), []
        monkeypatch.delenv("TONGBAN_TEST_POSTGRES", raising=False)

        def run(database: str, words: list[str], report: str) -> Any:
            runs.append((database, words))
            return testing.Result(passed=1, failed=int(len(runs) == 2))

        monkeypatch.setattr(testing, "run", run)
        monkeypatch.setattr(testing, "fallen", lambda report: ["tests.a.test_b"] if len(runs) == 2 else [])
        assert script["main"](["tests/a", "--times", "3", "--beside", "0"]) == 1
        assert runs == [("sqlite", ["-q", "-m", "not prove", "tests/a"])] * 3
        told = capsys.readouterr().out.splitlines()
        assert told[-2:] == [
            "fell 1 of 3 times: tests.a.test_b on sqlite",
            "1 tests fell at least once",
        ]

    def test_keeps_the_cores_busy_and_leaves_nothing_running(self, testing: Any) -> None:
        busy = runpy.run_path(str(ROOT / "scripts/steady"))["busy"]
        with busy(2) as loops:
            assert [loop.poll() for loop in loops] == [None, None]
        assert None not in [loop.poll() for loop in loops]
