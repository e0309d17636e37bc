"""Closing an account: what hinders it, what goes, what stays, and that nobody comes by the old cases afterwards."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError

from tests.api import front
from tests.api.front import Caller, is_problem
from tests.api.test_front_door import draft, filed
from tests.rights.conftest import row
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import commands, demo
from tongban.accounts.models import Device, ExternalIdentity, PastPassword, Session
from tongban.accounts.people import past_passwords
from tongban.kernel import accesses, vault
from tongban.kernel.models import Access, Event
from tongban.materials.models import Draft, Material
from tongban.procedures.models import Matter

pytestmark = pytest.mark.database
BODY = {"password": demo.PASSWORD}
LOGIN = {"login": "qy-chen", "password": demo.PASSWORD}


def withdrawn(world: World, chen: Caller) -> str:
    """A case of theirs that has come to its end."""
    number = filed(chen)
    answer = chen.act(number, "withdraw")
    assert answer.status_code == 200, answer.content.decode()
    return number


@pytest.mark.attack("E5")
class TestHindered:
    def test_by_a_case_that_is_going_on_which_is_named(self, counties: World, chen: Caller) -> None:
        number, kept = filed(chen), draft(chen)
        assert number in is_problem(chen.post("/account/close", BODY), 409, "account_has_matters_under_way")
        follows = chen.get("/account/closing").json()
        assert [one["number"] for one in follows["hindering"]] == [number]
        with counties.on("qingyang"):
            assert Draft.objects.filter(number=kept).exists()
            assert not vault.is_destroyed(kept)
        assert row(counties).is_active
        assert chen.get("/account").status_code == 200

    def test_no_more_once_it_is_over(self, counties: World, chen: Caller) -> None:
        withdrawn(counties, chen)
        assert chen.get("/account/closing").json() == {"hindering": [], "drafts": 0, "staying": 1}
        assert chen.post("/account/close", BODY).status_code == 204

    def test_by_a_wrong_password(self, counties: World, chen: Caller) -> None:
        is_problem(chen.post("/account/close", {"password": "wrong"}), 403, "wrong_password")
        assert row(counties).is_active

    def test_by_a_record_that_cannot_be_written(
        self, counties: World, chen: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = draft(chen)

        def broken(*_: object, **__: object) -> None:
            raise DatabaseError

        monkeypatch.setattr(Access, "save", broken)
        is_problem(chen.post("/account/close", BODY), 503, "look_not_recorded")
        assert row(counties).is_active
        with counties.on("qingyang"):
            assert Draft.objects.filter(number=number).exists()


class TestWhatFollows:
    def test_who_it_was_is_gone_and_what_they_left_unfiled(self, counties: World, chen: Caller) -> None:
        chen.post("/account/telephone", {**BODY, "telephone": "13905661234"})
        elsewhere = front.applicant(counties, "qingyang", "chen")
        number, before = draft(chen), row(counties)
        with counties.on("qingyang"):
            past_passwords.keep(owner=before.pseudonym, encoded=before.password, at=counties.at)
            assert Session.objects.filter(owner=before.pseudonym).count() == 2
        assert chen.post("/account/close", BODY).status_code == 204

        after = row(counties)
        with counties.on("qingyang"):
            assert (after.login, after.name, after.identity_number, after.telephone, after.password) == (
                "",
            ) * 5
            assert after.closed_at is not None
            assert after.login_lookup != before.login_lookup
            assert vault.is_destroyed(number)
            assert not Draft.objects.filter(number=number).exists()
            assert not Material.objects.filter(number=number).exists()
            for model in (Device, PastPassword, Session):
                assert not model.objects.filter(owner=before.pseudonym).exists(), model
            assert not ExternalIdentity.objects.filter(applicant=after).exists()
            accesses.flush()
            assert (
                Access.objects.filter(who=before.pseudonym, doing="close_account", result="ok").count() == 1
            )
        for caller in (chen, elsewhere):
            assert caller.get("/account").status_code == 401
        is_problem(Caller(counties, "qingyang").post("/sessions/applicant", LOGIN), 401, "bad_credentials")

    def test_what_the_archive_keeps_stays(self, counties: World, chen: Caller) -> None:
        number = withdrawn(counties, chen)
        chen.post("/account/close", BODY)
        with counties.on("qingyang"):
            kept = Matter.objects.get(number=number)
            assert kept.applicant == row(counties).pseudonym
            assert Event.objects.filter(subject=number).count() == kept.version
            assert not vault.is_destroyed(number)
        clerk = front.staff(counties, "qingyang", "window")
        assert clerk.get(f"/cases/{number}").status_code == 200

    def test_the_same_name_and_document_found_another_account_without_the_old_cases(
        self, counties: World, chen: Caller
    ) -> None:
        number, before = withdrawn(counties, chen), row(counties)
        with counties.on("qingyang"):
            name, idno = before.name, before.identity_number
        chen.post("/account/close", BODY)
        with counties.on("qingyang"):
            made = commands.register_applicant(at=counties.at, **LOGIN)
            from tongban.accounts.access.actor import SYSTEM

            commands.verify_applicant(applicant=made, name=name, number=idno, by=SYSTEM, at=counties.at)
            assert made.pseudonym != before.pseudonym
        again = front.applicant(counties, "qingyang", "chen")
        assert again.get("/cases").json()["cases"] == []
        is_problem(again.get(f"/cases/{number}"), 404, "not_found")

    def test_no_table_names_the_owner_where_nothing_has_to_stay(self, counties: World, chen: Caller) -> None:
        """Whoever adds a table about applicants says here, or in `own.close`, what becomes of it."""
        draft(chen)
        withdrawn(counties, chen)
        chen.post("/account/copy", BODY)
        code = row(counties).pseudonym
        chen.post("/account/close", BODY)
        with counties.on("qingyang"):
            accesses.flush()
            named = {
                model._meta.label
                for model in apps.get_models()
                if model.__module__.startswith("tongban.") and not model._meta.proxy and names(model, code)
            }
        # The row itself, and what the law keeps: the matter, the draft it was filed from, the record of access. Events name a
        # pseudonym of their own.
        assert named == {
            "accounts.Applicant",
            "kernel.Access",
            "materials.Draft",
            "procedures.Matter",
            "cases.Case",
        }


def names(model: Any, code: str) -> bool:
    """Return whether a text of some row holds the code of somebody."""
    texts = [
        field.name
        for field in model._meta.get_fields()
        if getattr(field, "column", None)
        and field.get_internal_type() in ("CharField", "TextField", "JSONField")
    ]
    return any(code in str(values) for values in model.objects.values_list(*texts)) if texts else False


class TestPage:
    def test_says_what_goes_and_what_stays_and_by_which_law(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen").open("/account/close/")
        for said in (
            "档案法",
            "行政许可法 第六十一条",
            "网络安全法 第二十三条",
            "个人信息保护法 第四十七条",
            "草稿 0 份",
        ):
            assert said in chen.words, said

    def test_wants_a_tick_and_the_password_and_leads_out(self, counties: World) -> None:
        chen = Browser(counties).sign_in("qy-chen").open("/account/close/")
        chen.send({"password": demo.PASSWORD})
        assert chen.status == 422
        assert "先勾选" in chen.words
        chen.is_sound()
        chen.send({"sure": "1", "password": "wrong"})
        assert chen.status == 422
        assert row(counties).is_active
        chen.send({"sure": "1", "password": demo.PASSWORD})
        assert "账号已注销" in chen.words
        assert chen.open("/account/").url.startswith("/sign-in/")
        assert not row(counties).is_active

    def test_shows_no_form_while_something_is_going_on(self, counties: World, chen: Caller) -> None:
        number = filed(chen)
        page = Browser(counties).sign_in("qy-chen").open("/account/close/")
        page.is_sound()
        assert f"/numbers/{number}/" in page.text
        assert 'name="password"' not in page.text
