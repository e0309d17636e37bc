"""A scan of several megabytes whose line breaks in the middle, in a real browser over a real node."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.applying import fill_in, number_in
from tests.browser.chromium import Somebody, chromium
from tests.browser.seen import Seen
from tests.browser.window import CARD, sits_down
from tests.crash.nodes import Node, copied, ended
from tests.web.test_applicant import flat
from tests.web.test_uploads import noise
from tongban.catalogue import seed

pytestmark = [pytest.mark.slow, pytest.mark.prove("uploads by browser over broken lines")]

PARTS = "**/uploads/*/*/"
PICTURES = "input[type=file][accept*='image/png']"
FIELD = f"section.sheet:has-text('须上传') {PICTURES}"


@pytest.fixture(scope="module")
def node(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Serve one node of a pair of the module's own."""
    with ended(copied(original, tmp_path_factory.mktemp("uploads"))) as nodes:
        nodes["qingyang"].start()
        yield nodes["qingyang"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run one browser for the module: two at once in a process are one too many for Playwright."""
    with chromium() as running:
        yield running


@pytest.fixture
def seen() -> Seen:
    """Note what the pages have against them."""
    return Seen()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Give a scan of five megabytes, as it lies on a disk: chosen twice, it is the same file."""
    path = tmp_path / "张三的身份证.png"
    path.write_bytes(noise(1300))
    assert path.stat().st_size > 5_000_000
    return path


@pytest.fixture
def applicant(browser: Any, node: Node, seen: Seen) -> Somebody:
    """Give an applicant at the materials of a draft."""
    me = Somebody(browser, node, seen, scripts=True)
    me.open("/items/?q=驾照到期&division=330421").click("机动车驾驶证期满换证").click("在线申办")
    me.sign_in("chen", staff=False).click("开始填写")
    fill_in(me)
    return me


class Line:
    """The line to the node, which can be cut after so many parts; counts what passes."""

    def __init__(self, page: Page, after: int) -> None:
        self.left: float = after
        self.bytes_sent = 0
        self.page = page
        page.route(PARTS, self._pass)

    def mend(self) -> None:
        self.left = float("inf")

    def _pass(self, route: Route, request: Request) -> None:
        if self.left <= 0:
            route.abort("internetdisconnected")
            return
        if request.method == "PATCH":
            self.left -= 1
            self.bytes_sent += len(request.post_data_buffer or b"")
        route.continue_()


def digests(node: Node, number: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{node.database}?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT digest, size FROM materials_material WHERE number = ?", (number,)
        ).fetchall()


def downloaded(me: Somebody) -> str:
    return hashlib.sha256(me.fetch("/materials/")).hexdigest()


def digest_of(scan: Path) -> str:
    return hashlib.sha256(scan.read_bytes()).hexdigest()


def chosen(me: Somebody, scan: Path) -> Any:
    """Choose the file and press the button; return the part of the page that says what happens."""
    field = me.page.locator(FIELD).first
    field.set_input_files(scan)
    field.locator("xpath=ancestor::form").locator("button.btn:has-text('上传')").last.click()
    return me.page.locator("[role=status]:visible")


class TestABrokenLine:
    def test_is_bridged_without_a_press(self, applicant: Somebody, scan: Path, seen: Seen) -> None:
        line = Line(applicant.page, after=2)
        says = chosen(applicant, scan)
        expect(says).to_have_text(re.compile("网络中断"))
        expect(applicant.page.locator("progress:visible")).to_have_attribute("aria-label", "正在上传")
        with applicant.page.expect_navigation():
            line.mend()
        applicant.look()
        assert line.bytes_sent == scan.stat().st_size  # nothing was sent twice
        assert downloaded(applicant) == digest_of(scan)
        assert not seen.findings, seen.findings

    def test_may_be_left_and_the_upload_taken_up_after_a_reload(
        self, applicant: Somebody, scan: Path, node: Node
    ) -> None:
        line = Line(applicant.page, after=3)
        expect(chosen(applicant, scan)).to_have_text(re.compile("网络中断"))
        applicant.page.reload()
        applicant.look()
        line.mend()
        expect(applicant.page.locator("[role=status]:visible")).to_have_text(
            re.compile("上次有一个文件没有传完")
        )
        kept = applicant.page.evaluate("JSON.stringify(sessionStorage)")
        assert "张三" not in kept
        assert scan.name not in kept
        with applicant.page.expect_navigation():
            chosen(applicant, scan)
        assert line.bytes_sent == scan.stat().st_size
        assert downloaded(applicant) == digest_of(scan)
        assert len(digests(node, number_in(applicant))) == 1

    def test_survives_a_restart_of_the_node(self, applicant: Somebody, scan: Path, node: Node) -> None:
        line = Line(applicant.page, after=2)
        expect(chosen(applicant, scan)).to_have_text(re.compile("网络中断"))
        node.kill()
        node.revive()
        with applicant.page.expect_navigation():
            line.mend()
        assert line.bytes_sent == scan.stat().st_size
        assert downloaded(applicant) == digest_of(scan)

    def test_may_be_the_end_of_it(self, applicant: Somebody, scan: Path, node: Node) -> None:
        line = Line(applicant.page, after=1)
        says = chosen(applicant, scan)
        expect(says).to_have_text(re.compile("网络中断"))
        line.mend()
        applicant.page.locator("button:visible", has_text="取消").click()
        expect(says).to_have_text(re.compile("已取消"))
        assert applicant.page.evaluate("sessionStorage.length") == 0
        applicant.page.reload()
        applicant.look()
        assert not applicant.page.locator("[role=status]:visible").count()
        assert digests(node, number_in(applicant)) == []

    def test_is_given_into_the_persons_hand_when_it_lasts(self, applicant: Somebody, scan: Path) -> None:
        page = applicant.page
        # Half a minute of pauses between its tries passes at once.
        page.evaluate("const real = setTimeout; window.setTimeout = (then) => real(then, 1)")
        line = Line(page, after=2)
        expect(chosen(applicant, scan)).to_have_text(re.compile("网络一直不通"))
        line.mend()
        with page.expect_navigation():
            page.locator("button:visible", has_text="继续上传").click()
        assert line.bytes_sent == scan.stat().st_size


class TestAHostileFile:
    def test_is_told_beside_the_field(self, applicant: Somebody, tmp_path: Path) -> None:
        path = tmp_path / "scan.png"
        path.write_bytes(b"MZ" + bytes(3_000_000))
        expect(chosen(applicant, path)).to_have_text(re.compile("扩展名与实际内容不符"))


class TestTheControl:
    def test_speaks_the_language_of_the_page_and_lists_what_is_chosen(
        self, applicant: Somebody, scan: Path, seen: Seen
    ) -> None:
        page = applicant.page
        part = page.locator(f"section.sheet:has({PICTURES}):has-text('须上传')").first
        field = part.locator(PICTURES)
        expect(part.locator(".camera")).to_be_hidden()  # there is no telephone in the hand
        with page.expect_file_chooser() as asked:
            part.locator("span.btn", has_text="选择文件").click()
        assert asked.value.is_multiple()
        asked.value.set_files([scan, scan])
        listed = part.locator(".chosen li")
        expect(listed).to_have_text([re.compile(r"张三的身份证\.png（4\.\d MB）")] * 2)
        expect(listed.first.locator("canvas")).to_be_visible()
        field.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        with page.expect_file_chooser():
            page.keyboard.press("Space")
        ring = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
        assert page.evaluate(ring) == "solid"
        assert not seen.findings, seen.findings

    def test_takes_a_photo_on_a_telephone(self, applicant: Somebody, scan: Path) -> None:
        page = applicant.page
        applicant.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        page.reload()
        part = page.locator(f"section.sheet:has({PICTURES}):has-text('须上传')").first
        field = part.locator(PICTURES)
        accepted = field.get_attribute("accept")
        how = "[e.getAttribute('capture'), e.accept, e.multiple]"
        field.evaluate(f"e => e.onclick = () => {{ window.how = {how}; }}")
        with page.expect_file_chooser() as asked:
            part.locator("button", has_text="拍照").click()
        asked.value.set_files(scan)
        assert page.evaluate("window.how") == ["environment", "image/*", False]
        assert field.evaluate(f"e => {how}") == [None, accepted, True]
        expect(part.locator(".chosen li")).to_have_count(1)


class TestTheWindow:
    def test_keeps_what_was_typed_while_a_file_is_on_its_way(
        self, browser: Any, node: Node, seen: Seen, scan: Path
    ) -> None:
        me = Somebody(browser, node, seen, scripts=True)
        sits_down(me, "window").fill({"q": "社保卡 嘉善"})
        me.click("查找").click("开始收件")
        me.fill(flat(seed.example(CARD)))
        assert "/counter/drafts/" in me.page.url, me.words()
        name = me.page.locator("input[name=applicant_name]")
        typed = name.input_value()
        field = me.page.locator("input[type=file][accept*='image/png']").first
        line = Line(me.page, after=2)
        field.set_input_files(scan)
        says = me.page.locator("[role=status]:visible")
        expect(says).to_have_text(re.compile("网络中断"))
        line.mend()
        expect(says).to_have_text(re.compile("已上传 1"))
        assert field.evaluate("e => e.files.length") == 0
        assert name.input_value() == typed
        me.click("保存，稍后继续")
        assert "图片" in me.words()
        assert len(digests(node, number_in(me))) == 1
        assert not seen.findings, seen.findings
