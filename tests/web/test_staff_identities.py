"""Binding staff to an identity provider by the page of who manages accounts."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.models import Person, StaffIdentity
from tongban.accounts.people import staff_identities
from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.kernel.models import Access

pytestmark = pytest.mark.slow
PAGE, ISSUER, SUBJECT = "/account/staff-identities/", "https://id.example.gov.cn", "8d0c-4711"


@pytest.fixture
def manager(counties: World) -> Browser:
    node = counties["jiashan"]
    config = StaffProviderConfig(
        key="office", name="县政务认证平台", issuer=ISSUER, client_id="n", secret_file=Path("none")
    )
    node.config = replace(node.config, staff_providers=(config,))
    return staff(counties, "jiashan", "js-accounts").open(PAGE)


def bind(manager: Browser, username: str = "js-hrss", subject: str = SUBJECT) -> Browser:
    return manager.send({"username": username, "subject": subject}, button="do=bind")


def unbind(manager: Browser, **values: str) -> Browser:
    form = next(f for f in manager.page.forms if ("do", "unbind") in f.buttons)
    return manager._done(manager._call("post", PAGE, {**form.values, "do": "unbind", **values}))


def bound(world: World) -> list[str]:
    with world.on("jiashan"):
        return list(StaffIdentity.objects.bound().values_list("person__username", flat=True))


@pytest.mark.attack("A9")
def test_binds_and_unbinds_and_ends_sessions(counties: World, manager: Browser) -> None:
    officer = staff(counties, "jiashan", "js-hrss")
    assert bind(manager).url == f"{PAGE}?done=bind"
    assert bound(counties) == ["js-hrss"]
    assert "js-hrss" in manager.words
    assert SUBJECT not in manager.text
    with counties.on("jiashan"):
        assert staff_identities.owner(issuer=ISSUER, subject=SUBJECT).person.username == "js-hrss"
    assert "县政务认证平台" in officer.open("/account/second/").words  # its owner is told
    assert "还没有绑定" in unbind(manager).words
    assert bound(counties) == []
    assert officer.open("/desk/").url.startswith("/sign-in/")


def test_stands_in_the_record_of_access(counties: World, manager: Browser) -> None:
    bind(manager)
    bind(manager, subject="another")
    with counties.on("jiashan"):
        who = Person.objects.get(username="js-accounts").pseudonym
        rows = list(Access.objects.filter(who=who, doing="staff-identities").values_list("result", flat=True))
    assert "ok" in rows
    assert "js-hrss" not in str(rows)


@pytest.mark.parametrize(
    ("username", "subject", "status", "sentence"),
    [
        ("nobody", SUBJECT, 422, "没有这个在用的账号"),
        ("qy-hrss", SUBJECT, 422, "没有这个在用的账号"),
        ("", SUBJECT, 422, "没有这个在用的账号"),
        ("js-hrss", "", 422, "主体标识不能为空"),
        ("js-accounts", SUBJECT, 403, "不能为本人的账号办理"),
    ],
)
def test_says_what_is_wrong(
    counties: World, manager: Browser, username: str, subject: str, status: int, sentence: str
) -> None:
    bind(manager, username, subject)
    assert (manager.status, bound(counties)) == (status, [])
    assert sentence in manager.words
    assert manager.form().values["username"] == [username]


def test_a_subject_that_is_somebody_elses(counties: World, manager: Browser) -> None:
    bind(bind(manager), "js-window")
    assert (manager.status, bound(counties)) == (409, ["js-hrss"])
    assert "这个身份已绑定其他账号" in manager.words


def test_nobody_unbinds_what_they_do_not_see(counties: World, manager: Browser) -> None:
    bind(manager)
    unbind(manager, number="999999")
    assert (manager.status, bound(counties)) == (422, ["js-hrss"])


def test_a_provider_that_the_node_does_not_have(counties: World, manager: Browser) -> None:
    manager.send({"username": "js-hrss", "subject": SUBJECT, "provider": "another"}, button="do=bind")
    assert (manager.status, bound(counties)) == (422, [])


def test_says_so_where_there_is_no_provider(counties: World) -> None:
    assert "没有接入工作人员的认证平台" in staff(counties, "jiashan", "js-accounts").open(PAGE).words


def test_is_found_by_those_it_is_for(counties: World, manager: Browser) -> None:
    assert f'href="{PAGE}"' in manager.open("/account/second/").text
    assert f'href="{PAGE}"' not in staff(counties, "jiashan", "js-hrss").open("/account/second/").text
