"""Who looked at what is written down: by route and number; from where and in which session; content before it is shown."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import URLPattern, get_resolver

from tests import stories
from tests.api import front
from tests.web.browser import Browser
from tests.web.test_applicant import filed
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands as accounts
from tongban.accounts import demo
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Organisation, Person
from tongban.accounts.people import sealed
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.api.contract import api
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.signin import routes
from tongban.signin.actor import POLLING
from tongban.signin.routes import How
from tongban.supervision.models import LookAlarm


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
        assert not set(routes.WORDS) & known, "what counts as an attempt to sign in must be one"

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


def supervisor(world: World) -> Browser:
    return staff(world, "jiashan", "js-supervisor")


@pytest.mark.attack("E3")
@pytest.mark.slow
class TestWhoLooked:
    def test_a_supervisor_is_told_who_when_what_and_from_where(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, code = officer_of(counties)
        officer.open(f"/desk/{number}/").send(to="/numbers/#form")
        watcher = supervisor(counties).open(f"/supervision/cases/{number}/")
        assert f"/numbers/{number}/looks/" in watcher.text
        watcher.open(f"/numbers/{number}/looks/")
        with counties.on("jiashan"):
            name = Person.objects.get(pseudonym=code).name
        assert name in watcher.words
        assert "127.0.0.1" in watcher.words
        assert "officer-reveal" in watcher.words
        assert "supervised-case" in watcher.words, "their own look too"
        assert not re.search(r"\d{17}[\dXx]", watcher.text.replace(number, ""))

        watcher.open(f"/numbers/{number}/looks/?day=2020-01-01")
        assert "没有记录" in watcher.words
        watcher.open(f"/numbers/{number}/looks/?day=nonsense")
        assert "没有记录" in watcher.words
        place = rows(counties, who=code)[-1].organisation
        watcher.open(f"/numbers/{number}/looks/?post={place}:officer")
        assert "officer-reveal" in watcher.words
        assert "supervised-case" not in watcher.words

    @pytest.mark.prove("opens a case sixty times")
    def test_comes_in_pages_of_thirty(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        watcher = supervisor(counties)
        for _ in range(31):
            watcher.fetch(f"/supervision/cases/{number}/")
        watcher.open(f"/numbers/{number}/looks/")
        assert watcher.text.count("<tr><th scope=") == 30 + 1
        assert 'href="?page=1"' in watcher.text
        watcher.open(f"/numbers/{number}/looks/?page=1")
        assert 'id="next"' not in watcher.text

    def test_who_reads_the_case_and_does_not_watch_over_it_is_refused(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, _ = officer_of(counties)
        assert officer.fetch(f"/numbers/{number}/looks/").status_code == 403

    @pytest.mark.attack("E5")
    def test_an_applicant_is_told_organisation_and_post_and_no_names(self, counties: World) -> None:
        number, chen = of_chen(counties)
        clerk = staff(counties, "qingyang", "qy-window")
        clerk = clerk.send() if clerk.url == "/counter/shift/" else clerk
        clerk.open(f"/counter/cases/{number}/")
        clerk.fetch(f"/counter/cases/{'X' * 5}/")
        chen.open(f"/my-cases/{number}/")
        assert "谁看过我的材料" in chen.words
        chen.open(f"/numbers/{number}/looks/")
        with counties.on("qingyang"):
            person = Person.objects.get(username="qy-window")
            assert person.name not in chen.text
            assert person.pseudonym not in chen.text
        assert "打开办件" in chen.words
        assert "窗口人员" in chen.words
        assert "127.0.0.1" not in chen.text
        zhang = Browser(counties).sign_in("qy-lin")
        assert zhang.fetch(f"/numbers/{number}/looks/").status_code == 404

    def test_the_api_tells_the_same(self, counties: World) -> None:
        number, _ = of_chen(counties)
        clerk = front.staff(counties, "qingyang", "window")
        for _ in range(3):
            clerk.get(f"/cases/{number}")
        told = front.applicant(counties, "qingyang", "chen").get(f"/matters/{number}/looks").json()
        assert [(one["action"], one["who"], one["address"]) for one in told["looks"]] == [
            ("show_case", "", "")
        ] * 3
        watcher = front.staff(counties, "qingyang", "supervisor")
        first = watcher.get(f"/matters/{number}/looks?limit=2").json()
        assert all(one["who"] and one["address"] == "10.1.0.1" for one in first["looks"])
        rest = watcher.get(f"/matters/{number}/looks?limit=2&after={first['next']}").json()
        assert rest["next"] is None
        assert [(one["kind"], one["address"] != "") for one in rest["looks"]] == [
            ("staff", True),
            ("applicant", False),
        ]
        assert watcher.get(f"/matters/{number}/looks?day=2020-01-01").json()["looks"] == []
        assert clerk.get(f"/matters/{number}/looks").status_code == 403


def of_chen(world: World) -> tuple[str, Browser]:
    chen = Browser(world).sign_in("qy-chen")
    return filed(chen), chen


@pytest.mark.attack("E3")
@pytest.mark.slow
class TestTheAuditor:
    def auditor(self, world: World) -> Browser:
        with world.on("jiashan"):
            place = Organisation.objects.get(uscc=world["jiashan"].centre)
            standard = STANDARD_POSTS["audit"]
            post = accounts.add_post(
                organisation=place, code="audit", title=standard.title, permissions=standard.permissions,
                supervises="330421", by=SYSTEM, at=world.at,
            )  # fmt: skip
            accounts.add_person(
                username="js-audit", password=demo.PASSWORD, name="审计", post=post, by=SYSTEM, at=world.at
            )
        return staff(world, "jiashan", "js-audit")

    def test_sees_the_records_and_nothing_of_content(self, counties: World) -> None:
        number = stories.acknowledged(counties)
        officer, _ = officer_of(counties)
        officer.open(f"/desk/{number}/")
        officer.fetch("/supervision/")
        auditor = self.auditor(counties)
        assert auditor.url == "/audit/"
        assert "officer-case" in auditor.words
        assert "sign_in" in auditor.words
        auditor.open("/audit/?what=refused")
        assert "not_permitted" in auditor.words
        assert "officer-case" not in auditor.words
        auditor.open(f"/audit/?number={number}")
        assert "officer-case" in auditor.words
        assert "supervision" not in auditor.words.partition("结果")[2]
        assert auditor.open(f"/numbers/{number}/looks/").status == 200
        for page in (f"/desk/{number}/", f"/supervision/cases/{number}/", "/supervision/", "/counter/"):
            assert auditor.fetch(page).status_code in (403, 404), page
        assert auditor.fetch(f"/numbers/{number}/").status_code == 404
        assert auditor.fetch("/supervision/looks/").status_code == 200


@pytest.mark.slow
class TestAlarms:
    def test_are_closed_with_a_word_and_counted(self, counties: World) -> None:
        with counties.on("jiashan"):
            person = Person.objects.get(username="js-hrss")
            name = person.name
            place = person.appointments.first().post.organisation.uscc  # type: ignore[union-attr]
            LookAlarm.objects.create(
                day=counties.at.date(), kind="strange", who=person.pseudonym, organisation=place, post="officer",
                count=40, usual=20,
            )  # fmt: skip
        machine = front.machine(counties, "jiashan", "supervisor")
        assert "tongban_look_alarms_open 1" in machine.call("GET", "/metrics").content.decode()
        watcher = supervisor(counties).open("/supervision/looks/")
        assert "打开大量" in watcher.words
        assert name in watcher.words
        watcher.send({"word": "  "}, to=f"/supervision/looks/{alarm_of(counties)}/")
        assert (watcher.status, "请写明查明了什么" in watcher.words) == (422, True)
        watcher.send({"word": "核查旧档"}, to=f"/supervision/looks/{alarm_of(counties)}/")
        assert watcher.url == "/supervision/looks/?done=1"
        assert "核查旧档" in watcher.words
        assert "<textarea" not in watcher.text
        assert "tongban_look_alarms_open 0" in machine.call("GET", "/metrics").content.decode()
        (closed,) = rows(counties, doing="look-alarm-close", result="ok")
        assert closed.matter == ""


def alarm_of(world: World) -> int:
    with world.on("jiashan"):
        return int(LookAlarm.objects.get().pk)
