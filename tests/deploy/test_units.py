"""The unit is one that systemd takes, and gives the node no more than it needs."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = (DEPLOY / "tongban.service").read_text(encoding="utf-8")


def settings() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT)
    return parser["Service"]


@pytest.mark.attack("F")
def test_holds_the_node_in_bounds() -> None:
    held = {
        "User": "tongban", "UMask": "0077", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "Restart": "always",
        "ReadWritePaths": "/srv/tongban", "CapabilityBoundingSet": "", "KillSignal": "SIGINT",
    }  # fmt: skip
    assert {name: settings()[name] for name in held} == held
    assert settings()["MemoryMax"] == "6G"


def test_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.fail("This needs systemd-analyze: apt-get install systemd, or run by `make test`")
    unit = tmp_path / "tongban.service"
    unit.write_text(UNIT.replace("/opt/tongban/.venv/bin/tongban", sys.executable), encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, "")
