"""
What is asked of every page: nothing for axe and for IBM's checker to find, no sideways scroll, a sane way for the Tab key, no
great weight: neither as it is sent nor, but for what others wrote, unpacked.

A page is examined at a desk's width once for each set of forms it shows, and once in 长辈版 at a telephone's; at the
other widths it is only measured. The main pages are examined once in high contrast.
"""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Page, Response, ViewportSize

from tests.browser.seen import Seen
from tests.browser.tabbing import tab_through
from tests.crash.nodes import Node

HEAVIEST = 60 * 1024
DESK, PHONE, SMALL = (ViewportSize(width=width, height=800) for width in (1280, 390, 320))
# The main pages, looked at once in high contrast: its colours are the same on all others.
CONTRASTED = {
    "web:home", "web:item", "web:draft-step", "web:my-case", "web:sign-in", "web:counter", "web:counter-draft", "web:counter-case",
    "web:queue", "web:officer-case", "web:officer-act", "web:supervision", "web:supervised-case",
}  # fmt: skip
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false});
  return found.violations.map(v => `${v.id}: ${v.help}: ` + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '));
}"""
# IBM's equal access engine: what breaks its rules surely; what a person would have to look at is not counted.
ACE = AXE.with_name("ace.js")
# Folded parts are unfolded for it; what a page shows in a frame is the browser's own (its reader of PDF).
CHECK = """async () => {
  const folded = [...document.querySelectorAll('details:not([open])')];
  folded.forEach(part => part.open = true);
  const {results} = await new ace.Checker().check(document, ['IBM_Accessibility']);
  folded.forEach(part => part.open = false);
  const broken = results.filter(r => r.value[0] === 'VIOLATION' && r.value[1] === 'FAIL' && !/i?frame|object|embed/.test(r.path.dom));
  return broken.map(r => `${r.ruleId}: ${r.message}: ${r.snippet.slice(0, 160)}`);
}"""
# What tells pages of one route apart: where their forms go, whichever case they are about, and what they consist of.
LIKE = """() => [
  ...new Set([...document.querySelectorAll('main form')].map(f => new URL(f.action).pathname.replace(/[^/]*[0-9]{6}[^/]*/, '…'))),
  ...['table', 'dl', '.empty', '#errors'].filter(part => document.querySelector(`main ${part}`))
].sort().join(' ')"""
WIDEST = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return '';
  const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1);
  return document.documentElement.scrollWidth + ' ' + out.slice(-2).map(e => e.outerHTML.slice(0, 120)).join(' | ');
}"""


def _like(page: Page) -> str:
    try:
        return str(page.evaluate(LIKE))
    except Error:
        # A search that was sent while somebody typed counted for the page that was waited for, which comes only now.
        page.wait_for_load_state()
        return str(page.evaluate(LIKE))


class Examiner:
    """Examines the pages that somebody comes to."""

    def __init__(self, context: BrowserContext, node: Node, seen: Seen, *, scripts: bool) -> None:
        self.context, self.node, self.seen, self.scripts = context, node, seen, scripts
        self._large: set[tuple[str, int]] = set()  # what were seen in 长辈版
        self._fresh: Page | None = None
        self._arrived: list[Response] = []

    def examine(self, page: Page, route: str, status: int, *, again: bool) -> None:
        """Examine a page unless its like was examined before; `again`: it can be had by its address."""
        like = f"{route} {status} {_like(page)}"
        if not self.scripts or like in self.seen.examined:
            return  # scripts change nothing of how a page looks
        self.seen.examined.append(like)
        self._axe(page, like)
        self._measure(page, like, DESK, PHONE, SMALL)
        page.set_viewport_size(DESK)
        for wrong in tab_through(page):
            self._found("tab", like, wrong)
        if again and (route, status) not in self._large:
            self._large.add((route, status))
            self._anew(page.url, f"长辈版 {like}", "elder", PHONE, SMALL, DESK)
            page.bring_to_front()  # a page behind another is drawn once a second
        if again and status == 200 and route in CONTRASTED and f"高对比度 {route}" not in self.seen.examined:
            self.seen.examined.append(f"高对比度 {route}")
            self._anew(page.url, f"高对比度 {like}", "contrast", DESK)
            page.bring_to_front()

    def _anew(self, url: str, like: str, choice: str, *screens: ViewportSize) -> None:
        """Load the page anew with a choice of display, in a browser that has kept none of it."""
        if self._fresh is None:
            self._fresh = self.context.new_page()
            self.context.new_cdp_session(self._fresh).send(
                "Network.setCacheDisabled", {"cacheDisabled": True}
            )
            self._fresh.on("response", lambda response: self._arrived.append(response))
        name = f"tongban_{self.node.built.node.name}_display"
        self.context.add_cookies([{"name": name, "value": f"{choice}=1", "url": self.node.built.url}])
        self._fresh.set_viewport_size(screens[0])
        self._arrived.clear()
        self._fresh.goto(url)
        assert self._fresh.locator("html").get_attribute(f"data-{choice}"), like
        # What only leads on has no body.
        came = [response for response in self._arrived if not 300 <= response.status < 400]
        parts = {urlsplit(response.url).path: len(response.body()) for response in came}
        own = sum(size for path, size in parts.items() if "/vendor/" not in path)
        sent = sum(int(response.headers["content-length"]) for response in came)
        if max(own, sent) > HEAVIEST:
            self._found("weight", like, f"{sent} bytes sent, {own} of ours unpacked: {parts}")
        self._axe(self._fresh, like)
        self._measure(self._fresh, like, *screens)
        self.context.clear_cookies(name=name)

    def _axe(self, page: Page, like: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for violation in page.evaluate(RUN, RULES):
            self._found("axe", like, violation)
        page.evaluate(ACE.read_text(encoding="utf-8"))
        for broken in page.evaluate(CHECK):
            self._found("ibm", like, broken)

    def _measure(self, page: Page, like: str, *screens: ViewportSize) -> None:
        for screen in screens:
            page.set_viewport_size(screen)
            if wide := page.evaluate(WIDEST):
                self._found("scroll", like, f"at {screen['width']} px: {wide}")

    def _found(self, kind: str, like: str, what: str) -> None:
        self.seen.findings.append((kind, f"{like}: {what}"))
