"""Looking at a case by a code, in a real browser: from the window to the telephone and back, over a gateway of its own."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser import window
from tests.browser.chromium import Somebody
from tests.browser.seen import Seen
from tests.browser.test_live import browser, seen
from tests.crash.nodes import Node, copied, ended, free_ports
from tests.patience import PATIENCE
from tongban.demonstration import running

__all__ = ["browser", "seen"]

pytestmark = [pytest.mark.slow, pytest.mark.prove("walks two nodes by browser")]


@dataclass
class Telephone:
    """What the stand-in for an operator has taken."""

    port: int

    def code(self, number: str) -> str:
        """Return the code that was sent about a case, as soon as it is there."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            found = re.search(rf"验证码([0-9]{{6}}).*尾号{number[-4:]}", self._sent())
            if found:
                return found[1]
            time.sleep(0.2)
        raise AssertionError(self._sent())

    def _sent(self) -> str:
        key = {"authorization": f"Bearer {running.GATEWAY_KEY}"}
        try:
            taken = httpx.get(f"http://127.0.0.1:{self.port}/sent", headers=key, trust_env=False).json()
        except httpx.TransportError:
            return ""
        return "\n".join(one["text"] for one in taken["sms"])


@pytest.fixture(scope="module")
def served(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Telephone]]:
    """Serve one node that sends by a gateway."""
    ports = free_ports(2)
    with ended(copied(original, tmp_path_factory.mktemp("visiting"))) as nodes:
        node = nodes["qingyang"]
        gateway = running.gateway([node.built], (ports[0], ports[1]))
        node.start()
        yield node, Telephone(ports[0])
        gateway.terminate()
        gateway.wait()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_whoever_was_at_the_window_sees_their_case_and_leaves(
    browser: Any, served: tuple[Node, Telephone], seen: Seen, scripts: bool
) -> None:
    node, telephone = served
    number = window.takes_in(window.sits_down(Somebody(browser, node, seen, scripts=scripts), "window"))
    me = Somebody(browser, node, seen, scripts=scripts)
    me.open("/").click("凭编号查进度").fill({"number": number})
    me.click("发送验证码到办件登记的手机").fill({"code": "000000"})
    me.click("查看办件", status=422).fill({"code": telephone.code(number)})
    me.click("查看办件")
    assert me.page.url.endswith("/lookup/case/")
    assert "已收件" in me.words()
    me.click("看完了，退出").open("/lookup/case/", status=401)
