"""A dossier of each version of each procedure, made by real nodes and kept as it was, is judged again for ever (scripts/golden)."""

from pathlib import Path

import pytest

from tongban import known_procedures
from tongban.procedures.dossier import dossierfile, verifier
from tongban.procedures.tables import Table

GOLDEN = Path(__file__).parents[1] / "golden"
VERSIONS = [(one.name, table) for one in known_procedures.PROCEDURES for table in one.tables]


@pytest.mark.parametrize(
    ("name", "table"), VERSIONS, ids=lambda one: one if isinstance(one, str) else one.version
)
def test_a_dossier_of_every_version_still_holds(name: str, table: Table) -> None:
    data = (GOLDEN / f"{name}-{table.version}.dossier").read_bytes()
    file = dossierfile.read(data)
    roots = list(file.document["nodes"])
    verdict = verifier.verify(data, roots)
    assert (verdict.code, verdict.findings, verdict.contested) == (verifier.HOLDS, (), ())
    assert set(file.document["tables"]) == {table.digest}


def test_no_dossier_is_kept_of_a_version_that_is_gone() -> None:
    kept = {path.stem for path in GOLDEN.glob("*.dossier")}
    assert kept == {f"{name}-{table.version}" for name, table in VERSIONS}
