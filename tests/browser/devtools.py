"""
An old Chromium, driven by the DevTools protocol over a pair of pipes.

Playwright speaks to engines of its own age only; of the protocol, what is needed here has not changed since Chromium 79.
"""

import base64
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--lang=zh-CN", "--hide-scrollbars",
    "--remote-debugging-pipe", "--window-size=1280,800",
]  # fmt: skip
# The browser wants its pipes as numbers 3 and 4.
WITH_PIPES = """
import fcntl, os, sys
given = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for number, one in zip((3, 4), given):
    os.dup2(one, number)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Engine:
    """One page of an old browser."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes
        self._kept, self._last, self._session = b"", 0, ""
        self.thrown: list[str] = []  # what scripts of the pages died of
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Runtime.enable")

    @property
    def version(self) -> str:
        """What it calls itself, such as HeadlessChrome/79.0.3945.0."""
        return str(self.ask("Browser.getVersion")["product"])

    def open(self, url: str) -> None:
        self._and_wait("Page.navigate", url=url)

    def press(self, selector: str) -> None:
        """Press what leads to another page."""
        self._and_wait(
            "Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)}).click()"
        )

    def tell(self, expression: str) -> Any:
        """Return what an expression comes to in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self) -> bytes:
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Let the browser do something, and return its answer."""
        self._last += 1
        asked = {"id": self._last, "method": method, "params": params}
        if self._session and not method.startswith(("Target.", "Browser.")):
            asked["sessionId"] = self._session
        os.write(self._writes, json.dumps(asked).encode() + b"\0")
        answer = next(told for told in self._told() if told.get("id") == self._last)
        assert "error" not in answer, (method, answer)
        result: dict[str, Any] = answer["result"]
        return result

    def _and_wait(self, method: str, **params: Any) -> None:
        self.ask(method, **params)
        next(told for told in self._told() if told.get("method") == "Page.loadEventFired")

    def _told(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self._kept:
                assert select.select([self._reads], [], [], PATIENCE)[0], "the old browser says nothing"
                more = os.read(self._reads, 1 << 20)
                assert more, "the old browser has ended"
                self._kept += more
            message, _, self._kept = self._kept.partition(b"\0")
            told = json.loads(message)
            if told.get("method") == "Runtime.exceptionThrown":
                self.thrown.append(json.dumps(told["params"], ensure_ascii=False)[:1000])
            yield told


@contextmanager
def engine(binary: Path, profile: Path) -> Iterator[Engine]:
    """Run an old browser with a profile of its own."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    command = [sys.executable, "-c", WITH_PIPES, str(theirs_in), str(theirs_out), str(binary)]
    with (profile.with_suffix(".log")).open("ab") as log:
        process = subprocess.Popen(
            [*command, *FLAGS, f"--user-data-dir={profile}"], pass_fds=(theirs_in, theirs_out), stdout=log, stderr=log,
        )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Engine(ours_in, ours_out)
    finally:
        process.kill()
        process.wait()
        os.close(ours_in)
        os.close(ours_out)
