"""Sessions are written as everything else is: by one at a time."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError

from tests import stories
from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller
from tests.api.test_submission import application
from tests.web.browser import Browser
from tests.web.test_applicant import DRIVING, begin
from tests.web.test_officer import staff
from tests.world import World
from tongban.accounts.models import Session
from tongban.cases.words import Act
from tongban.kernel import db
from tongban.signin import sessions
from tongban.signin.session_store import SessionStore, stored

__all__ = ["counties", "settled"]

WRITES = re.compile(
    r"\s*(?:WITH\b.*?\b)?(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"?(\w+)",
    re.IGNORECASE | re.DOTALL,
)


@contextmanager
def traced(world: World) -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Count the writes of all nodes by table: those under the lock of the writers, and those that are not."""
    under, outside = Counter[str](), Counter[str]()

    def see(sql: str) -> None:
        if found := WRITES.match(sql):
            (under if db._lock._is_owned() else outside)[found[2]] += 1

    for node in world.nodes.values():
        node.connection.ensure_connection()
        node.connection.connection.set_trace_callback(see)
    try:
        yield under, outside
    finally:
        for node in world.nodes.values():
            node.connection.connection.set_trace_callback(None)


@pytest.mark.prove("processes: an errand over served nodes")
@pytest.mark.slow
@pytest.mark.sqlite
def test_every_write_of_a_served_errand_is_under_the_lock(counties: World) -> None:
    with traced(counties) as (under, outside):
        clerk = front.staff(counties, "qingyang", "window")
        number = clerk.post("/cases", application(clerk)).json()["number"]
        for act, more in (
            ("receive", {}),
            ("check_identity", {"method": "id_card"}),
            ("pass_review", {}),
            ("forward", {}),
        ):
            assert clerk.act(number, act, **more).status_code == 200
        counties.settle()
        window = staff(counties, "qingyang", "qy-window")
        window.open(f"/counter/cases/{number}/")
        desk = staff(counties, "jiashan", "js-hrss").open(f"/desk/{number}/")
        desk.send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        counties.settle()
        counties.watch()
        clerk.post("/sessions", {"username": "qy-window", "password": "wrong"})
        counties.at += sessions.SEEN_EVERY + timedelta(minutes=1)
        clerk.get("/duties")
        assert clerk.delete("/sessions").status_code == 204
        begin(Browser(counties).sign_in("qy-chen"), DRIVING)
        assert Caller(counties, "qingyang").call("GET", "/readyz").status_code == 200

    assert not outside, outside
    assert under["accounts_session"] > 5
    assert {"kernel_event", "kernel_outstanding", "kernel_seal", "api_probe", "api_idempotencykey"} <= set(
        under
    )
    assert stories.case_on(counties, "jiashan", number).phase == "acknowledged"


@pytest.mark.django_db(transaction=True)
class TestTheStore:
    def test_keeps_changes_and_forgets(self) -> None:
        session = SessionStore()
        session["a"] = 1
        session.save()
        session.cycle_key()
        session["a"] = 2
        session.save()
        assert SessionStore(session.session_key)["a"] == 2
        key = session.session_key
        session.flush()
        assert (SessionStore(key).get("a"), session.session_key) == (None, None)
        SessionStore().delete(key)  # gone already

    def test_clears_what_has_ended(self) -> None:
        session = SessionStore()
        session["a"] = 1
        session.set_expiry(-1)
        session.save()
        SessionStore.clear_expired()
        assert not Session.objects.filter(pk=stored(session.session_key)).exists()

    def test_tells_an_ended_session_from_a_full_disk(self) -> None:
        session = SessionStore()
        session["a"] = 1
        session.save()
        Session.objects.all().delete()
        with pytest.raises(UpdateError):
            session.save()
