"""Walks are done once a run, each by whichever test process needs it first; the others read what it saw."""

import fcntl
import shutil
from pathlib import Path

import pytest

from tests.browser import errand
from tests.browser.chromium import CHROMIUM
from tests.browser.seen import Seen
from tests.crash.conftest import original
from tests.crash.nodes import Node, copied, ended
from tests.signin.provider import provider
from tongban.configuration.config import CONFIG_NAME
from tongban.demonstration import running

__all__ = ["examined", "original", "walk"]


# Where the nodes of a walk lie, also afterwards.
WALKED = {True: "walk-with-scripts", False: "walk-without-scripts"}


@pytest.fixture(scope="session", params=[True, False], ids=["with scripts", "without scripts"])
def walk(request: pytest.FixtureRequest, original: Path) -> Seen:
    """Return what was seen while everybody did their part of the errand, with scripts and without."""
    return walked(original, scripts=request.param)


@pytest.fixture(scope="session")
def examined(original: Path) -> Seen:
    """Return what was seen with scripts, which is when every page is examined."""
    return walked(original, scripts=True)


def trust(node: Node, provider: str) -> None:
    """Let people sign in at a node with an identity provider."""
    config, secret = node.built.home / CONFIG_NAME, node.built.home / "provider-secret"
    secret.write_text("any will do", encoding="ascii")
    told = {
        "key": "mock",
        "name": "演示认证平台",
        "issuer": provider,
        "client_id": "node",
        "secret_file": secret.name,
    }
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    with config.open("a", encoding="utf-8") as more:
        more.write("\n".join(["\n[[identity_provider]]", *lines, "level_unstated = 2\n"]))


def walked(original: Path, *, scripts: bool) -> Seen:
    assert CHROMIUM.exists(), (
        f"{CHROMIUM} is missing: run the tests by `scripts/services -- pytest`, which installs it."
    )
    folder = original.with_name(WALKED[scripts])
    report = folder.with_suffix(".json")
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.exists():
            shutil.rmtree(folder, ignore_errors=True)
            with (
                pytest.MonkeyPatch.context() as patience,
                provider(float((original / "clock").read_text())) as address,
                ended(copied(original, folder)) as nodes,
            ):
                patience.setattr(running, "PATIENCE", 240.0)  # a busy machine is no bug
                for node in nodes.values():
                    trust(node, address)
                    node.start()
                report.write_text(errand.walk(nodes, scripts=scripts).to_text(), encoding="utf-8")
    return Seen.of_text(report.read_text(encoding="utf-8"))
