"""The second step of signing in, through the API: who has it before them, what counts, when, and how often."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Authenticator, Person, Post, RecoveryCode
from tongban.accounts.people import second
from tongban.api.contract import api
from tongban.kernel.journal import nodechain
from tongban.kernel.models import Access
from tongban.signin import halfopen

__all__ = ["counties", "settled"]
pytestmark = [pytest.mark.slow, pytest.mark.once("codes and passkeys are judged before anything is stored")]
HEAD = "js-hrss-head"
BODY = {"username": HEAD, "password": demo.PASSWORD}
# A whole step, so that "the step after" is exact.
TEN = datetime.fromisoformat("2026-03-02T10:00:00+08:00")


@pytest.fixture(autouse=True)
def _nearly_ten(counties: World) -> None:
    counties.at = TEN - timedelta(minutes=1)


def half(world: World, **more: Any) -> Caller:
    """Give the password of a department's head, whose post demands more."""
    caller = Caller(world, "jiashan", **more)
    is_problem(caller.post("/sessions", BODY), 409, "second_factor_needed")
    return caller


def code(step: int, login: str = HEAD) -> str:
    return pyotp.TOTP(demo.secret_of(login)).generate_otp(step)


def give(caller: Caller, typed: str, *, at: datetime) -> Any:
    """Type a code when the node's clock shows `at`."""
    caller.world.at = at - timedelta(seconds=10)  # `call` lets ten seconds pass
    return caller.post("/sessions/second", {"code": typed})


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // second.STEP


def who(world: World, login: str = HEAD) -> Person:
    with world.on("jiashan"):
        return Person.objects.get(username=login)


def kinds(world: World) -> list[str]:
    with world.on("jiashan"):
        return [entry.kind for entry in nodechain.entries()]


@pytest.mark.attack("G")
class TestWhoIsAsked:
    def test_a_post_that_decides(self, counties: World) -> None:
        answer = Caller(counties, "jiashan").post("/sessions", BODY)
        is_problem(answer, 409, "second_factor_needed")
        assert answer.json()["ways"] == ["totp", "recovery_code"]

    @pytest.mark.parametrize(
        "login", ["supervisor", "accounts", "archive", "signer", "office", "lead", "hrss-head"]
    )
    def test_each_post_of_weight(self, counties: World, login: str) -> None:
        answer = Caller(counties, "jiashan").post("/sessions", {**BODY, "username": f"js-{login}"})
        is_problem(answer, 409, "second_factor_needed")

    @pytest.mark.parametrize("login", ["window", "town", "hrss"])
    def test_no_other_post(self, counties: World, login: str) -> None:
        answer = Caller(counties, "jiashan").post("/sessions", {**BODY, "username": f"js-{login}"})
        assert answer.status_code == 200

    def test_everybody_where_the_node_says_so(self, counties: World) -> None:
        node = counties["jiashan"]
        node.config = replace(node.config, second_factor="all")
        answer = Caller(counties, "jiashan").post("/sessions", {**BODY, "username": "js-window"})
        is_problem(answer, 409, "second_factor_not_set_up")

    def test_nobody_on_a_demo_node_that_says_so_but_who_has_enrolled(self, counties: World) -> None:
        node = counties["jiashan"]
        node.config = replace(node.config, second_factor="none")
        is_problem(Caller(counties, "jiashan").post("/sessions", BODY), 409, "second_factor_needed")
        with counties.on("jiashan"):
            Authenticator.objects.filter(person__username=HEAD).update(removed_at=counties.at)
        assert Caller(counties, "jiashan").post("/sessions", BODY).status_code == 200

    def test_who_has_none_yet_is_told_so_and_no_code_helps(self, counties: World) -> None:
        with counties.on("jiashan"):
            Authenticator.objects.filter(person__username=HEAD).update(removed_at=counties.at)
        caller = Caller(counties, "jiashan")
        is_problem(caller.post("/sessions", BODY), 409, "second_factor_not_set_up")
        is_problem(give(caller, code(step_of(TEN)), at=TEN), 401, "wrong_second_factor")
        is_problem(caller.get("/cases"), 401, "second_step_due")

    def test_a_wrong_password_is_told_nothing_of_it(self, counties: World) -> None:
        answer = Caller(counties, "jiashan").post("/sessions", {**BODY, "password": "wrong"})
        is_problem(answer, 401, "bad_credentials")

    def test_only_a_demo_node_tells_the_code(self, counties: World) -> None:
        node = counties["jiashan"]
        assert len(Caller(counties, "jiashan").post("/sessions", BODY).json()["demo_code"]) == 6
        node.config = replace(node.config, demo=False)
        assert "demo_code" not in Caller(counties, "jiashan").post("/sessions", BODY).json()


@pytest.mark.attack("G")
class TestHalfOpen:
    def test_every_endpoint_that_asks_who_it_is_refuses(self, counties: World) -> None:
        caller, tried = half(counties), 0
        for path, ways in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
            for method, operation in ways.items():
                if "security" in operation:
                    counties.at = TEN
                    where = path.format(number="x", digest="x", code="x", act="x", session="x")
                    is_problem(caller.call(method.upper(), where, {}), 401, "second_step_due")
                    tried += 1
        assert tried > 20

    def test_pages_lead_to_the_second_step(self, counties: World) -> None:
        caller = half(counties)
        for page in ("/desk/", "/supervision/"):
            answer = caller.call("GET", page)
            assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/second/?next={page}")
        assert caller.call("GET", "/items/").status_code == 200
        assert caller.call("GET", "/password/")["Location"] == "/sign-in/?next=/password/"

    def test_lasts_ten_minutes(self, counties: World) -> None:
        caller = half(counties)
        late = counties.at + halfopen.LASTS - timedelta(seconds=2)  # the clock goes on meanwhile
        assert give(caller, code(step_of(late)), at=late).status_code == 200
        caller = half(counties)
        late = counties.at + halfopen.LASTS + timedelta(seconds=1)
        is_problem(give(caller, code(step_of(late)), at=late), 401, "session_ended")

    def test_ends_with_a_change_of_the_password(self, counties: World) -> None:
        caller, person = half(counties), who(counties)
        with counties.on("jiashan"):
            commands.reset_password(person=person, new="another one, odd", by=SYSTEM, at=counties.at)
        is_problem(give(caller, code(step_of(TEN)), at=TEN), 401, "session_ended")

    def test_ends_with_the_post(self, counties: World) -> None:
        caller, person = half(counties), who(counties)
        with counties.on("jiashan"):
            commands.end_appointment(appointment=person.appointments.get(), by=SYSTEM, at=counties.at)
        is_problem(give(caller, code(step_of(TEN)), at=TEN), 403, "no_post")

    @pytest.mark.parametrize("ends", [False, True], ids=["held", "ended meanwhile"])
    def test_is_for_the_post_that_was_chosen_and_no_other(self, counties: World, ends: bool) -> None:
        with counties.on("jiashan"):
            person = Person.objects.get(username=HEAD)
            post = Post.objects.get(code="officer", organisation=person.appointments.get().post.organisation)
            other = commands.appoint(person=person, post=post, by=SYSTEM, at=counties.at)
        caller = Caller(counties, "jiashan")
        is_problem(caller.post("/sessions", BODY), 409, "post_choice_needed")
        is_problem(caller.post("/sessions", {**BODY, "post": post.pk}), 409, "second_factor_needed")
        if ends:
            with counties.on("jiashan"):
                commands.end_appointment(appointment=other, by=SYSTEM, at=counties.at)
            is_problem(give(caller, code(step_of(TEN)), at=TEN), 403, "no_post")
        else:
            assert give(caller, code(step_of(TEN)), at=TEN).json()["actor"]["post"] == "officer"

    def test_nobody_who_gave_no_password_gets_so_far(self, counties: World) -> None:
        stranger = Caller(counties, "jiashan")
        is_problem(give(stranger, code(step_of(TEN)), at=TEN), 401, "session_ended")

    def test_is_no_ones_once_somebody_else_has_signed_in(self, counties: World) -> None:
        caller = half(counties)
        assert caller.post("/sessions", {**BODY, "username": "js-hrss"}).status_code == 200
        with counties.on("jiashan"):
            assert halfopen.KEY not in caller.client.session
        assert caller.get("/sessions").json()["actor"]["post"] == "officer"

    def test_the_key_of_the_session_is_new_afterwards_and_the_old_is_dead(self, counties: World) -> None:
        caller = half(counties)
        cookie = next(name for name in caller.client.cookies if name.endswith("_session"))
        before = caller.client.cookies[cookie].value
        assert give(caller, code(step_of(TEN)), at=TEN).status_code == 200
        assert caller.client.cookies[cookie].value != before
        assert caller.get("/cases").status_code == 200
        other = Caller(counties, "jiashan")
        other.client.cookies[cookie] = before
        is_problem(other.get("/cases"), 401, "not_signed_in")

    def test_a_sign_in_is_on_record_only_when_it_is_whole(self, counties: World) -> None:
        caller, person = half(counties), who(counties)
        with counties.on("jiashan"):
            mine = Access.objects.filter(who=person.pseudonym, doing="sign_in").order_by("pk")
            assert not mine.exists()
            give(caller, "000000", at=TEN)
            give(caller, code(step_of(TEN)), at=TEN)
            assert list(mine.values_list("result", "post")) == [
                ("wrong_second_factor", ""),
                ("ok", "decider"),
            ]


class TestCodes:
    @pytest.mark.parametrize("off", [-1, 0, 1])
    def test_the_step_before_and_the_step_after_count(self, counties: World, off: int) -> None:
        answer = give(half(counties), code(step_of(TEN) + off), at=TEN)
        assert answer.status_code == 200, answer.content.decode()
        assert answer.json()["actor"]["post"] == "decider"

    @pytest.mark.parametrize("off", [-2, 2])
    def test_those_beyond_do_not(self, counties: World, off: int) -> None:
        is_problem(give(half(counties), code(step_of(TEN) + off), at=TEN), 401, "wrong_second_factor")

    def test_a_step_ends_with_its_thirtieth_second(self, counties: World) -> None:
        typed = code(step_of(TEN))
        last = TEN + timedelta(seconds=59)
        assert give(half(counties), typed, at=last).status_code == 200
        other = pyotp.TOTP(demo.secret_of("js-police-head")).generate_otp(step_of(TEN))
        caller = Caller(counties, "jiashan")
        caller.post("/sessions", {**BODY, "username": "js-police-head"})
        is_problem(give(caller, other, at=last + timedelta(seconds=1)), 401, "wrong_second_factor")

    def test_counts_once(self, counties: World) -> None:
        typed = code(step_of(TEN))
        assert give(half(counties), typed, at=TEN).status_code == 200
        is_problem(give(half(counties), typed, at=TEN), 401, "code_used")
        assert give(half(counties), code(step_of(TEN) + 1), at=TEN).status_code == 200

    def test_one_before_a_used_one_no_longer_counts(self, counties: World) -> None:
        assert give(half(counties), code(step_of(TEN) + 1), at=TEN).status_code == 200
        for off in (-1, 0, 1):
            is_problem(give(half(counties), code(step_of(TEN) + off), at=TEN), 401, "code_used")

    def test_somebody_elses_is_wrong(self, counties: World) -> None:
        theirs = code(step_of(TEN), "js-police-head")
        is_problem(give(half(counties), theirs, at=TEN), 401, "wrong_second_factor")

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "0" * 16, "x" * 40])
    def test_what_is_no_code_is_wrong(self, counties: World, typed: str) -> None:
        is_problem(give(half(counties), typed, at=TEN), 401, "wrong_second_factor")

    def test_may_be_typed_as_the_telephone_shows_it(self, counties: World) -> None:
        typed = code(step_of(TEN))
        assert give(half(counties), f" {typed[:3]} {typed[3:]}", at=TEN).status_code == 200

    def test_five_wrong_ones_lock_for_a_quarter_of_an_hour(self, counties: World) -> None:
        caller = half(counties)
        for _ in range(5):
            is_problem(give(caller, "000000", at=TEN), 401, "wrong_second_factor")
        answer = give(caller, code(step_of(TEN)), at=TEN)
        is_problem(answer, 429, "throttled")
        assert 0 < int(answer["Retry-After"]) <= 901
        # The password alone unlocks nothing.
        is_problem(give(half(counties), code(step_of(TEN)), at=TEN), 429, "throttled")
        later = TEN + timedelta(minutes=16)
        counties.at = later - timedelta(minutes=1)
        assert give(half(counties), code(step_of(later)), at=later).status_code == 200

    def test_a_right_one_forgets_wrong_ones(self, counties: World) -> None:
        for at in (TEN, TEN + timedelta(minutes=2)):
            counties.at = at - timedelta(minutes=1)
            caller = half(counties)
            for _ in range(4):
                is_problem(give(caller, "000000", at=at), 401, "wrong_second_factor")
            assert give(caller, code(step_of(at)), at=at).status_code == 200


class TestRecoveryCodes:
    @pytest.fixture
    def codes(self, counties: World) -> list[str]:
        person = who(counties)
        with counties.on("jiashan"):
            return second.make_recovery_codes(person=person, by=SYSTEM, at=counties.at)

    def test_ten_of_them_each_counts_once(self, counties: World, codes: list[str]) -> None:
        assert len(set(codes)) == second.RECOVERY_CODES == 10
        for one in codes:
            assert give(half(counties), one, at=TEN).status_code == 200
        is_problem(give(half(counties), codes[0], at=TEN), 401, "code_used")
        assert kinds(counties).count("recovery_code_used") == 10

    def test_may_be_typed_without_lines_and_in_capitals(self, counties: World, codes: list[str]) -> None:
        assert give(half(counties), codes[0].replace("-", "").upper(), at=TEN).status_code == 200

    def test_new_ones_end_the_old(self, counties: World, codes: list[str]) -> None:
        person = who(counties)
        with counties.on("jiashan"):
            second.make_recovery_codes(person=person, by=SYSTEM, at=counties.at)
        is_problem(give(half(counties), codes[0], at=TEN), 401, "wrong_second_factor")

    def test_fit_nobody_else_even_if_the_row_is_moved(self, counties: World, codes: list[str]) -> None:
        other = who(counties, "js-police-head")
        with counties.on("jiashan"):
            RecoveryCode.objects.update(person=other)
        caller = Caller(counties, "jiashan")
        caller.post("/sessions", {**BODY, "username": "js-police-head"})
        is_problem(give(caller, codes[0], at=TEN), 401, "wrong_second_factor")

    def test_are_not_in_the_database(self, counties: World, codes: list[str]) -> None:
        with counties.on("jiashan"):
            kept = list(RecoveryCode.objects.values_list("code_hash", flat=True))
        assert len(kept) == 10
        assert not [
            one for one in codes for hashed in kept if one in hashed or one.replace("-", "") in hashed
        ]


def test_the_helper_signs_in_as_often_as_it_likes(counties: World) -> None:
    for _ in range(4):
        assert front.staff(counties, "jiashan", "hrss-head").get("/cases").status_code == 200
