"""Who looked at what is written down: by route and number; from where and in which session; content before it is shown."""

from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import URLPattern, get_resolver

from tests import stories
from tests.api import front
from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.models import Person
from tongban.accounts.people import sealed
from tongban.api.contract import api
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.signin import routes
from tongban.signin.actor import POLLING
from tongban.signin.routes import How


def every_route() -> set[str]:
    """Return the name of everything that answers: pages by name, operations of the API by theirs."""

    def names(patterns: list[Any]) -> set[str]:
        found: set[str] = set()
        for one in patterns:
            if isinstance(one, URLPattern):
                if not hasattr(getattr(one.callback, "__self__", None), "operations"):
                    found.add(one.name or one.callback.__name__)
            else:
                found |= names(one.url_patterns)
        return found

    pages = names(get_resolver("tongban.assembly.urls").url_patterns)
    return pages | {str(one.view_func.__name__) for one in api.operations()}


class TestTheTable:
    def test_names_every_route_or_why_it_is_not_recorded(self) -> None:
        known = every_route()
        recorded = {name for name in known if routes.of(name)}
        assert not recorded & set(routes.NOT_RECORDED)
        assert known == recorded | set(routes.NOT_RECORDED), known ^ (recorded | set(routes.NOT_RECORDED))
        assert set(routes.ROUTES) <= known, "a route that there is no more"

    def test_calls_each_something(self) -> None:
        assert all(str(routes.title(name)) != name for name in routes.ROUTES)


def rows(world: World, node: str = "jiashan", **wanted: Any) -> list[Access]:
    with world.on(node):
        return list(Access.objects.filter(**wanted).order_by("pk"))


def officer_of(world: World) -> tuple[Browser, str]:
    browser = staff(world, "jiashan", "js-hrss")
    with world.on("jiashan"):
        return browser, Person.objects.get(username="js-hrss").pseudonym


@pytest.mark.slow
class TestPages:
    def test_a_list_and_a_case_by_whom_at_what_from_where(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, code = officer_of(counties)
        officer.open("/desk/").open(f"/desk/{number}/")

        mine = rows(counties, who=code)
        signed_in, listed, opened = mine[0], mine[-2], mine[-1]
        assert (signed_in.doing, signed_in.result, signed_in.post) == ("sign_in", "ok", "officer")
        assert (listed.doing, listed.matter) == ("queue", "")
        assert (opened.doing, opened.matter, opened.result) == ("officer-case", number, "ok")
        assert (opened.kind, opened.channel, opened.post) == ("staff", "desk", "officer")
        with counties.on("jiashan"):
            assert sealed.open_(opened.address) == "127.0.0.1"
            assert b"127.0.0.1" not in bytes(opened.address)
        assert len(opened.session) == 16
        assert {one.session for one in (signed_in, listed, opened)} == {opened.session}
        assert opened.session not in officer.client.cookies[settings.SESSION_COOKIE_NAME].value

    def test_content_is_one_row_with_its_digest(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, code = officer_of(counties)
        officer.open(f"/desk/{number}/").send(to="/numbers/#form")
        (revealed,) = rows(counties, who=code, doing="officer-reveal")
        assert (revealed.matter, revealed.content[:4]) == (number, "sm3:")

    def test_an_act_and_a_refusal_and_what_nobody_may_see(self, counties: World) -> None:
        number = stories.forwarded(counties)
        officer, code = officer_of(counties)
        officer.open(f"/desk/{number}/").send(to="/acts/acknowledge/")
        assert officer.fetch("/supervision/").status_code == 403
        police = staff(counties, "jiashan", "js-police")
        assert police.fetch(f"/desk/{number}/").status_code == 404
        assert police.fetch("/desk/330421199001010010/").status_code == 422

        (acted,) = rows(counties, who=code, doing="officer-act")
        assert (acted.matter, acted.result) == (number, "ok")
        (refused,) = rows(counties, who=code, doing="supervision")
        assert refused.result == "not_permitted"
        hidden, nonsense = rows(counties, doing="officer-case", organisation=police_of(counties))
        assert (hidden.matter, hidden.result) == (number, "not_found")
        assert (nonsense.matter, nonsense.result) == ("", "bad_number")

    def test_what_a_page_asks_by_itself_is_no_look(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, code = officer_of(counties)
        officer.open(f"/desk/{number}/")
        before = len(rows(counties, who=code))
        answer = officer._call("get", f"/desk/{number}/", None, {POLLING: "1000"})
        assert answer.status_code == 304
        assert len(rows(counties, who=code)) == before


def police_of(world: World) -> str:
    with world.on("jiashan"):
        person = Person.objects.get(username="js-police")
        return person.appointments.get().post.organisation.uscc


@pytest.mark.slow
class TestTheApi:
    def test_a_machine_and_an_applicant(self, counties: World) -> None:
        number = stories.received(counties)
        machine = front.machine(counties, "qingyang")
        machine.get(f"/cases/{number}")
        machine.get("/duties")
        chen = front.applicant(counties, "qingyang", "chen")
        chen.get("/cases")
        assert chen.get(f"/cases/{number}").status_code == 404

        looked = rows(counties, "qingyang", kind="machine")
        assert [(one.doing, one.matter, one.session) for one in looked] == [
            ("show_case", number, ""),
            ("list_duties", "", ""),
        ]
        of_chen = rows(counties, "qingyang", kind="applicant")
        assert [(one.doing, one.result, one.matter) for one in of_chen] == [
            ("sign_in", "ok", ""),
            ("show_case", "not_found", number),
        ]


def refuses(*given: Any, **named: Any) -> None:
    raise DatabaseError("database is locked")


@pytest.mark.slow
class TestWhenNothingCanBeWritten:
    def test_content_is_refused_and_pages_are_not(
        self, counties: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = stories.acknowledged(counties)
        caller = front.staff(counties, "jiashan", "hrss")
        (form, *_) = caller.get(f"/cases/{number}/materials").json()
        officer, _ = officer_of(counties)
        officer.open(f"/desk/{number}/")
        before = len(rows(counties))
        monkeypatch.setattr(Access, "save", refuses)
        monkeypatch.setattr(Access.objects, "bulk_create", refuses)

        answer = caller.get(f"/cases/{number}/materials/{form['digest']}")
        front.is_problem(answer, 503, "look_not_recorded")
        page = officer.fetch(f"/desk/{number}/files/{form['digest']}/")
        assert (page.status_code, "没有打开" in page.content.decode()) == (503, True)
        assert caller.get("/duties").status_code == 200
        assert officer.fetch("/desk/").status_code == 200
        assert len(rows(counties)) == before

    def test_content_that_no_view_writes_is_refused_by_the_door(self) -> None:
        assert routes.of("dossier") == routes.Route(How.CONTENT, routes.ROUTES["dossier"].title)
        assert issubclass(accesses.NotRecorded, Exception)
