"""Somebody's browser: follows links, fills in forms, and has every page it comes to examined."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Response, sync_playwright

from tests.browser.examining import DESK, Examiner
from tests.browser.roles import NOBODY, role_of
from tests.browser.seen import Seen, Visit, route_of
from tests.crash.nodes import Node
from tests.patience import PATIENCE

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_OF_A_PAGE = 60_000  # milliseconds
# Nothing that runs here may reach for the network.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=FLAGS, timeout=PATIENCE * 1000
        )
        yield browser
        browser.close()


class Somebody:
    """A person at a browser, at one node; their role begins with signing in."""

    def __init__(self, browser: Browser, node: Node, seen: Seen, *, scripts: bool) -> None:
        self.node, self.role, self.seen = node, NOBODY, seen
        self.context = browser.new_context(
            java_script_enabled=scripts, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=DESK
        )
        self.context.set_default_timeout(PATIENCE_OF_A_PAGE)
        self.page = self.context.new_page()
        self.status, self.method = 0, ""
        self.examiner = Examiner(self.context, node, seen, scripts=scripts)
        self.page.on("response", self._answered)
        self.page.on("console", self._logged)
        self.page.on("pageerror", lambda error: self._found(f"{error}"))

    def open(self, path: str, *, status: int = 200) -> "Somebody":
        self.page.goto(f"{self.node.built.url}{path}")
        return self.look(status=status)

    def click(self, text: str, *, within: str = "main", status: int = 200) -> "Somebody":
        """Press the first button or link that begins with these words, and look at what comes."""
        wanted = f"{within} :is(a, button:not(.vh)):visible"
        found = self.page.locator(wanted).filter(has_text=text).first
        assert found.count(), f"{self.role}: no “{text}” in {within} of {self.page.url}\n{self.words()}"
        with self.page.expect_navigation():
            found.click()
        return self.look(status=status)

    def unfold(self, title: str) -> "Somebody":
        """Open the part of the page that is folded away under a title."""
        self.page.locator("main summary:visible", has_text=title).first.click()
        return self

    def look(self, *, status: int = 200) -> "Somebody":
        """Have the page that is shown examined."""
        path = urlsplit(self.page.url).path
        assert self.status == status, f"{self.role} {path}: {self.status}\n{self.words()}"
        self.examiner.examine(self.page, route_of(path), status, again=self.method == "GET")
        return self

    def fetch(self, link: str) -> bytes:
        """Download what the first link whose address has `link` in it leads to."""
        href = self.page.locator(f"main a[href*='{link}']").first.get_attribute("href")
        assert href, link
        return self.take(urlsplit(href).path)

    def see(self, within: str) -> bytes:
        """Load the first picture of a part of the page as it is shown there."""
        source = self.page.locator(f"main {within} img").first.get_attribute("src")
        assert source, within
        return self.take(urlsplit(source).path)

    def take(self, path: str) -> bytes:
        """Download what lies at an address."""
        reply = self.context.request.get(f"{self.node.built.url}{path}")
        assert reply.ok, f"{self.role} {path}: {reply.status}"
        self.note("GET", path, reply.status, taken=True)
        return reply.body()

    def note(self, method: str, path: str, status: int, *, taken: bool = False) -> None:
        name = self.node.built.node.name
        self.seen.visits.append(Visit(name, self.role, method, route_of(path), path, status, taken))

    def fill(self, values: Mapping[str, Any], *, within: str = "main form") -> "Somebody":
        """Type into the fields of the page whatever is known for their names."""
        for name, value in values.items():
            for code in value if isinstance(value, list) else [value]:
                told = self.page.locator(f"{within} [name='{name}']")
                if not told.count():
                    continue
                kind = told.first.get_attribute("type") or told.first.evaluate("e => e.localName")
                if kind in ("radio", "checkbox"):
                    chosen = self.page.locator(
                        f"{within} [name='{name}'][value='{1 if code is True else code}']"
                    )
                    chosen.first.check()
                elif kind == "select":
                    told.first.select_option(str(code))
                else:
                    told.first.fill(str(code))
        return self

    def sign_in(self, login: str, *, staff: bool) -> "Somebody":
        account = f"{self.node.built.node.prefix}-{login}"
        password = next(row[1] for row in self.node.built.accounts if row[0] == account)
        self.fill({"who": "staff" if staff else "applicant", "name": account, "password": password})
        self.role = role_of(login)
        self.click("登录", within="main form")
        patience = time.monotonic() + PATIENCE
        while urlsplit(self.page.url).path == "/sign-in/second/" and time.monotonic() < patience:
            shown = self.page.locator("main .note strong")
            if shown.count():
                self.fill({"code": shown.first.inner_text()}).click("继续", within="main form")
            else:  # all that count now were used
                time.sleep(1)
                self.page.reload()
        return self

    def sign_out(self) -> "Somebody":
        self.role = NOBODY
        return self.click("退出登录", within="header")

    def wait_for(self, path: str, what: str) -> "Somebody":
        """Open a page again and again until there is something on it that fits the selector."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            self.page.goto(f"{self.node.built.url}{path}")
            if self.page.locator(f"main {what}").count():
                return self.look()
            time.sleep(0.3)
        raise AssertionError(f"{self.role}: {what} never came to {path}\n{self.words()}")

    def words(self) -> str:
        """Return what the page says."""
        return self.page.locator("main").inner_text()

    def _answered(self, response: Response) -> None:
        asked = response.request
        if asked.is_navigation_request():
            if response.url.startswith(self.node.built.url):
                self.note(asked.method, urlsplit(response.url).path, response.status)
            self.status, self.method = response.status, asked.method

    def _logged(self, message: ConsoleMessage) -> None:
        # The browser also logs that a page was refused; whether that was right is the walk's to say.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self._found(message.text)

    def _found(self, text: str) -> None:
        self.seen.findings.append(("console", f"{self.role} {urlsplit(self.page.url).path}: {text}"))
