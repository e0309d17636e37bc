"""A case taken in without a mouse, from the first page of the window until it is pushed; every key is counted."""

import io
from collections.abc import Mapping
from typing import Any

import pikepdf
from playwright.sync_api import expect

from tests.browser.applying import a_file, number_in
from tests.browser.chromium import Somebody
from tests.browser.window import CARD, SEEN
from tests.web.test_applicant import flat
from tongban.catalogue import seed

PAPERS = 10  # pages of paper that the applicant has brought
MOST = 300  # presses of Tab on one page
WHERE = """() => {
  const e = document.activeElement, group = e.closest('fieldset');
  return {
    kind: e.type || e.localName, name: e.name || '', value: e.value || '', checked: !!e.checked,
    key: e.dataset.key || '', accept: e.accept || '', optional: !!group && /如适用/.test(group.querySelector('legend').textContent),
  };
}"""


class Keyboard:
    """Somebody at a keyboard. A chord such as Alt+N is one press; what the file dialog takes is not counted."""

    def __init__(self, me: Somebody, *, scripts: bool) -> None:
        self.me, self.page, self.scripts = me, me.page, scripts
        self.pressed, self.typed, self.pages = 0, 0, 1

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.typed += len(text)
        self.page.keyboard.type(text)

    def where(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(WHERE)
        return found

    def go(self, key: str) -> None:
        """Press what leads to the next page."""
        with self.page.expect_navigation():
            self.press(key)
        self.pages += 1
        begins = self.page.locator("[autofocus]")
        if begins.count():
            expect(begins).to_be_focused()  # nobody is faster than the page

    def next_step(self, shown: str, key: str = "n") -> None:
        """Do what the page offers next, by the shortcut that it shows; without scripts there are none."""
        assert self.page.locator(f"[data-key={key}]", has_text=shown).count(), self.me.words()
        if self.scripts:
            self.go(f"Alt+{key}")
        else:
            self.tab_to(key)
            self.go("Enter")

    def tab_to(self, key: str) -> None:
        for _ in range(MOST):
            if self.where()["key"] == key:
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not come to {key}\n{self.me.words()}")

    def fill_in(self, values: Mapping[str, Any], until: str) -> None:
        """Go from field to field and answer each, until a control with this shortcut is reached."""
        for _ in range(MOST):
            here = self.where()
            if here["key"] == until:
                return
            self._answer(here, values)
            self.press("Tab")
        raise AssertionError(f"Tab does not come to {until}\n{self.me.words()}")

    def _answer(self, here: dict[str, Any], values: Mapping[str, Any]) -> None:
        is_check = here["name"].startswith("check-") and not here["optional"]
        wanted = "ok" if is_check else values.get(here["name"])
        if here["kind"] == "file":
            if not here["optional"]:
                self.page.locator(f"[name='{here['name']}']").set_input_files(papers_for(here["accept"]))
        elif wanted in (None, "", False):
            return
        elif here["kind"] == "checkbox":
            if not here["checked"]:
                self.press("Space")
        elif here["kind"] in ("radio", "select-one"):
            self._choose(here, str(wanted))
        elif here["kind"] == "date":
            # Debian's Chromium speaks English only, and asks for the month first; in Chinese it is one key more.
            year, month, day = str(wanted).split("-")
            self.type(month + day + year)
        else:
            self.type(str(wanted))

    def _choose(self, here: dict[str, Any], wanted: str) -> None:
        if here["kind"] == "radio" and here["value"] == wanted and not here["checked"]:
            self.press("Space")
        for _ in range(MOST):
            if self.where()["value"] == wanted:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{here['name']} offers no {wanted}")


def takes_in(me: Somebody, *, scripts: bool) -> str:
    """Find the item, answer what is asked, receive and push in one press; note what it took and return the case's number."""
    me.open("/counter/")
    keys = Keyboard(me, scripts=scripts)
    keys.tab_to("k")
    keys.type("社保卡 嘉善")
    keys.go("Enter")
    keys.next_step("开始收件")
    seen = {f"seen-{name}": value for name, value in SEEN.items()}
    keys.fill_in({**flat(seed.example(CARD)), **seen}, until="t")
    keys.next_step("收件并推送", "t")
    assert "已推送" in me.words(), me.words()
    me.seen.keys = {"pages": keys.pages, "pressed": keys.pressed, "typed": keys.typed}
    return number_in(me)


def papers_for(accept: str) -> Any:
    """Return a scan: all of the papers where it may have pages, or a picture."""
    if "application/pdf" not in accept:
        return a_file("image/png")
    document, buffer = pikepdf.new(), io.BytesIO()
    for _ in range(PAPERS - 1):  # the last one is the photograph
        document.add_blank_page(page_size=(595, 842))
    document.save(buffer)
    return {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": buffer.getvalue()}
