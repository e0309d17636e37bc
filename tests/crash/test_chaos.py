"""`scripts/chaos` in its short form: every kind of fault once or more; the long one is run on demand (docs/reliability.md)."""

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.prove("kills and breaks nodes for minutes")]

RUNNER = Path(__file__).resolve().parents[2] / "scripts/chaos"
SHORT = ["--seed", "20261125", "--faults", "12", "--workers", "2", "--seconds", "120"]


def test_what_was_acknowledged_outlives_faults_of_every_kind_and_all_nodes_agree(tmp_path: Path) -> None:
    told = tmp_path / "summary.json"
    ended = subprocess.run(
        [RUNNER, *SHORT, "--json", told, "--folder", tmp_path / "run"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, check=False,
    )  # fmt: skip

    assert told.exists(), ended.stderr
    summary = json.loads(told.read_text(encoding="utf-8"))
    assert summary["lost"] == []
    assert summary["violations"] == {}
    assert {"kill", "crash_point", "clock", "disk", "line"} <= summary["faults"].keys()
    assert summary["acknowledged"] > 0
    assert ended.returncode == 0, ended.stderr
