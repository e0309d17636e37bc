"""Every finding that docs/security-review.md calls answered is tried again by a test that names it, and the page names the test."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security-review.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ((?:[A-H]\d?)(?:, [A-H]\d?)*) [^|]*\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def told() -> dict[str, set[str]]:
    """Return by finding the files that the page says hold its answer; none for what is open."""
    found: dict[str, set[str]] = {}
    for names, answer, held in ROW.findall(PAGE):
        files = set(re.findall(r"`(tests/[\w/]+\.py)`", held))
        assert files or ("**open**" in answer and held.strip() == "–"), names
        assert not found.keys() & set(names.split(", ")), names
        found |= dict.fromkeys(names.split(", "), files)
    return found


def findings_of(mark: ast.expr) -> list[str]:
    """Return what `pytest.mark.attack("…")` names; nothing of another mark."""
    if not (isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.attack"):
        return []
    return [str(ast.literal_eval(argument)) for argument in mark.args]


def marked(node: ast.AST) -> list[str]:
    """Return the findings that a test, a class of tests or, by `pytestmark`, a module is marked with."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        findings = [one for mark in node.decorator_list for one in findings_of(mark)]
        assert not findings or node.name.lower().startswith("test"), node.name
        return findings
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
        marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
        return [one for mark in marks for one in findings_of(mark)]
    return []


def tried() -> dict[str, set[str]]:
    """Return by finding the files with a test that is marked with it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for finding in marked(node):
                found[finding].add(path.relative_to(ROOT).as_posix())
    return found


def test_the_page_and_the_marks_say_the_same() -> None:
    answered = {finding: files for finding, files in told().items() if files}
    assert dict(tried()) == answered


def test_the_page_lists_every_finding() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| [A-H]\d?[ ,]", line)]
    assert len(rows) == len(ROW.findall(PAGE)) > 30
