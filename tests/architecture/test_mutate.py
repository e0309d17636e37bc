"""`scripts/mutate` finds small changes, notices which tests fall, and says what nobody noticed."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FINDING = runpy.run_path(str(ROOT / "scripts/mutations.py"))

PLAN = """
base = "src/sample"
preload = ["hypothesis", "django.test", "schemathesis.pytest.plugin"]
[[group]]
modules = ["age", "not_there"]
tests = ["tests/test_age.py tests/test_not_there.py"]
"""
SOURCE = """
# 年龄
def may_sign(age: int) -> bool:
    if age > 150:
        raise ValueError("nobody is that old")
    while age < 0:
        age += 1
    return age >= 18
"""
TESTS = """
from sample.age import may_sign

def test_eighteen():
    assert may_sign(18) and not may_sign(17) and not may_sign(-1)
"""
EXPLAINED = """
# Why these two make no difference.

src/sample/age.py:7 in may_sign
- while age < 0:
+ while age < 1:
It counts as far as one,
and nobody signs at one either.
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    written = {"tests/mutations.toml": PLAN, "src/sample/__init__.py": "", "src/sample/age.py": SOURCE,
               "tests/test_age.py": TESTS, "pyproject.toml": "[tool.pytest.ini_options]"}  # fmt: skip
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def mutate(root: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    told = root / "told"
    command = [
        sys.executable,
        ROOT / "scripts/mutate",
        "--root",
        root,
        "--json",
        told,
        "--jobs",
        "1",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return done.returncode, done.stdout + done.stderr, {one["id"]: one for one in map(json.loads, lines)}


@pytest.mark.slow
class TestASample:
    @pytest.mark.prove("runs pytest in copies of a tree")
    def test_is_changed_and_its_tests_fall_or_do_not(self, sample: Path) -> None:
        (sample / "docs").mkdir()
        (sample / "docs/mutations-explained.txt").write_text(EXPLAINED, encoding="utf-8")

        code, said, told = mutate(sample, "--patience", "1", "--at-least", "99")

        assert code == 1, said
        assert told["age:8:compare:0"]["fate"] == "killed"
        assert told["age:8:compare:0"]["by"] == "tests/test_age.py::test_eighteen"
        assert told["age:7:number:1"]["by"] == "the time limit"
        assert told["age:5:raise:0"]["fate"] == "survived"
        assert told["age:6:number:0"]["fate"] == "explained"
        assert (
            'src/sample/age.py:5 in may_sign\n- raise ValueError("nobody is that old")\n+ pass\n# age:5:raise:0'
            in said
        )
        assert (sample / "src/sample/age.py").read_text(encoding="utf-8") == SOURCE
        assert not list((sample / "var/mutate").iterdir())

    def test_one_change_can_be_tried(self, sample: Path) -> None:
        code, said, told = mutate(sample, "--id", "age:8:number:1", "--at-least", "100")
        assert (code, list(told)) == (0, ["age:8:number:1"]), said

    @pytest.mark.parametrize(("words", "fate"), [([], "survived"), (["--long"], "killed")])
    def test_asks_what_is_long_only_when_told(self, sample: Path, words: list[str], fate: str) -> None:
        long = TESTS.replace("def test", "import pytest\n@pytest.mark.prove('long')\ndef test")
        (sample / "tests/test_age.py").write_text(long)
        _, said, told = mutate(sample, "--id", "age:8:number:1", *words)
        assert told["age:8:number:1"]["fate"] == fate, said

    def test_whose_tests_fail_unchanged_teaches_nothing(self, sample: Path) -> None:
        (sample / "tests/test_age.py").write_text(TESTS.replace("17", "19"))
        code, said, told = mutate(sample)
        assert (code, told) == (2, {})
        assert "tests/test_age.py::test_eighteen" in said


@pytest.mark.parametrize(
    "kind, before, after",
    [
        ("compare", "a < b <= c", ["a <= b <= c", "a < b < c"]),
        ("compare", "a is not  b", ["a is b"]),
        ("logic", "a and (b or c)", ["a or (b or c)", "a and (b and c)"]),
        ("not", "x = not (a or b)", ["x = (a or b)"]),
        ("number", "a = '三', 3", ["a = '三', 4", "a = '三', 2"]),
        ("number", "f'{a:02d}'", []),
        ("minmax", "min(a, b)", ["max(a, b)"]),
        ("element", "('甲', b)", ["(b,)", "('甲',)"]),
        ("element", "{a, b, c}", ["{b, c}", "{a, c}", "{a, b}"]),
        ("element", "a: dict[str, int] = b, c", []),
        ("keyword", "f(a, b=(1), c=2)", ["f(a, c=2)", "f(a, b=(1))"]),
        ("keyword", "f(b=1)", ["f()"]),
    ],
)
def test_a_change_is_one_small_piece_of_source(kind: str, before: str, after: list[str]) -> None:
    found = FINDING["mutations"]("m", "m.py", f"'''1 < 2'''\n{before}\n".encode())
    assert [one.after for one in found if one.kind == kind] == after


@pytest.mark.parametrize(
    "kind, line, after",
    [("guard", 2, "if (False):"), ("code", 3, "return None"), ("raise", 5, "pass")],
)
def test_a_guard_its_code_and_a_refusal_can_be_lost(kind: str, line: int, after: str) -> None:
    source = b"def f(a, b):\n    if (a or b):\n        return 'wrong'\n    if not a:\n        raise KeyError(\n            b)\n"
    first = next(one for one in FINDING["mutations"]("m", "m.py", source) if one.kind == kind)
    assert (first.id, first.where, first.after) == (f"m:{line}:{kind}:0", "m.py in f", after)


def test_a_sample_is_spread_and_can_be_taken_again() -> None:
    source = b"a < b\nc < d\ne < f\ng and h\n"
    found = [*FINDING["mutations"]("m", "m.py", source), *FINDING["mutations"]("n", "n.py", source)]
    picked = FINDING["spread"](found, 2, 7)
    assert {one.module for one in picked} == {"m", "n"}
    assert {one.kind for one in picked} == {"compare", "logic"}
    assert FINDING["spread"](found, 2, 7) == picked


def test_what_is_explained_still_stands_in_the_source() -> None:
    explained = FINDING["explanations"](ROOT / "docs/mutations-explained.txt")
    paths = {where.partition(" in ")[0] for where, _, _ in explained}
    found = {
        one.place for path in paths for one in FINDING["mutations"]("", path, (ROOT / path).read_bytes())
    }
    assert not explained.keys() - found
