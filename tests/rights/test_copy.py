"""The copy of one's data: all that the node holds, nothing that its owner may not see, one at a time and a few a day."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.api.test_front_door import done, draft, filed
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import demo
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Applicant
from tongban.catalogue import seed
from tongban.kernel import accesses
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Access
from tongban.rights import copying, files, parts
from tongban.rights.archive import Part, stream
from tongban.rights.fields import FIELDS
from tongban.rights.models import DataCopy

pytestmark = pytest.mark.database
BODY = {"password": demo.PASSWORD}
EXAMPLE = seed.example(stories.PROXY)


def owner(world: World) -> tuple[Applicant, Actor]:
    with world.on("qingyang"):
        found = Applicant.objects.order_by("pk")[0]
        return found, accounts.actor_for_applicant(applicant=found, channel=Channel.WEB)


def taken(caller: Caller) -> dict[str, bytes]:
    """Take a copy; return its files."""
    answer = caller.post("/account/copy", BODY)
    assert answer.status_code == 200, answer.taken
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.taken)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def decided(world: World, chen: Caller) -> str:
    """A case of the applicant's that somebody else has decided, with a file, a letter and an opinion that is nobody else's."""
    number = filed(chen, "FULLY_ONLINE")
    world.settle()
    officer, head = front.staff(world, "jiashan", "hrss"), front.staff(world, "jiashan", "hrss-head")
    done(officer, number, "acknowledge")
    done(officer, number, "accept")
    done(officer, number, "review", step="review", opinion="内部意见")
    done(head, number, "decide", outcome="granted", decision="准予领取")
    world.settle()
    return number


@pytest.mark.attack("E5")
class TestWhatIsInIt:
    def test_a_case_with_form_file_letter_story_and_who_looked(self, counties: World, chen: Caller) -> None:
        number = decided(counties, chen)
        front.staff(counties, "qingyang", "window").get(f"/cases/{number}")
        with counties.on("qingyang"):
            accesses.flush()
        found = taken(chen)
        case = json.loads(found[f"matters/{number}.json"])

        assert case["form"] == EXAMPLE
        words = {one["field"]: one["words"] for one in case["answers"]}
        assert words["applicant_name"] == EXAMPLE["applicant_name"]
        assert {one["text"] for one in case["texts"]} >= {"准予领取"}
        assert [one["act"] for one in case["timeline"]][:2] == ["file", "receive"]
        photo = next(one for one in case["files"] if one["code"] == "photo")
        assert found[photo["path"]] == stories.PNG
        decision = next(one for one in case["files"] if one["code"] == "granted")
        assert found[decision["path"]].startswith(b"%PDF")
        assert [one for one in case["looks"] if one["post"]]
        for name in (f"matters/{number}.html", "index.html"):
            assert EXAMPLE["applicant_name"] in found[f"matters/{number}.html"].decode()
            assert "<script" not in found[name].decode()
        assert f"matters/{number}.html" in found["index.html"].decode()

    def test_the_account_and_what_was_done_with_it(self, counties: World, chen: Caller) -> None:
        found = taken(chen)
        own, _ = owner(counties)
        said = json.loads(found["account.json"])
        with counties.on("qingyang"):
            assert said["account"]["login"] == own.login
            assert said["account"]["identity_number"] == own.identity_number
            assert own.password not in found["account.json"].decode()
        assert len(said["sessions"]) == 1
        rows = json.loads(found["access.json"])
        assert [one["result"] for one in rows if one["code"] == "sign_in"] == ["ok"]
        assert {one["address"] for one in rows} == {"10.1.0.1"}

    def test_a_draft_with_its_file(self, counties: World, chen: Caller) -> None:
        number = draft(chen)
        found = taken(chen)
        said = json.loads(found[f"drafts/{number}.json"])
        assert said["form"] == EXAMPLE
        assert found[said["files"][0]["path"]] == stories.PNG
        assert said["files"][0]["name"] == "照片.png"

    def test_nothing_that_its_owner_may_not_see(self, counties: World, chen: Caller) -> None:
        number = decided(counties, chen)
        other = stories.filed(counties)
        said = b"\n".join(taken(chen).values()).decode(errors="ignore")
        assert "内部意见" not in said
        assert other not in said
        with counties.on("qingyang"):
            staff = {one.actor["staff"] for one in journal.events_of(number)} - {""}
        assert staff
        assert not [one for one in staff if one in said]

    def test_every_field_is_explained(self, counties: World, chen: Caller) -> None:
        decided(counties, chen)
        draft(chen)
        found = taken(chen)
        assert json.loads(found["fields.json"])["fields"] == FIELDS
        named: set[str] = set()
        for name, data in found.items():
            if name.endswith(".json") and name != "fields.json":
                named |= members(json.loads(data))
        assert named <= set(FIELDS)
        assert all(FIELDS.values())

    def test_what_cannot_be_opened_is_named_and_says_why(
        self, counties: World, chen: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = draft(chen)
        monkeypatch.setattr(files.Budget, "__init__", lambda self: setattr(self, "_left", 10))
        found = taken(chen)
        [entry] = json.loads(found[f"drafts/{number}.json"])["files"]
        assert "单独下载" in entry["why_not"]
        assert "path" not in entry


def members(value: Any) -> set[str]:
    """Return the names of members, but for forms and organisations, whose names are data."""
    if isinstance(value, list):
        return {name for one in value for name in members(one)}
    if not isinstance(value, dict):
        return set()
    data = ("form", "organisations", "value")
    return set(value) | {n for name, one in value.items() if name not in data for n in members(one)}


class TestHowOften:
    def test_three_times_a_day(self, counties: World, chen: Caller) -> None:
        for _ in range(copying.A_DAY):
            taken(chen)
        is_problem(chen.post("/account/copy", BODY), 429, "data_copies_too_many")
        # From midnight on, by the official clock, there is another day.
        counties.at += timedelta(hours=24)
        taken(front.applicant(counties, "qingyang", "chen"))

    def test_one_at_a_time_and_whoever_breaks_off_may_begin_again(self, counties: World) -> None:
        own, by = owner(counties)
        with counties.on("qingyang"):
            first = copying.begin(applicant=own, by=by, at=counties.at)
            with pytest.raises(copying.CopyUnderWay) as refusal:
                copying.begin(applicant=own, by=by, at=counties.at)
            assert refusal.value.code == "data_copy_under_way"
            next(first)
            first.close()
            copying.begin(applicant=own, by=by, at=counties.at).close()

    def test_what_broke_off_with_its_process_holds_nobody_up_for_long(self, counties: World) -> None:
        own, by = owner(counties)
        with counties.on("qingyang"):
            copying.begin(applicant=own, by=by, at=counties.at)
            just_before = counties.at + copying.LONGEST - timedelta(seconds=1)
            with pytest.raises(copying.CopyUnderWay):
                copying.begin(applicant=own, by=by, at=just_before)
            copying.begin(applicant=own, by=by, at=counties.at + copying.LONGEST).close()

    def test_asks_for_the_password_and_counts_nothing_without(self, counties: World, chen: Caller) -> None:
        is_problem(chen.post("/account/copy", {"password": "wrong"}), 403, "wrong_password")
        with counties.on("qingyang"):
            assert not DataCopy.objects.exists()

    def test_is_written_down_before_anything_is_handed_out(self, counties: World) -> None:
        own, by = owner(counties)
        with counties.on("qingyang"):
            copy = copying.begin(applicant=own, by=by, at=counties.at)
            [noted] = Access.objects.filter(doing="copy_data")
            assert (noted.who, noted.result) == (own.pseudonym, "ok")
            copy.close()


class TestBounds:
    def test_no_piece_is_made_before_its_turn(self) -> None:
        """What is in memory is the piece being packed, however large all are together."""
        asked: list[int] = []

        def pieces(number: int) -> Any:
            asked.append(number)
            yield bytes(300_000)

        going = stream((Part(f"{n}.png", pieces(n)) for n in range(50)), stories_moment())
        most = 0
        for piece in going:
            most = max(most, len(piece))
            assert len(asked) <= 50
            if len(asked) == 1:
                assert asked == [0]
        assert asked == list(range(50))
        assert most < 2 * 300_000

    def test_of_many_matters_one_is_read_at_a_time(self, counties: World, chen: Caller) -> None:
        for _ in range(3):
            filed(chen, "FULLY_ONLINE")
        own, by = owner(counties)
        with counties.on("qingyang"):
            read: list[int] = []
            with CaptureQueriesContext(connection) as queries:
                read.extend(
                    len(queries)
                    for part in parts.of(own, by, counties.at)
                    if part.name.startswith("matters/") and part.name.endswith(".json")
                )
            assert len(read) == 3
            assert read[0] < read[1] < read[2]


def stories_moment() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_the_page_hands_it_out(counties: World) -> None:
    chen = Browser(counties).sign_in("qy-chen").open("/account/copy/")
    chen.send({"password": "wrong"})
    assert chen.status == 422
    with counties.on("qingyang"):
        token = chen.form().values["csrfmiddlewaretoken"][0]
        answer = chen.client.post("/account/copy/", {"password": demo.PASSWORD, "csrfmiddlewaretoken": token})
        data = answer.getvalue()
    assert answer["Content-Disposition"].startswith('attachment; filename="tongban-my-data-')
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "index.html" in archive.namelist()
