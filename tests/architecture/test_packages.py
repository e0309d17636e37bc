"""Every package says what it owns; what needs no Django imports none."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/tongban"
PACKAGES = sorted(
    path for path in SOURCE.rglob("__init__.py") if not {"migrations", "management"} & set(path.parts)
)

# One line each. Rules and proofs that must be readable, testable and shippable without a database.
PURE_MODULES = [
    "accounts.access.actor",
    "accounts.identifiers",
    "agreements.documents",
    "cases.procedure",
    "kernel.journal.bounds",
    "kernel.time.calendar",
    "kernel.crypto.canon",
    "kernel.crypto.digest",
    "kernel.errors",
    "kernel.journal.events",
    "kernel.journal.fold",
    "kernel.journal.heads",
    "kernel.crypto.keychain",
    "kernel.limits",
    "kernel.journal.merkle",
    "kernel.journal.numbers",
    "kernel.journal.sealed",
    "kernel.journal.shape",
    "kernel.crypto.signed",
    "kernel.crypto.sm",
    "kernel.journal.withholding",
    "materials.container",
    "materials.forms",
    "materials.inspection",
    "known_procedures",
    "procedures.deadlines",
    "procedures.deciding",
    "procedures.dossier.verifier",
    "procedures.judging",
    "procedures.printing",
    "seals.certificates",
    "seals.drawing",
]
WITHOUT_DJANGO = "import sys; sys.modules['django'] = None; import tongban.{module}"


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
def test_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"


@pytest.mark.slow
@pytest.mark.parametrize("module", PURE_MODULES)
def test_runs_without_django(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO.format(module=module)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
