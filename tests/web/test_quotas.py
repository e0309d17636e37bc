"""Pages at the bounds of drafts, and before a draft goes: what they say, and the way on."""

from datetime import datetime, timedelta

import pytest

from tests import stories
from tests.api.front import show_time
from tests.materials import samples
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin, fill_in
from tests.web.test_counter import Clerk
from tests.web.test_counter import begin as begin_at_window
from tests.web.test_english import in_english
from tests.web.test_uploads import Sender, picture_material
from tests.world import World
from tongban.kernel.time import clock
from tongban.materials import quotas, retention, tasks
from tongban.materials.models import Begun, Draft

pytestmark = pytest.mark.slow


@pytest.fixture
def chen(counties: World) -> Browser:
    """Give an applicant who has signed in."""
    return Browser(counties).sign_in("qy-chen")


def start(browser: Browser, template: str = DRIVING) -> Browser:
    return browser.open(f"/items/{browser.world['jiashan'].offering(template)}/start/")


def press(browser: Browser, template: str = DRIVING) -> Browser:
    """Send the form of the page of beginning as it stood before the bound was reached."""
    start(browser, template).send({"mode": "FULLY_ONLINE"})
    return browser


class TestTooMany:
    def test_shows_the_drafts_and_lets_one_go(self, chen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quotas, "DRAFTS", 2)
        first = begin(chen, DRIVING)
        chen.send({"applicant_name": "陈一"})
        page = start(chen)
        page.send({"mode": "FULLY_ONLINE"})
        second = chen.url.split("/")[2]
        chen.send({"applicant_name": "陈二"})
        start(chen)
        assert (chen.status, "没交的草稿已有 2 份" in chen.words) == (200, True)
        chen.is_sound()
        for number in (first, second):
            assert f'href="/drafts/{number}/"' in chen.text
            assert f'href="/drafts/{number}/discard/"' in chen.text
        assert "mode" not in chen.page.forms[-1].offered
        chen.open(f"/drafts/{first}/discard/").send()
        press(chen)
        assert chen.url.startswith("/drafts/")

    def test_refuses_the_press_with_the_same_page(
        self, chen: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin(chen, DRIVING)
        chen.send({"applicant_name": "陈一"})
        start(chen)
        monkeypatch.setattr(quotas, "DRAFTS", 1)
        chen.send({"mode": "FULLY_ONLINE"})
        assert (chen.status, "没交的草稿已有 1 份" in chen.words) == (409, True)
        with chen.world.on("qingyang"):
            assert Draft.objects.count() == 1

    def test_opens_the_untouched_draft_of_the_item_all_the_same(
        self, chen: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = begin(chen, DRIVING)
        monkeypatch.setattr(quotas, "DRAFTS", 1)
        assert begin(chen, DRIVING) == number

    def test_of_a_day_says_when_to_come_again(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        chen.send({"applicant_name": "陈一"})
        start(chen)
        with chen.world.on("qingyang"):
            Begun.objects.update(count=quotas.A_DAY)
        here = chen.text
        chen.send({"mode": "FULLY_ONLINE"})
        assert (chen.status, "明天再新建" in chen.words) == (429, True)
        chen.text = here
        answer = chen.ask(chen.url, {"mode": "FULLY_ONLINE"})
        assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600

    def test_is_said_in_english(self, chen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        begin(chen, DRIVING)
        chen.send({"applicant_name": "陈一"})
        monkeypatch.setattr(quotas, "DRAFTS", 1)
        start(in_english(chen))
        assert "You have as many unfiled drafts as you may." in chen.words


class TestTooLarge:
    def test_is_said_at_the_file_beside_the_drafts_with_their_sizes(
        self, chen: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = begin(chen, DRIVING)
        fill_in(chen, DRIVING)
        code = picture_material(chen, DRIVING)
        chen.send(to=code, file=("scan.png", samples.picture("PNG")))
        monkeypatch.setattr(quotas, "BYTES", 10)
        chen.send(to=code, file=("scan.png", stories.PNG))
        assert (chen.status, "合计到了上限" in chen.words) == (409, True)
        assert f'href="/drafts/{number}/discard/"' in chen.text
        assert "KB" in chen.words.partition("没交的草稿")[2]
        chen.is_sound()

    def test_is_told_before_an_upload_begins(self, chen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        sender = Sender(chen, begin(chen, DRIVING), picture_material(chen, DRIVING))
        assert sender.create(600).status_code == 201
        monkeypatch.setattr(quotas, "BYTES", 1000)
        answer = sender.create(401)
        assert (answer.status_code, "没有传完的文件" in answer.content.decode()) == (409, True)
        assert sender.create(400).status_code == 201


def age(world: World, number: str, *, left: int) -> None:
    """Let a draft have so many days left."""
    show_time(world)
    with world.on("qingyang"):
        changed = clock.now() - retention.KEPT + timedelta(days=left)
        Draft.objects.filter(number=number).update(changed_at=changed)


def said(at: datetime, left: int) -> str:
    day = clock.official_day(at) + timedelta(days=left)
    return f"将于 {day.month}月{day.day}日 删除"


class TestNotice:
    def test_comes_two_weeks_before_and_goes_with_a_change(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        age(chen.world, number, left=15)
        assert "删除" not in chen.open("/my-cases/").words
        assert "本草稿将于" not in chen.open(f"/drafts/{number}/").words
        age(chen.world, number, left=14)
        assert said(chen.world.at, 14) in chen.open("/my-cases/").words
        for page in ("", "materials/", "confirm/"):
            assert f"本草稿{said(chen.world.at, 14)}" in chen.open(f"/drafts/{number}/{page}").words, page
            chen.is_sound()
        chen.open(f"/drafts/{number}/").send({"applicant_name": "陈一"})
        assert "将于" not in chen.words
        assert "将于" not in chen.open("/my-cases/").words

    def test_stands_at_the_window_too(self, counties: World) -> None:
        clerk = Clerk(counties).arrive()
        number = begin_at_window(clerk)
        age(counties, number, left=1)
        assert said(counties.at, 1) in clerk.open("/counter/").words
        assert f"本草稿{said(counties.at, 1)}" in clerk.open(f"/counter/drafts/{number}/").words
        clerk.is_sound()
        clerk.press(button="do=save")
        assert "将于" not in clerk.words

    def test_is_true(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        age(chen.world, number, left=1)
        with chen.world.on("qingyang"):
            assert tasks.expire_drafts(clock.now()) == 0
        age(chen.world, number, left=0)
        with chen.world.on("qingyang"):
            assert tasks.expire_drafts(clock.now()) == 1
        assert chen.open(f"/drafts/{number}/").status == 404
        assert "您还没有办件" in chen.open("/my-cases/").words

    def test_is_said_in_english(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        age(chen.world, number, left=3)
        assert "This draft will be deleted on" in in_english(chen).open(f"/drafts/{number}/").words
