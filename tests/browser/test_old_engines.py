"""
Four core pages on Chromium 79 and 92, as kiosks and old office machines have them.

The style sheet was written so that they need nothing newer; here each page has to be laid out by it: its colours are where they
belong, the skip link is out of the way, what belongs side by side stands so, nothing is wider than the screen.
"""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import WALKED
from tests.browser.devtools import Engine, engine
from tests.browser.examining import WIDEST
from tests.browser.seen import Seen
from tests.crash.nodes import Node, copied, ended

pytestmark = [pytest.mark.slow, pytest.mark.prove("two old browsers")]

HEAD, BRAND, GROUND = (0x08, 0x36, 0x6A), "rgb(11, 74, 143)", (0xF4, 0xF6, 0xF9)
LAID_OUT = """(() => {
  const box = selector => { const e = document.querySelector(selector); return e && e.getBoundingClientRect().toJSON(); };
  const main = document.querySelector('main .btn.main');
  const pairs = [...document.querySelectorAll('.cols.two')].map(e => [...e.children].slice(0, 2).map(c => c.getBoundingClientRect().top));
  return {
    skip: box('.skip').right, header: box('header.top'), nav: box('nav.nav').top, body: box('main .wrap').width, pairs,
    button: main && [getComputedStyle(main).backgroundColor, main.getBoundingClientRect().height],
    sheet: (s => [s.borderTopLeftRadius, s.paddingTop])(getComputedStyle(document.querySelector('main .sheet'))),
    family: getComputedStyle(document.body).fontFamily,
  };
})()"""


@pytest.fixture(scope="module")
def node(original: Path, examined: Seen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Serve the department's node as the walk has left it, with its cases."""
    assert not examined.broke_off, examined.broke_off
    left = original.with_name(WALKED[True])
    with ended(copied(left, tmp_path_factory.mktemp("old-engines"))) as nodes:
        nodes["jiashan"].start()
        yield nodes["jiashan"]


@pytest.fixture(scope="module")
def browsers() -> dict[str, str]:
    """Return where the old browsers lie; fetches them the first time."""
    done = subprocess.run(
        [sys.executable, "scripts/old-browsers"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module", params=["79", "92"])
def old(
    request: pytest.FixtureRequest, browsers: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    profile = tmp_path_factory.mktemp("profile") / request.param
    with engine(Path(browsers[request.param]), profile) as running:
        assert running.version.startswith(f"HeadlessChrome/{request.param}.")
        yield running


# ------------------------------------------------------------------ four pages
def home(old: Engine, node: Node) -> None:
    old.open(f"{node.built.url}/")


def item(old: Engine, node: Node) -> None:
    """An item with its guide, found as people find it."""
    old.open(f"{node.built.url}/items/?q=驾照到期&division=341723")
    old.press("main a[href*='/items/']:not([href*='?'])")


def form_step(old: Engine, node: Node) -> None:
    """A step of a form, of somebody who signed in for it."""
    item(old, node)
    old.press("main a[href$='/start/']")
    sign_in(old, node, "shen", "applicant")
    old.press("main form .btn.main")


def case(old: Engine, node: Node) -> None:
    """A case at the officer's desk."""
    old.open(f"{node.built.url}/desk/")
    sign_in(old, node, "hrss", "staff")
    old.press("main th a[href*='/desk/']")


def sign_in(old: Engine, node: Node, login: str, who: str) -> None:
    account = f"{node.built.node.prefix}-{login}"
    password = next(row[1] for row in node.built.accounts if row[0] == account)
    values = {"name": account, "password": password}
    old.tell(f"document.querySelector('[name=who][value={who}]').checked = true")
    for name, value in values.items():
        old.tell(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}")
    old.press("main form .btn.main")


PAGES: dict[Callable[[Engine, Node], None], str] = {
    home: "/", item: "/items/", form_step: "/steps/", case: "/desk/",
}  # fmt: skip


@pytest.fixture(params=PAGES, ids=lambda page: page.__name__)
def page(request: pytest.FixtureRequest, old: Engine, node: Node) -> Engine:
    """Go to a page as somebody who has never been there."""
    old.ask("Network.clearBrowserCookies")
    del old.thrown[:]
    request.param(old, node)
    assert PAGES[request.param] in old.tell("location.pathname")
    assert "data-channel" in old.tell("document.documentElement.outerHTML.slice(0, 100)")
    return old


class TestAnOldEngine:
    def test_lays_the_page_out_by_our_style_sheet(self, page: Engine) -> None:
        found: dict[str, Any] = page.tell(LAID_OUT)
        assert found["skip"] < 0
        assert (found["header"]["top"], found["header"]["width"]) == (0, 1280)
        assert found["nav"] == found["header"]["bottom"]
        # A clerk's page is 88 rem wide at 14 px, everybody else's 72 at 16.
        is_clerks = page.tell("document.documentElement.dataset.channel") == "clerk"
        assert 0 < found["body"] <= (88 * 14 if is_clerks else 72 * 16)
        assert found["sheet"] == ["4px", "24px"]
        assert "Noto Sans CJK SC" in found["family"]
        if found["button"]:
            colour, height = found["button"]
            assert (colour, height >= 36) == (BRAND, True)
        for left, right in found["pairs"]:
            assert left == right
        assert page.tell(f"({WIDEST})()") == ""

    def test_draws_it(self, page: Engine) -> None:
        with Image.open(io.BytesIO(page.picture())) as picture:
            drawn = picture.convert("RGB")
        assert drawn.size == (1280, 800)
        assert drawn.getpixel((3, 3)) == HEAD
        assert drawn.getpixel((3, 700)) == GROUND
        assert len(drawn.getcolors(maxcolors=1 << 20) or ()) > 20  # words, not only areas

    def test_runs_our_scripts(self, page: Engine) -> None:
        # What others wrote may be too new for it: pages are pleasanter with that, and whole without.
        ours = [thrown for thrown in page.thrown if "/static/web/vendor/" not in thrown]
        assert not ours, "\n".join(ours)
