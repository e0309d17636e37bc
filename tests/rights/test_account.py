"""Telephone and login name of one's own account: who may change them, what follows, and what is written down."""

import pytest
from django.db import DatabaseError

from tests.api import front
from tests.api.front import Caller, is_problem
from tests.rights.conftest import row
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import demo
from tongban.kernel import accesses
from tongban.kernel.models import Access

pytestmark = pytest.mark.once("pages of one's own account")
NEW, WIDE = "13905661234", "１３９ 0566-1234"
PASSWORD = demo.PASSWORD


def written(world: World, doing: str) -> list[tuple[str, str]]:
    with world.on("qingyang"):
        accesses.flush()
        return list(Access.objects.filter(doing=doing).order_by("pk").values_list("who", "result"))


@pytest.mark.attack("E5")
class TestTelephone:
    def test_is_kept_in_one_form_shown_in_part_and_written_down(self, counties: World, chen: Caller) -> None:
        elsewhere = front.applicant(counties, "qingyang", "chen")
        answer = chen.post("/account/telephone", {"telephone": WIDE, "password": PASSWORD})

        assert answer.status_code == 200, answer.content.decode()
        assert answer.json()["telephone"] == "139******34"
        with counties.on("qingyang"):
            assert row(counties).telephone == NEW
        assert written(counties, "change_telephone") == [(row(counties).pseudonym, "ok")]
        # Who else had signed in does so again; this one goes on.
        is_problem(elsewhere.get("/account"), 401, "not_signed_in")
        assert chen.get("/account").json()["telephone"] == "139******34"
        assert chen.get("/account").json()["login"] == "qy-chen"  # a name is no telephone, so it stays

    @pytest.mark.parametrize("typed", ["1390566123", "23905661234", "", "abc", "0566-1234567"])
    def test_that_is_none_is_refused(self, counties: World, chen: Caller, typed: str) -> None:
        said = is_problem(
            chen.post("/account/telephone", {"telephone": typed, "password": PASSWORD}), 422, "invalid_input"
        )
        assert typed == "" or typed not in said
        assert not row(counties).telephone_sealed

    def test_that_is_the_present_one_is_refused(self, counties: World, chen: Caller) -> None:
        body = {"telephone": NEW, "password": PASSWORD}
        assert chen.post("/account/telephone", body).status_code == 200
        is_problem(chen.post("/account/telephone", body), 422, "invalid_input")

    def test_asks_for_the_password_again_and_slows_guessing_down(self, counties: World, chen: Caller) -> None:
        body = {"telephone": NEW, "password": "wrong"}
        for _ in range(5):
            is_problem(chen.post("/account/telephone", body), 403, "wrong_password")
        is_problem(chen.post("/account/telephone", {**body, "password": PASSWORD}), 429, "throttled")
        assert not row(counties).telephone_sealed

    def test_by_which_one_signs_in_is_the_login_name_too(self, counties: World, chen: Caller) -> None:
        old = "13800008888"
        chen.post("/account/login", {"login": old, "password": PASSWORD})
        assert chen.get("/account").json()["telephone"] == "138******88"
        chen.post("/account/telephone", {"telephone": NEW, "password": PASSWORD})

        def signs_in(login: str) -> int:
            body = {"login": login, "password": PASSWORD}
            return int(Caller(counties, "qingyang").post("/sessions/applicant", body).status_code)

        assert (signs_in(NEW), signs_in(old)) == (200, 401)

    def test_that_another_signs_in_by_is_refused_where_it_would_be_a_login_name(
        self, counties: World, chen: Caller
    ) -> None:
        lin = front.applicant(counties, "qingyang", "lin")
        assert lin.post("/account/login", {"login": NEW, "password": PASSWORD}).status_code == 200
        chen.post("/account/login", {"login": "13800008888", "password": PASSWORD})
        is_problem(
            chen.post("/account/telephone", {"telephone": NEW, "password": PASSWORD}), 409, "login_taken"
        )
        with counties.on("qingyang"):
            assert row(counties).telephone == row(counties).login == "13800008888"

    def test_that_cannot_be_written_down_is_not_changed(
        self, counties: World, chen: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise DatabaseError

        monkeypatch.setattr(Access, "save", broken)
        body = {"telephone": NEW, "password": PASSWORD}
        is_problem(chen.post("/account/telephone", body), 503, "look_not_recorded")
        assert not row(counties).telephone_sealed


class TestLogin:
    def test_signs_in_by_the_new_name_alone(self, counties: World, chen: Caller) -> None:
        assert (
            chen.post("/account/login", {"login": " Qy-Neu ", "password": PASSWORD}).json()["login"]
            == "qy-neu"
        )
        for login, status in (("qy-neu", 200), ("qy-chen", 401)):
            body = {"login": login, "password": PASSWORD}
            assert Caller(counties, "qingyang").post("/sessions/applicant", body).status_code == status

    @pytest.mark.parametrize(
        ("login", "status", "code"),
        [
            ("", 422, "invalid_input"), ("qy-chen", 422, "invalid_input"), (" QY-LIN", 409, "login_taken"),
        ],
    )  # fmt: skip
    def test_that_cannot_be_is_refused(
        self, counties: World, chen: Caller, login: str, status: int, code: str
    ) -> None:
        is_problem(chen.post("/account/login", {"login": login, "password": PASSWORD}), status, code)
        with counties.on("qingyang"):
            assert row(counties).login == "qy-chen"


class TestPages:
    def test_show_what_stands_there_in_part_and_where_it_is_corrected(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen").open("/account/")
        assert chen.status == 200
        chen.is_sound()
        for said in ("qy-chen", "怎样更正", "答复里写明更正", "决定作出前撤回"):
            assert said in chen.words, said
        account = row(counties)
        with counties.on("qingyang"):
            assert account.name not in chen.text
            assert account.identity_number not in chen.text

    def test_change_the_telephone(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen").open("/account/telephone/")
        chen.is_sound()
        chen.send({"telephone": NEW, "password": "wrong"})
        assert chen.status == 422
        assert chen.form().values == {**chen.form().values, "telephone": [NEW], "password": [""]}
        chen.send({"telephone": "1", "password": PASSWORD})
        assert chen.status == 422
        assert "11 位" in chen.words
        chen.send({"telephone": NEW, "password": PASSWORD})
        assert chen.url == "/account/?done=telephone"
        assert "139******34" in chen.words
        assert NEW not in chen.text

    def test_change_the_login_name(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen").open("/account/login/")
        chen.is_sound()
        chen.send({"login": "qy-neu", "password": PASSWORD})
        assert chen.url == "/account/?done=login"
        assert "qy-neu" in chen.words

    @pytest.mark.parametrize("page", ["copy", "close"])
    def test_are_sound(self, counties: World, page: str) -> None:
        Browser(counties).sign_in("qy-chen").open(f"/account/{page}/").is_sound()


def test_staff_have_other_ways(counties: World) -> None:
    clerk = front.staff(counties, "qingyang", "window")
    for path, body in (
        ("telephone", {"telephone": NEW}),
        ("login", {"login": "x"}),
        ("copy", {}),
        ("close", {}),
    ):
        is_problem(clerk.post(f"/account/{path}", {**body, "password": PASSWORD}), 403, "not_permitted")
