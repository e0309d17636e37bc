"""Passkeys by pages: enrolled and used, and every answer of a browser that must not count."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.signin.token import PRESENT, Token
from tests.web.browser import Browser
from tests.web.test_second import OWN, STEP, give_password, held
from tests.web.test_second import newcomer as given_password
from tests.world import World

__all__ = ["given_password"]
pytestmark = pytest.mark.slow


class TestPasskeys:
    HOST = "js.example.cn"

    @pytest.fixture
    def newcomer(self, counties: World, given_password: Browser) -> Browser:
        node = counties["jiashan"]
        node.config = replace(node.config, url=f"https://{self.HOST}")
        return given_password.open(OWN)

    @pytest.fixture
    def token(self) -> Token:
        return Token(f"https://{self.HOST}", self.HOST)

    def options(self, browser: Browser) -> str:
        return html.unescape(re.search(r'data-options="([^"]+)"', browser.text)[1])  # type: ignore[index]

    def send(self, browser: Browser, answer: str) -> Browser:
        form = next(f for f in browser.page.forms if "credential" in f.values)
        return browser._done(browser._call("post", form.action, {**form.values, "credential": answer}))

    def enrolled(self, browser: Browser, token: Token) -> Browser:
        self.send(browser, token.make(self.options(browser)))
        assert browser.status == 200, browser.words
        return browser

    def asked(self, browser: Browser) -> Browser:
        other = give_password(Browser(browser.world, "jiashan"))
        assert other.url == STEP
        return other

    def test_enrols_and_signs_in(self, newcomer: Browser, token: Token) -> None:
        self.enrolled(newcomer, token)
        assert held(newcomer.world) == ["通行密钥"]
        assert newcomer.open("/desk/").url == "/desk/"
        for _ in range(2):
            browser = self.asked(newcomer)
            assert self.send(browser, token.sign(self.options(browser))).url == "/desk/"

    def test_is_not_offered_where_no_browser_allows_it(self, counties: World, newcomer: Browser) -> None:
        node = counties["jiashan"]
        for url, offered in (
            ("http://js.example.cn", False), ("https://10.0.0.1", False), ("http://127.0.0.1:8001", False),
            ("http://localhost:8001", True), ("https://js.example.cn:8443", True),
        ):  # fmt: skip
            node.config = replace(node.config, url=url)
            assert ("data-passkey" in newcomer.open(OWN).text) == offered, url

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda token: setattr(token, "origin", "https://js.example.com"),
            lambda token: setattr(token, "rp", "example.com"),
            lambda token: setattr(token, "flags", PRESENT),
            lambda token: setattr(token, "flags", 0),
        ],
    )
    def test_refuses_another_site_and_who_was_not_asked_for_a_pin(
        self, newcomer: Browser, token: Token, spoil: Callable[[Token], None]
    ) -> None:
        bad = Token(token.origin, token.rp)
        spoil(bad)
        self.send(newcomer, bad.make(self.options(newcomer)))
        assert (newcomer.status, held(newcomer.world)) == (401, [])
        self.enrolled(newcomer, token)
        spoil(token)
        browser = self.asked(newcomer)
        assert self.send(browser, token.sign(self.options(browser))).status == 401
        assert "没有通过核对" in browser.words
        assert browser.open("/desk/").url.startswith(STEP)

    def test_an_answer_counts_once_and_for_its_page_only(self, newcomer: Browser, token: Token) -> None:
        made = token.make(self.options(newcomer))
        self.send(newcomer.open(OWN), made)
        assert (newcomer.status, held(newcomer.world)) == (401, [])
        self.enrolled(newcomer, token)
        browser = self.asked(newcomer)
        answer = token.sign(self.options(browser))
        assert self.send(browser.open(STEP), answer).status == 401
        assert self.send(browser, token.sign(self.options(browser))).url == "/desk/"

    def test_a_challenge_counts_once_also_where_no_counter_tells(
        self, newcomer: Browser, token: Token
    ) -> None:
        self.enrolled(newcomer, token)
        browser = newcomer.open(f"{STEP}?next={OWN}")
        form = next(f for f in browser.page.forms if "credential" in f.values)
        sent = {**form.values, "credential": token.sign(self.options(browser), count=0)}
        # The same again at once, before another page has brought another challenge.
        answers = [browser._call("post", form.action, sent) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 401]

    def test_a_counter_that_does_not_go_on_is_refused(self, newcomer: Browser, token: Token) -> None:
        token.count = 5
        self.enrolled(newcomer, token)
        for count, fits in ((5, False), (4, False), (0, False), (6, True), (6, False), (9, True)):
            browser = self.asked(newcomer)
            self.send(browser, token.sign(self.options(browser), count=count))
            assert (browser.url == "/desk/") == fits, count
            assert fits or "可能被复制" in browser.words

    def test_one_that_never_counts_is_taken(self, newcomer: Browser, token: Token) -> None:
        self.enrolled(newcomer, token)
        for _ in range(2):
            browser = self.asked(newcomer)
            assert self.send(browser, token.sign(self.options(browser), count=0)).url == "/desk/"

    def test_another_key_under_its_name_is_refused(self, newcomer: Browser, token: Token) -> None:
        self.enrolled(newcomer, token)
        forged = Token(token.origin, token.rp, credential=token.credential)
        browser = self.asked(newcomer)
        assert self.send(browser, forged.sign(self.options(browser))).status == 401
        stranger = Token(token.origin, token.rp)
        assert self.send(browser, stranger.sign(self.options(browser))).status == 401

    @pytest.mark.parametrize(
        "rubbish", ["x", "[]", "{}", '{"id": "AA"}', '{"id": 5, "rawId": [], "response": 1}', "null"]
    )
    def test_rubbish_is_refused(self, newcomer: Browser, token: Token, rubbish: str) -> None:
        assert self.send(newcomer, rubbish).status == 401
        self.enrolled(newcomer, token)
        assert self.send(self.asked(newcomer), rubbish).status == 401

    def test_the_same_one_is_not_enrolled_twice(self, newcomer: Browser, token: Token) -> None:
        self.enrolled(newcomer, token)
        browser = newcomer.open(f"{STEP}?next={OWN}")
        self.send(browser, token.sign(self.options(browser)))
        assert browser.url == OWN
        self.send(browser, token.make(self.options(browser)))
        assert (browser.status, held(browser.world)) == (422, ["通行密钥"])
        assert "已经登记过" in browser.words
