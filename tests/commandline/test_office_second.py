"""A lost second factor at the command line: one asks, another confirms, each with password and code of their own."""

from datetime import timedelta
from types import SimpleNamespace

import pyotp
import pytest
from click.testing import CliRunner, Result

from tests.accounts import county
from tests.accounts.county import PASSWORD
from tests.nodes import Node, node
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Authenticator, FailedAttempt, Person, SecondReset
from tongban.accounts.people import second
from tongban.cli import main
from tongban.kernel.time import clock

__all__ = ["node"]
pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def place(node: Node) -> SimpleNamespace:
    """Somebody who decides, two managers of accounts, a supervisor: each with a telephone."""
    found = county.settle(post="decider")
    centre = county.an_organisation("service_centre")
    for name, code in (("lu", "accounts"), ("xi", "accounts"), ("du", "supervisor"), ("ke", "archive")):
        post = centre.posts.filter(code=code).first() or county.a_post(centre, code)
        county.a_person(post, name)
    for person in Person.objects.all():
        second.add(
            person=person, kind=Authenticator.Kind.TOTP, label="手机", secret=SECRET, by=SYSTEM, at=county.MONDAY
        )  # fmt: skip
    return found


def code(off: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(clock.now() + timedelta(seconds=30 * off))


def call(*words: str, password: str = PASSWORD, off: int = 0, typed: str = "") -> Result:
    """Run the command, and type a password and the code of this moment."""
    typed = typed or code(off)
    return CliRunner().invoke(main, ["office", "second", *words], input=f"{password}\n{typed}\n")


def test_by_two_people(place: SimpleNamespace) -> None:
    asked = call("reset", "wang", "--by", "lu")
    assert asked.exit_code == 0, asked.output
    assert "24 小时内" in asked.stdout
    done = call("confirm", "wang", "--by", "du")
    assert done.exit_code == 0, done.output
    username, password = done.stdout.split()
    place.person.refresh_from_db()
    assert (username, passwords.matches(password, place.person.password)) == ("wang", True)
    assert place.person.must_change_password
    assert not Authenticator.objects.of(place.person).exists()


def test_by_the_operator_and_one_who_proves_themselves(place: SimpleNamespace) -> None:
    assert call("reset", "wang").exit_code == 0
    assert SecondReset.objects.get().asked_by == "operator"
    assert call("confirm", "wang", "--by", "xi").exit_code == 0


def test_the_operator_alone_is_not_enough(place: SimpleNamespace) -> None:
    assert call("reset", "wang").exit_code == 0
    assert call("confirm", "wang").exit_code == 2  # --by is missing
    assert Authenticator.objects.of(place.person).exists()


@pytest.mark.parametrize(
    ("words", "password", "off", "sentence"),
    [
        (("wang", "--by", "lu"), "not the password", 0, "账号或密码不正确"),
        (("wang", "--by", "nobody"), PASSWORD, 0, "账号或密码不正确"),
        (("wang", "--by", "lu"), PASSWORD, 5, "验证码不正确或已过期"),
        (("wang", "--by", "ke"), PASSWORD, 0, "没有账号管理或督办的岗位"),
        (("lu", "--by", "lu"), PASSWORD, 0, "不能重置本人"),
        (("wang", "--by", "du"), PASSWORD, 0, "没有账号管理权限"),
        (("nobody", "--by", "lu"), PASSWORD, 0, "没有这个在用的账号"),
    ],
)
def test_refusals_of_asking(words: tuple[str, ...], password: str, off: int, sentence: str) -> None:
    result = call("reset", *words, password=password, off=off)
    assert (result.exit_code, sentence in result.stderr) == (1, True), result.output
    assert not SecondReset.objects.exists()


def test_nobody_confirms_their_own_request(place: SimpleNamespace) -> None:
    call("reset", "wang", "--by", "lu")
    result = call("confirm", "wang", "--by", "lu", off=1)
    assert (result.exit_code, "不能复核自己的申请" in result.stderr) == (1, True), result.output
    assert Authenticator.objects.of(place.person).exists()


def test_a_code_counts_once_at_the_terminal_too() -> None:
    typed = code()
    call("reset", "wang", "--by", "lu", typed=typed)
    again = call("reset", "wang", "--by", "lu", typed=typed)
    assert "已经用过" in again.stderr
    assert SecondReset.objects.count() == 1


def test_wrong_codes_and_passwords_lock() -> None:
    for _ in range(5):
        call("reset", "wang", "--by", "lu", off=5)
        call("reset", "wang", "--by", "xi", password="wrong")
    assert "分钟后再试" in call("reset", "wang", "--by", "lu").stderr
    assert "分钟后再试" in call("reset", "wang", "--by", "xi").stderr
    assert FailedAttempt.objects.exists()
