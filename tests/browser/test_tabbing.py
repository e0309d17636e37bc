"""The check of the Tab key finds what it is there to find."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import chromium
from tests.browser.tabbing import tab_through

pytestmark = [pytest.mark.slow, pytest.mark.prove("needs a browser")]

PAGE = """<!doctype html><style>:focus{{outline:3px solid}} .skip{{position:absolute;left:-999em}} .skip:focus{{left:0}}
.cols{{display:grid;grid-template-columns:1fr 1fr}} .quiet:focus{{outline:0}}</style>
<a class="skip" href="#main">跳到正文</a><main id="main" tabindex="-1">{}</main>"""
SANE = {
    "plain": "<a href='#'>一</a><p><button>二</button></p><input type='radio' name='a'><input type='radio' name='a'>",
    "two columns": "<div class=cols><p><a href='#'>一</a><br><br><a href='#'>二</a></p><p><a href='#'>三</a></p></div>",
    "folded": "<details><summary>一</summary><button>二</button></details><input type='date'><button disabled>三</button>",
    "focused already": "<button id='a'>一</button><button>二</button><script>a.focus()</script>",
}  # fmt: skip
WRONG = {
    "an order of its own": "<button>一</button><button tabindex='2'>二</button>",
    "does not show": "<button class='quiet'>一</button>",
    "cannot be seen": "<button style='opacity:0'>一</button>",
    "never reached": "<input onkeydown='if (event.key == `Tab`) event.preventDefault()'><button>二</button>",
    "nothing can be done there": "<div style='overflow:auto;height:2em'><br><br><br><br></div><button>一</button>",
    "lies above": "<div style='display:flex;flex-direction:column-reverse'><p><button>一</button></p><p><button>二</button></p></div>",
    "lies before": "<div style='display:flex;flex-direction:row-reverse'><button>一</button><button>二</button></div>",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


@pytest.mark.parametrize("kind", SANE)
def test_passes_what_is_sane(page: Page, kind: str) -> None:
    page.set_content(PAGE.format(SANE[kind]))
    assert tab_through(page) == []


@pytest.mark.parametrize("kind", WRONG)
def test_finds_what_is_not(page: Page, kind: str) -> None:
    page.set_content(PAGE.format(WRONG[kind]))
    assert any(kind in wrong for wrong in tab_through(page))
