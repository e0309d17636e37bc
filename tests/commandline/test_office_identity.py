"""Binding staff to an identity provider at the command line: by whom, what is asked, what is shown."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from tests.accounts import county
from tests.accounts.county import ISSUER, PASSWORD
from tests.commandline.test_office_second import SECRET, code
from tests.nodes import Node, node
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Authenticator, Person, StaffIdentity
from tongban.accounts.people import second, staff_identities
from tongban.cli import main
from tongban.configuration.config import UNBOUND
from tongban.kernel.journal import nodechain
from tongban.kernel.models import Access
from tongban.kernel.time import clock

__all__ = ["node"]
pytestmark = pytest.mark.django_db
SUBJECT = "8d0c-4711"


@pytest.fixture(autouse=True)
def place(node: Node, settings: Settings) -> SimpleNamespace:
    """An officer, and a manager of accounts with a telephone."""
    county.trust_a_provider(settings)
    found = county.settle()
    centre = county.an_organisation("service_centre")
    found.lu = county.a_person(county.a_post(centre, "accounts"), "lu")
    second.add(
        person=found.lu, kind=Authenticator.Kind.TOTP, label="手机", secret=SECRET, by=SYSTEM, at=county.MONDAY
    )  # fmt: skip
    return found


def call(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["office", "identity", *words], input=typed)


def test_by_the_operator(place: SimpleNamespace) -> None:
    done = call("bind", "wang", "office", typed=f"{SUBJECT}\n")
    assert done.exit_code == 0, done.output
    assert SUBJECT not in done.stdout
    assert staff_identities.owner(issuer=ISSUER, subject=SUBJECT).person == place.person
    shown = json.loads(call("list", "--json").stdout)
    assert [(one["username"], one["issuer"]) for one in shown["bound"]] == [("wang", ISSUER)]
    assert shown["managers_with_passwords"] == ["lu"]
    assert "wang" in call("list").stdout
    assert call("unbind", "wang", "office").exit_code == 0
    assert "还没有绑定" in call("list").stdout
    told = [entry for entry in nodechain.entries() if entry.kind.startswith("identity_")]
    assert [(entry.kind, entry.actor["staff"]) for entry in told] == [
        ("identity_bound", "operator"), ("identity_unbound", "operator"),
    ]  # fmt: skip
    doing = set(Access.objects.values_list("doing", "result"))
    assert {("tongban office identity bind", "ok"), ("tongban office identity unbind", "ok")} <= doing


def test_by_one_who_proves_themselves(place: SimpleNamespace) -> None:
    clerk = county.a_person(place.lu.appointments.get().post, "xi")
    done = call("bind", "xi", "office", "--by", "lu", typed=f"{PASSWORD}\n{code()}\n{SUBJECT}\n")
    assert done.exit_code == 0, done.output
    assert StaffIdentity.objects.get().person == clerk
    refused = call("unbind", "xi", "office", "--by", "lu", typed="wrong\n000000\n")
    assert (refused.exit_code, "账号或密码不正确" in refused.stderr) == (1, True)
    assert StaffIdentity.objects.bound().exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("wang", "another"), "没有 key 为 another"),
        (("nobody", "office"), "没有这个在用的账号"),
    ],
)
def test_refusals(words: tuple[str, ...], sentence: str) -> None:
    for command in ("bind", "unbind"):
        result = call(command, *words, typed=f"{SUBJECT}\n")
        assert (result.exit_code, sentence in result.stderr) == (1, True), result.output
    assert not StaffIdentity.objects.exists()


def test_of_who_has_left_and_of_a_provider_that_is_gone(place: SimpleNamespace, settings: Settings) -> None:
    call("bind", "wang", "office", typed=f"{SUBJECT}\n")
    commands.deactivate_person(person=place.person, by=SYSTEM, at=clock.now())
    settings.NODE = replace(settings.NODE, staff_providers=())
    assert call("unbind", "wang", ISSUER).exit_code == 0
    assert not StaffIdentity.objects.bound().exists()


def test_names_who_comes_in_while_the_provider_is_down(place: SimpleNamespace, settings: Settings) -> None:
    settings.NODE = replace(settings.NODE, staff_passwords=UNBOUND)
    assert "可用密码登录的账号管理员：lu" in call("list").stdout
    refused = call("bind", "lu", "office", typed=f"{SUBJECT}\n")
    assert (refused.exit_code, "须留作应急账号" in refused.stderr) == (1, True)


def test_a_password_that_is_off_is_worth_nothing_here_either(
    place: SimpleNamespace, settings: Settings
) -> None:
    staff_identities.bind(person=place.lu, issuer=ISSUER, subject=SUBJECT, by=SYSTEM, at=clock.now())
    settings.NODE = replace(settings.NODE, staff_passwords=UNBOUND)
    refused = call("bind", "wang", "office", "--by", "lu", typed=f"{PASSWORD}\n{code()}\nu-2\n")
    assert (refused.exit_code, "不再接受其密码" in refused.stderr) == (1, True), refused.output
    assert Person.objects.get(username="wang").staff_identities.count() == 0
