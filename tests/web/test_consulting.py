"""A supervisor consults one case: by a ground and a reason, for two hours, for themselves alone; whose case it is sees that."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests import stories
from tests.api.front import show_time
from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_claims import window
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts import commands as accounts
from tongban.accounts import queries as people
from tongban.accounts.access.actor import SYSTEM, Actor, Channel
from tongban.accounts.models import Appointment, Person
from tongban.cases.models import Case
from tongban.kernel import vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import nodechain, writing
from tongban.kernel.models import Access, Event
from tongban.procedures import consulting, notes, queries, readable
from tongban.procedures.consultation import Consultation
from tongban.procedures.consulting import LASTS, LONGEST, SHORTEST

pytestmark = pytest.mark.slow
NAME, WHY = "张三", "群众投诉称同一材料被反复要求提交，核对所交材料。"
RIGHT = {"ground": "complaint", "reason": WHY}


@pytest.fixture
def number(counties: World) -> str:
    return stories.accepted(counties)


@pytest.fixture
def watcher(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-supervisor")


def asks(watcher: Browser, number: str) -> Browser:
    """Come to the page that asks, by the button on the page of the case."""
    page = watcher.open(f"/supervision/cases/{number}/")
    assert f'href="/supervision/cases/{number}/consult/">调阅材料' in page.text
    return watcher.open(f"/supervision/cases/{number}/consult/")


def consults(watcher: Browser, number: str) -> Browser:
    return asks(watcher, number).send(RIGHT, to="/consult/")


def actor(world: World, login: str, node: str = "jiashan") -> Actor:
    """Return a real person of a node on the post they hold."""
    with world.on(node):
        appointment = Appointment.objects.select_related("post__organisation").get(person__username=login)
        return people.actor_for_appointment(appointment, channel=Channel.DESK)


def may_read(world: World, number: str, by: Actor) -> bool:
    """Return whether somebody may read the form now, by the rule alone."""
    show_time(world)
    with world.on("jiashan"):
        return readable.labels_for(Case.objects.get(number=number), by)("form")


def files(page: Browser) -> list[str]:
    return sorted(set(re.findall(r'href="(/supervision/cases/[^"]+/consulted/sm3:[^"?]+)', page.text)))


def form_of(world: World, number: str) -> str:
    officer = stories.officer(world, number)
    with world.on("jiashan"):
        pieces = queries.contents(Case.objects.get(number=number), officer)
        return next(piece.digest for piece in pieces if piece.label == "form")


def refused(world: World, number: str, by: Actor, ground: str = "complaint", reason: str = WHY) -> str:
    """Return the code by which a consultation is refused; nothing where it is granted."""
    with world.on("jiashan"):
        try:
            consulting.consult(matter=number, ground=ground, reason=reason, by=by, at=world.at)
        except DomainError as refusal:
            return refusal.code
    return ""


def token(browser: Browser) -> str:
    return browser.form("/dossier/").values["csrfmiddlewaretoken"][0]


def readings(world: World, number: str) -> int:
    with world.on("jiashan"):
        return Access.objects.filter(matter=number).exclude(content="").count()


def destroyed(world: World, number: str) -> None:
    """Destroy the content of a case on the node, as the last act of its keeping does."""
    with world.on("jiashan"), write():
        consulting.forget(number)
        vault.destroy(number, "expired", world.at)


def rows(world: World) -> list[Consultation]:
    with world.on("jiashan"):
        return list(Consultation.objects.order_by("pk"))


class TestAsking:
    def test_wants_a_ground_and_a_reason(self, counties: World, number: str, watcher: Browser) -> None:
        asks(watcher, number)
        assert {"complaint", "spot_check", "ordered", "other"} < set(
            watcher.form("/consult/").offered["ground"]
        )
        assert watcher.send({"reason": WHY}, to="/consult/").status == 422
        assert "所选依据不在目录内" in watcher.words
        assert WHY in watcher.text, "what was typed stays"
        assert watcher.send({"ground": "clue", "reason": " "}, to="/consult/").status == 422
        assert "请写明为什么要看" in watcher.words
        assert (rows(counties), NAME in watcher.text) == ([], False)
        consults(watcher, number)
        assert (watcher.status, watcher.url) == (200, f"/supervision/cases/{number}/consulted/")

    @pytest.mark.parametrize(
        ("ground", "reason", "code"),
        [
            ("", WHY, "consultation_ground_unknown"),
            ("curiosity", WHY, "consultation_ground_unknown"),
            ("other", "", "consultation_reason_missing"),
            ("other", " ……！\n ", "consultation_reason_missing"),
            ("other", "查" * (SHORTEST - 1), "consultation_reason_too_short"),
            ("other", "查" * (SHORTEST - 1) + "。。。", "consultation_reason_too_short"),
            ("other", "查" * (LONGEST + 1), "consultation_reason_too_long"),
            ("other", WHY + "\x00", "invalid_input"),
            ("other", WHY + "\u202e", "invalid_input"),
        ],
    )
    def test_refuses_what_says_nothing(
        self, counties: World, number: str, ground: str, reason: str, code: str
    ) -> None:
        assert refused(counties, number, actor(counties, "js-supervisor"), ground, reason) == code
        assert rows(counties) == []

    @pytest.mark.parametrize("length", [SHORTEST, LONGEST])
    def test_takes_the_shortest_and_the_longest(self, counties: World, number: str, length: int) -> None:
        assert refused(counties, number, actor(counties, "js-supervisor"), "other", "查" * length) == ""

    def test_what_is_read_or_asked_changes_nothing(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        page, before = f"/supervision/cases/{number}", case_on(counties, "jiashan", number).version
        for method in ("get", "head"):
            for address in ("consult/", "consulted/", f"consulted/{form_of(counties, number)}/"):
                watcher._call(method, f"{page}/{address}?ground=clue&reason={WHY}")
        assert rows(counties) == []
        watcher._done(watcher._call("get", f"{page}/consulted/"))
        assert "材料现在没有打开" in watcher.words
        consults(watcher, number)
        for method in ("get", "head"):
            watcher._call(method, f"{page}/consult/")
            watcher._call(method, f"{page}/consulted/")
        assert len(rows(counties)) == 1
        assert case_on(counties, "jiashan", number).version == before, "nothing goes to the other place"

    def test_twice_is_once(self, counties: World, number: str, watcher: Browser) -> None:
        consults(watcher, number)
        assert (
            f'href="/supervision/cases/{number}/consulted/"'
            in watcher.open(f"/supervision/cases/{number}/").text
        )
        watcher._done(
            watcher._call(
                "post",
                f"/supervision/cases/{number}/consult/",
                {**RIGHT, "csrfmiddlewaretoken": token(watcher)},
            )
        )
        assert (watcher.status, watcher.url) == (200, f"/supervision/cases/{number}/consulted/")
        assert len(rows(counties)) == 1
        assert refused(counties, number, actor(counties, "js-supervisor")) == "consultation_open"


class TestWhoMay:
    def test_not_who_decides_nor_who_watches_elsewhere(self, counties: World, number: str) -> None:
        assert (
            staff(counties, "jiashan", "js-hrss").open(f"/supervision/cases/{number}/consult/").status == 403
        )
        stranger = staff(counties, "third", "tn-supervisor")
        assert stranger.open(f"/supervision/cases/{number}/consult/").status == 404
        assert refused(counties, number, actor(counties, "js-hrss")) == "not_permitted"
        other = replace(actor(counties, "js-supervisor"), organisation="", supervises="500152")
        assert refused(counties, number, other) == "not_found"

    def test_not_a_program(self, counties: World, number: str) -> None:
        key = replace(actor(counties, "js-supervisor"), machine=True)
        assert refused(counties, number, key) == "not_permitted"
        assert refused(counties, number, actor(counties, "js-supervisor")) == ""
        assert not may_read(counties, number, key)

    def test_only_who_asked_and_only_that_case(self, counties: World, number: str, watcher: Browser) -> None:
        second = stories.forwarded(counties)
        consults(watcher, number)
        found = files(watcher)
        other = staff(counties, "jiashan", "js-office")
        assert other.fetch(found[0]).status_code == 404
        assert other.open(f"/supervision/cases/{number}/consulted/").url.endswith("/consult/?closed=1")
        assert NAME not in other.text
        assert watcher.open(f"/supervision/cases/{second}/consulted/").url.endswith("/consult/?closed=1")
        me, colleague = actor(counties, "js-supervisor"), actor(counties, "js-office")
        assert [may_read(counties, number, one) for one in (me, colleague)] == [True, False]
        assert not may_read(counties, second, me)
        assert not may_read(counties, number, replace(me, post="county-office")), "nor on another post"

    def test_opens_no_list_and_leaves_no_note(self, counties: World, number: str, watcher: Browser) -> None:
        consults(watcher, number)
        me = actor(counties, "js-supervisor")
        with counties.on("jiashan"):
            case = Case.objects.get(number=number)
            assert not readable.reads_form(case, me)
            assert notes.of(case, me) == []
        watcher.open(f"/supervision/cases/{number}/")
        assert NAME not in watcher.text
        read = readings(counties, number)
        watcher.open(f"/supervision/cases/{number}/")
        assert readings(counties, number) == read, "the page of the case shows no form, and says so to nobody"


class TestReading:
    def test_shows_form_and_files_until_when_and_by_what(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        consults(watcher, number)
        (row,) = rows(counties)
        until = (row.at + LASTS).astimezone(counties.at.tzinfo)
        assert row.until == row.at + LASTS
        assert f"依据“投诉核查”调阅，到 {until:%H:%M} 自动关闭" in watcher.words
        assert NAME in watcher.words
        found = files(watcher)
        assert found
        for address in found:
            assert watcher.fetch(address).status_code == 200
        shown = watcher.fetch(f"{found[0]}?show=1")
        assert shown.headers["Content-Disposition"].startswith("inline")

    def test_each_look_is_written_down(self, counties: World, number: str, watcher: Browser) -> None:
        consults(watcher, number)
        form, (address, *_) = form_of(counties, number), files(watcher)
        watcher.fetch(address)
        me = actor(counties, "js-supervisor")
        with counties.on("jiashan"):
            looks = Access.objects.filter(matter=number, who=me.staff)
            told = list(looks.exclude(content="").order_by("pk").values_list("doing", "content"))
            assert told == [("consulted-case", form), ("consulted-file", address.split("/")[-2])]
            assert looks.filter(doing="supervision-consult", result="ok").exists()
            entry = list(nodechain.entries(kind="content_consulted"))[-1]
            assert (entry.given["matter"], entry.given["ground"], entry.actor["staff"]) == (
                number,
                "complaint",
                me.staff,
            )

    @pytest.mark.database
    def test_ends_by_itself_to_the_second(self, counties: World, number: str, watcher: Browser) -> None:
        consults(watcher, number)
        address, (row,) = files(watcher)[0], rows(counties)
        me = actor(counties, "js-supervisor")
        with counties.on("jiashan"):
            case, second = Case.objects.get(number=number), timedelta(seconds=1)
            moments = (row.at - second, row.at, row.until - second, row.until)
            assert [consulting.open_to(case, me, at) is not None for at in moments] == [
                False,
                True,
                True,
                False,
            ]
        counties.at = row.until - timedelta(minutes=5)
        watcher = staff(counties, "jiashan", "js-supervisor")
        assert watcher.fetch(address).status_code == 200
        counties.at = row.until
        watcher = staff(counties, "jiashan", "js-supervisor")
        assert watcher.fetch(address).status_code == 404
        watcher.open(f"/supervision/cases/{number}/consulted/")
        assert (NAME in watcher.text, "两小时已到" in watcher.words) == (False, True)
        watcher.send(RIGHT, to="/consult/")
        assert NAME in watcher.words
        assert len(rows(counties)) == 2, "anew, in a row of its own"

    @pytest.mark.database
    def test_ends_with_the_appointment(self, counties: World, number: str, watcher: Browser) -> None:
        consults(watcher, number)
        me = actor(counties, "js-supervisor")
        assert may_read(counties, number, me)
        with counties.on("jiashan"):
            held = Appointment.objects.select_related("post", "person").get(person__username="js-supervisor")
            accounts.end_appointment(appointment=held, by=SYSTEM, at=counties.at)
        assert not may_read(counties, number, me)
        with counties.on("jiashan"):
            person = Person.objects.get(username="js-supervisor")
            Appointment.objects.create(
                person=person, post=held.post, starts_at=counties.at + timedelta(seconds=1)
            )
        assert not may_read(counties, number, me), "whoever is appointed anew asks anew"

    def test_of_a_destroyed_file_there_is_nothing(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        consults(watcher, number)
        me = actor(counties, "js-supervisor")
        destroyed(counties, number)
        assert refused(counties, number, me) == "nothing_to_consult"
        (row,) = rows(counties)
        with counties.on("jiashan"):
            assert consulting.words_of(row) == "", "the reason may name people"
            assert (row.ground, row.staff) == ("complaint", me.staff)

    def test_of_what_the_own_side_destroyed_there_is_nothing_either(
        self, counties: World, number: str
    ) -> None:
        me = actor(counties, "js-supervisor")
        assert refused(counties, number, me) == ""
        with counties.on("jiashan"):
            case = Case.objects.get(number=number)
            bound = case.state["roles"]["handling"]
            gone = {
                **case.state,
                "facts": {"handling": {"destroyed": "2037-01-20"}},
                "roles": {"handling": {**bound, "office": me.organisation}},
            }
            Case.objects.filter(number=number).update(state=gone)
        assert not may_read(counties, number, me)
        assert refused(counties, number, me) == "nothing_to_consult"


class TestWhoIsTold:
    @pytest.mark.prove("walks the pages of three desks")
    def test_the_office_sees_when_who_and_by_what_and_not_why(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        officer = staff(counties, "jiashan", "js-hrss")
        assert "调阅记录" not in officer.open(f"/desk/{number}/").words
        consults(watcher, number)
        officer.open(f"/desk/{number}/")
        assert re.search("调阅记录 2026-03-02 .* · 嘉善县政务服务.*督办专员 · 投诉核查", officer.words)
        assert WHY not in officer.text
        counties.settle()
        clerk = window(counties, "qy-window").open(f"/counter/cases/{number}/")
        assert "调阅记录" not in clerk.words, "of the other place's copy nobody has read anything"

    def test_the_window_sees_what_its_own_county_consulted(self, counties: World, number: str) -> None:
        consults(staff(counties, "qingyang", "qy-supervisor"), number)
        clerk = window(counties, "qy-window").open(f"/counter/cases/{number}/")
        assert ("投诉核查" in clerk.words, WHY in clerk.text) == (True, False)

    def test_who_watches_and_who_audits_read_why(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        consults(watcher, number)
        for page in (f"/supervision/cases/{number}/", f"/numbers/{number}/looks/"):
            assert WHY in staff(counties, "jiashan", "js-office").open(page).words
        auditor = replace(actor(counties, "js-supervisor"), permissions=frozenset({"audit.read"}))
        with counties.on("jiashan"):
            assert [one.reason for one in consulting.audited(number, auditor)] == [WHY]
            elsewhere = replace(auditor, organisation="", supervises="500152")
            assert consulting.audited(number, elsewhere) == []
            assert consulting.audited(number, actor(counties, "js-office")) == []
            case = Case.objects.get(number=number)
            assert [one.reason for one in consulting.of(case, actor(counties, "js-hrss"))] == [""]
            assert consulting.of(case, counties["jiashan"].applicant()) == []

    @pytest.mark.database
    def test_the_reason_is_sealed_and_struck_where_names_are(
        self, counties: World, number: str, watcher: Browser
    ) -> None:
        consults(watcher, number)
        (row,) = rows(counties)
        assert "投诉".encode() not in bytes(row.reason)
        with counties.on("jiashan"):
            assert not Event.objects.filter(body__contains="投诉称").exists()
            writing.store(consulting.erased(number))
            row.refresh_from_db()
            assert consulting.words_of(row) == ""
        assert "投诉核查" in watcher.open(f"/supervision/cases/{number}/").words
