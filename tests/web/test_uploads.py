"""Uploads in parts, as a client of tus 1.0.0 meets them: at an applicant's draft and at the window's."""

import base64
import fcntl
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests import stories
from tests.api.front import show_time
from tests.crowds import crowd, others
from tests.materials import samples
from tests.materials.scanner import Scanner, listening
from tests.web import test_scope as people
from tests.web.browser import Browser
from tests.web.test_applicant import begin, fill_in
from tests.web.test_counter import Clerk
from tests.web.test_counter import begin as begin_at_window
from tests.world import World
from tongban.catalogue import queries as catalogue
from tongban.materials import images, parts, queries, tasks
from tongban.materials.commands import CASE_MAX_BYTES
from tongban.materials.models import Draft, Material, Upload
from tongban.web import receiving, tus

DRIVING = "driving-licence-renewal"
pytestmark = pytest.mark.slow

NAME = "张三的身份证.png"
TUS = {"Tus-Resumable": "1.0.0"}


def noise(side: int = 1100) -> bytes:
    """A picture that no packing makes smaller: several megabytes of it."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(out, "PNG", compress_level=0)
    return out.getvalue()


@dataclass
class Sender:
    """A client that speaks the protocol, in the session of somebody's browser."""

    browser: Browser
    number: str
    code: str
    place: str = field(default="", init=False)

    def call(self, method: str, url: str, body: Any = b"", **headers: Any) -> Any:
        show_time(self.browser.world)
        client = self.browser.client
        token = next((c.value for name, c in client.cookies.items() if name.endswith("_csrf")), "")
        sent = {
            **TUS,
            "X-CSRFToken": token,
            **{name.replace("_", "-"): str(v) for name, v in headers.items()},
        }
        with self.browser.world.on(self.browser.node):
            # The client leaves the type out of an empty body; a browser does not.
            return client.generic(method, url, body, headers=sent, CONTENT_TYPE=tus.BODY)

    def create(self, size: int, *, name: str = NAME, code: str = "", **headers: Any) -> Any:
        told = {"code": code or self.code, "filename": name}
        about = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())
        answer = self.call(
            "POST", f"/uploads/{self.number}/", **{"Upload-Length": size, "Upload-Metadata": about, **headers}
        )
        self.place = answer.headers.get("Location", "")
        return answer

    def patch(self, at: int, body: Any, **headers: Any) -> Any:
        return self.call("PATCH", self.place, body, Upload_Offset=at, **headers)

    def head(self) -> Any:
        return self.call("HEAD", self.place)

    def offset(self) -> int:
        return int(self.head().headers["Upload-Offset"])

    def held(self) -> list[Material]:
        with self.browser.world.on(self.browser.node):
            return list(queries.materials_of(self.number))

    def stored(self) -> tuple[str, str, bytes]:
        with self.browser.world.on(self.browser.node):
            return queries.open_material(self.number, self.held()[0].digest)

    @property
    def home(self) -> Path:
        return self.browser.world[self.browser.node].config.home


def picture_material(browser: Browser, template: str) -> str:
    """Return a material of the neighbour's guide that may be a large picture."""
    with browser.world.on("jiashan"):
        guide = catalogue.current_guide(browser.world["jiashan"].offering(template)).body
    return next(
        m["code"] for m in guide["materials"] if "image/png" in m["accept"] and m["max_bytes"] >= 10 << 20
    )


@pytest.fixture
def chen(counties: World) -> Browser:
    """Give an applicant who has signed in."""
    return Browser(counties).sign_in("qy-chen")


@pytest.fixture
def sender(chen: Browser) -> Sender:
    """Give an applicant's draft to upload to."""
    return Sender(chen, begin(chen, DRIVING), picture_material(chen, DRIVING))


@pytest.fixture
def window(counties: World) -> Sender:
    """Give a window's draft to upload to."""
    clerk = Clerk(counties).arrive()
    return Sender(clerk, begin_at_window(clerk), picture_material(clerk, stories.PROXY))


@pytest.fixture(params=["sender", "window"], ids=["applicant", "window"])
def either(request: pytest.FixtureRequest) -> Sender:
    """Give the applicant's draft, then the window's."""
    found: Sender = request.getfixturevalue(request.param)
    return found


class TestAWholeUpload:
    def test_becomes_the_material(self, either: Sender) -> None:
        data = noise()
        created = either.create(len(data))
        assert created.status_code == 201
        assert created.headers["Upload-Expires"].endswith("GMT")
        assert created.headers["Tus-Resumable"] == "1.0.0"
        at = 0
        while at < len(data):
            answer = either.patch(at, data[at : at + (1 << 20)])
            assert answer.status_code == 204, answer.content.decode()
            at = int(answer.headers["Upload-Offset"])
        assert either.stored() == (NAME, "image/png", data)
        assert either.held()[0].code == either.code

    def test_leaves_nothing_behind(self, sender: Sender) -> None:
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG)
        assert list((sender.home / "uploads").iterdir()) == []
        with sender.browser.world.on("qingyang"):
            assert not Upload.objects.exists()
        assert sender.head().status_code == 404

    def test_is_shown_on_the_page(self, sender: Sender) -> None:
        fill_in(sender.browser, DRIVING)
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG)
        page = sender.browser.open(f"/drafts/{sender.number}/materials/")
        assert NAME in page.text.partition(f'id="m-{sender.code}"')[2].partition("</section>")[0]

    def test_tells_what_may_be_hard_to_read(self, window: Sender) -> None:
        small = samples.picture("PNG")
        window.create(len(small))
        told = window.patch(0, small).headers["Tongban-Hints"]
        assert told.isascii()
        assert "%" in told

    def test_twice_is_kept_once(self, sender: Sender) -> None:
        for _ in range(2):
            sender.create(len(stories.PNG))
            assert sender.patch(0, stories.PNG).status_code == 204
        assert len(sender.held()) == 1

    def test_says_what_it_speaks(self, sender: Sender) -> None:
        answer = sender.call("OPTIONS", f"/uploads/{sender.number}/")
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert set(answer.headers["Tus-Extension"].split(",")) >= {"creation", "termination", "checksum"}
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha256"

    def test_passes_where_only_post_does(self, sender: Sender) -> None:
        sender.create(len(stories.PNG))
        answer = sender.call(
            "POST", sender.place, stories.PNG, **{"X-HTTP-Method-Override": "PATCH", "Upload-Offset": 0}
        )
        assert answer.status_code == 204
        assert sender.held()


class CutOff(io.BytesIO):
    """A body of which the line breaks in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError("the line is broken")
        return piece


class TestACutUpload:
    def test_goes_on_where_it_was_cut(self, either: Sender) -> None:
        data = noise()
        either.create(len(data))
        assert broken(either, 0, data[:300_000], len(data)) == 204
        assert either.offset() == 300_000
        assert either.patch(300_000, data[300_000:]).status_code == 204
        assert either.stored()[2] == data

    def test_survives_a_restart(self, sender: Sender) -> None:
        """Nothing but the database and the folder knows of it: another process reads the same."""
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG[:50])
        other = Browser(sender.browser.world, client=Client(enforce_csrf_checks=True)).sign_in("qy-chen")
        again = Sender(other, sender.number, sender.code)
        again.place = sender.place
        assert again.offset() == 50
        assert again.patch(50, stories.PNG[50:]).status_code == 204
        assert again.stored()[2] == stories.PNG

    def test_can_be_finished_when_only_the_answer_was_lost(self, sender: Sender) -> None:
        """The node died after the last part lay on disk, and before it was a material."""
        sender.create(len(stories.PNG))
        with sender.browser.world.on("qingyang"):
            upload = Upload.objects.get()
            (sender.home / "uploads" / upload.token).mkdir(parents=True)
            parts.write(upload.token, queries.vault.subject_key(sender.number), 0, stories.PNG)
        assert sender.offset() == len(stories.PNG)
        assert sender.patch(len(stories.PNG), b"").status_code == 204
        assert sender.stored()[2] == stories.PNG

    def test_is_given_up_when_cancelled(self, sender: Sender) -> None:
        sender.create(100)
        sender.patch(0, bytes(40))
        assert sender.call("DELETE", sender.place).status_code == 204
        assert sender.head().status_code == 404
        assert list((sender.home / "uploads").iterdir()) == []

    def test_expires(self, sender: Sender) -> None:
        world = sender.browser.world
        sender.create(100)
        sender.patch(0, bytes(40))
        for hours, left in ((23, 1), (25, 0)):
            with world.on("qingyang"):
                tasks.expire_uploads(world.at + timedelta(hours=hours))
                assert Upload.objects.count() == left
                assert len(list((sender.home / "uploads").iterdir())) == left

    def test_loses_what_a_restored_backup_does_not_hold(self, sender: Sender) -> None:
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG[:50])
        for path in (sender.home / "uploads").rglob("0"):
            path.unlink()
        assert sender.offset() == 0

    def test_ends_when_a_part_was_changed_on_disk(self, sender: Sender) -> None:
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG[:50])
        [path] = (sender.home / "uploads").rglob("0")
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
        answer = sender.patch(50, stories.PNG[50:])
        assert answer.status_code == 410
        assert "重新上传" in answer.content.decode()
        assert not sender.held()

    def test_makes_room_when_too_many_were_left(self, sender: Sender) -> None:
        for _ in range(12):
            sender.create(100)
        with sender.browser.world.on("qingyang"):
            assert Upload.objects.count() == 10
        assert sender.offset() == 0


def broken(sender: Sender, at: int, body: bytes, promised: int) -> int:
    """Send a PATCH that promises `promised` bytes and breaks off after `body`; return what the node answers."""
    show_time(sender.browser.world)
    client = sender.browser.client
    token = next(c.value for name, c in client.cookies.items() if name.endswith("_csrf"))
    with sender.browser.world.on(sender.browser.node):
        answer = client.generic(
            "PATCH", sender.place, b"",
            headers={**TUS, "X-CSRFToken": token, "Upload-Offset": str(at)},
            **{"wsgi.input": CutOff(body), "CONTENT_LENGTH": str(promised), "CONTENT_TYPE": tus.BODY},
        )  # fmt: skip
    return int(answer.status_code)


class TestWhatDoesNotFit:
    def test_a_wrong_offset_is_refused_and_changes_nothing(self, sender: Sender) -> None:
        sender.create(100)
        sender.patch(0, bytes(40))
        for at in (0, 39, 41, 100):
            assert sender.patch(at, bytes(10)).status_code == 409
        assert sender.offset() == 40

    def test_more_than_announced_is_refused(self, sender: Sender) -> None:
        sender.create(100)
        assert sender.patch(0, bytes(101)).status_code == 413
        assert sender.offset() == 0

    def test_a_part_that_fits_its_checksum_stays(self, sender: Sender) -> None:
        sender.create(len(stories.PNG))
        right = base64.b64encode(hashlib.sha256(stories.PNG).digest()).decode()
        assert sender.patch(0, stories.PNG, Upload_Checksum=f"sha256 {right}").status_code == 204
        assert sender.stored()[2] == stories.PNG

    def test_a_part_that_does_not_is_dropped(self, sender: Sender) -> None:
        sender.create(1_000_000)
        wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
        assert sender.patch(0, bytes(600_000), Upload_Checksum=f"sha256 {wrong}").status_code == 460
        assert sender.offset() == 0
        assert not list((sender.home / "uploads").rglob("*.part"))

    @pytest.mark.parametrize("told", ["md5 AAAA", "sha256 ???", "sha256"])
    def test_an_unknown_checksum_is_refused(self, sender: Sender, told: str) -> None:
        sender.create(100)
        assert sender.patch(0, bytes(10), Upload_Checksum=told).status_code in (400, 460)
        assert sender.offset() == 0

    def test_two_at_once_do_not_mix(self, sender: Sender) -> None:
        sender.create(100)
        sender.patch(0, bytes(40))
        [folder] = (sender.home / "uploads").iterdir()
        with (folder / "lock").open("a") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            for answer in (sender.patch(40, bytes(10)), sender.call("DELETE", sender.place)):
                assert answer.status_code == 423
        assert sender.offset() == 40

    def test_another_version_is_told_ours(self, sender: Sender) -> None:
        answer = sender.create(100, **{"Tus-Resumable": "0.2.2"})
        assert answer.status_code == 412
        assert answer.headers["Tus-Version"] == "1.0.0"

    @pytest.mark.parametrize("length", ["", "-1", "many", "٣", "9" * 20])
    def test_a_length_that_is_none_is_refused(self, sender: Sender, length: str) -> None:
        assert sender.create(1, **{"Upload-Length": length.encode().decode("latin-1")}).status_code == 400

    @pytest.mark.parametrize("about", ["filename", "filename ???", "filename /w==", "code YQ==,filename"])
    def test_metadata_that_is_none_is_refused(self, sender: Sender, about: str) -> None:
        answer = sender.create(100, **{"Upload-Metadata": about})
        assert answer.status_code in (400, 422)
        with sender.browser.world.on("qingyang"):
            assert not Upload.objects.exists()

    def test_another_kind_of_body_is_refused(self, sender: Sender) -> None:
        sender.create(100)
        show_time(sender.browser.world)
        token = next(c.value for n, c in sender.browser.client.cookies.items() if n.endswith("_csrf"))
        with sender.browser.world.on("qingyang"):
            answer = sender.browser.client.generic(
                "PATCH", sender.place, b"{}", "application/json",
                headers={**TUS, "X-CSRFToken": token, "Upload-Offset": "0"},
            )  # fmt: skip
        assert answer.status_code == 415

    def test_other_methods_are_refused(self, sender: Sender) -> None:
        sender.create(100)
        assert sender.call("GET", sender.place).status_code == 405
        assert sender.call("GET", f"/uploads/{sender.number}/").status_code == 405


class TestWhoMay:
    @pytest.mark.prove("uploads tried by everybody")
    def test_nobody_but_whose_draft_it_is(self, either: Sender, counties: World) -> None:
        """Everybody else gets what a draft of somebody else gives them: there is none."""
        either.create(100)
        either.patch(0, bytes(40))
        owners = {("qingyang", "window" if isinstance(either.browser, Clerk) else "applicant1")}
        for person in sorted(people.EVERYBODY):
            other = Sender(
                people.somebody(SimpleNamespace(world=counties), person), either.number, either.code
            )
            begun = other.create(100)
            other.place = either.place
            answers = [begun, other.head()]
            if person in owners:
                assert [one.status_code for one in answers] == [201, 200], person
                continue
            answers += [other.patch(40, bytes(10)), other.call("DELETE", other.place)]
            assert {one.status_code for one in answers} == {401 if person[1] == "nobody" else 404}, person
        with counties.on("qingyang"):
            assert parts.extent(either.place.split("/")[-2]) == 40

    def test_nobody_without_a_session(self, sender: Sender) -> None:
        sender.create(100)
        other = Sender(Browser(sender.browser.world), sender.number, sender.code)
        other.browser.open("/sign-in/")
        assert other.create(100).status_code == 401
        other.place = sender.place
        for answer in (other.head(), other.patch(0, b"x"), other.call("DELETE", other.place)):
            assert answer.status_code == 401
        assert sender.offset() == 0

    def test_nobody_from_another_site(self, sender: Sender) -> None:
        sender.create(100)
        assert (
            sender.call("PATCH", sender.place, b"x", **{"X-CSRFToken": "", "Upload-Offset": 0}).status_code
            == 403
        )
        assert sender.offset() == 0

    def test_an_upload_belongs_to_its_draft(self, sender: Sender) -> None:
        sender.create(100)
        token = sender.place.split("/")[-2]
        sender.number = begin(sender.browser, "company-registration", "PROXY_INTAKE")
        assert sender.call("HEAD", f"/uploads/{sender.number}/{token}/").status_code == 404

    def test_not_once_the_draft_is_filed(self, sender: Sender) -> None:
        sender.create(100)
        with sender.browser.world.on("qingyang"):
            Draft.objects.filter(number=sender.number).update(filed=True)
        assert sender.head().status_code == 404
        assert sender.create(100).status_code == 409


class TestWhoComesWhileOthersAreLookedAt:
    def test_keeps_what_has_come_and_finishes_without_sending_it_again(self, sender: Sender) -> None:
        data = samples.picture("PNG")
        sender.create(len(data))
        with others(images.GATE, crowd(images.GATE)):
            answer = sender.patch(0, data)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
            assert "正在检查的图片太多" in answer.content.decode()
            assert sender.held() == []
        assert sender.offset() == len(data)
        assert sender.patch(len(data), b"").status_code == 204
        assert sender.stored() == (NAME, "image/png", data)


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (samples.archive_of({"eicar.com": samples.EICAR}), 422),
            (samples.picture("PNG") + samples.EICAR, 422),
            (b"MZ" + bytes(200), 422),
            (samples.pdf_with_attachment(samples.EICAR), 422),
            (samples.png_of(20_000, 20_000), 422),
            (samples.picture("PNG")[:-40], 422),
        ],
        ids=["virus in a zip", "virus", "program", "pdf", "bomb", "torn"],
    )  # fmt: skip
    def test_are_refused_as_by_the_form(self, sender: Sender, data: bytes, status: int) -> None:
        sender.create(len(data))
        answer = sender.patch(0, data)
        assert answer.status_code == status, answer.content.decode()
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert re.search(r"请.+。$", answer.content.decode())
        assert NAME not in answer.content.decode()
        assert not sender.held()
        assert sender.head().status_code == 404
        assert list((sender.home / "uploads").iterdir()) == []

    def test_too_large_ones_are_refused_before_they_are_sent(self, sender: Sender) -> None:
        for size in (11 << 20, 10**12):
            answer = sender.create(size)
            assert answer.status_code == 413
            assert "超过大小上限" in answer.content.decode()
        assert sender.create(0).status_code == 422
        assert CASE_MAX_BYTES > 11 << 20

    def test_names_that_climb_are_only_names(self, sender: Sender) -> None:
        sender.create(len(stories.PNG), name="../../../etc/passwd\n\u202egnp.png")
        sender.patch(0, stories.PNG)
        assert "/" not in sender.stored()[0]
        assert not [path for path in sender.home.rglob("*") if "passwd" in path.name]

    def test_nothing_of_a_part_lies_in_clear(self, sender: Sender) -> None:
        sender.create(len(stories.PNG) + 1)
        sender.patch(0, stories.PNG)
        files = [path for path in (sender.home / "uploads").rglob("*") if path.is_file()]
        assert len(files) == 2
        for path in files:
            assert stories.PNG[8:40] not in path.read_bytes()
            assert re.fullmatch(r"lock|\d+", path.name)
        with sender.browser.world.on("qingyang"):
            assert NAME.encode() not in bytes(Upload.objects.get().name)

    def test_a_material_nobody_asked_for_is_refused(self, sender: Sender) -> None:
        assert sender.create(100, code="no-such-material").status_code == 422


class TestWithoutAVerdict:
    @pytest.fixture
    def scanner(self, sender: Sender, tmp_path: Path) -> Iterator[Scanner]:
        node = sender.browser.world["qingyang"]
        with listening(tmp_path) as scanner:
            node.config = replace(node.config, scanner=scanner.address)
            scanner.answer = b"ERROR\0"
            yield scanner

    def test_a_file_waits_and_with_it_the_filing(self, sender: Sender, scanner: Scanner) -> None:
        chen = sender.browser
        fill_in(chen, DRIVING)
        sender.create(len(stories.PNG))
        assert "%E5%BE%85%E6%9F%A5%E6%AF%92" in sender.patch(0, stories.PNG).headers["Tongban-Hints"]
        assert "待查毒" in chen.open(f"/drafts/{sender.number}/materials/").words
        assert chen.open(f"/drafts/{sender.number}/materials/{sender.held()[0].digest}/").status == 409
        chen.open(f"/drafts/{sender.number}/confirm/").send({"promise": "1"})
        assert chen.status == 422
        assert "待查毒" in chen.words
        scanner.answer = None
        with chen.world.on("qingyang"):
            assert tasks.rescan_all(chen.world.at) == 1
        assert "待查毒" not in chen.open(f"/drafts/{sender.number}/materials/").words

    def test_a_file_found_infected_is_told_until_another_takes_its_place(
        self, sender: Sender, scanner: Scanner
    ) -> None:
        chen = sender.browser
        fill_in(chen, DRIVING)
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG)
        scanner.answer = b"stream: Late.News FOUND\0"
        with chen.world.on("qingyang"):
            assert tasks.rescan_all(chen.world.at) == 1
        page = chen.open(f"/drafts/{sender.number}/materials/")
        assert "查出病毒，已经删除" in page.words
        assert not sender.held()
        scanner.answer = None
        sender.create(len(stories.PNG))
        sender.patch(0, stories.PNG)
        assert "查出病毒" not in chen.open(f"/drafts/{sender.number}/materials/").words

    def test_an_infected_file_is_refused_at_once(self, sender: Sender, scanner: Scanner) -> None:
        scanner.answer = b"stream: Eicar FOUND\0"
        sender.create(len(stories.PNG))
        answer = sender.patch(0, stories.PNG)
        assert answer.status_code == 422
        assert "查出病毒" in answer.content.decode()


class TestTheForm:
    def test_keeps_large_files_off_the_disk(self, sender: Sender, tmp_path: Path, settings: Any) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        watched: list[type] = []
        data = noise(1300)
        assert len(data) > 5_000_000
        fill_in(sender.browser, DRIVING)
        sender.browser.open(f"/drafts/{sender.number}/materials/")
        form = receiving.InMemory.file_complete

        def seen(self: receiving.InMemory, size: int) -> Any:
            found = form(self, size)
            watched.append(type(found.file))
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(receiving.InMemory, "file_complete", seen)
            sender.browser.send(to=sender.code, file=("scan.png", data))
        assert sender.browser.status == 200, sender.browser.words
        assert watched == [io.BytesIO]
        assert list(tmp_path.iterdir()) == []
        assert sender.stored()[2] == data

    def test_says_so_when_a_file_is_beyond_every_limit(
        self, sender: Sender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(receiving, "FILE", 1 << 20)
        fill_in(sender.browser, DRIVING)
        sender.browser.open(f"/drafts/{sender.number}/materials/")
        sender.browser.send(to=sender.code, file=("scan.png", noise(700)))
        assert sender.browser.status == 413
        assert "不能超过" in sender.browser.words
        assert not sender.held()

    def test_keeps_what_was_typed_at_the_window_when_files_are_too_many(
        self, window: Sender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(receiving, "REQUEST", 2 << 20)
        clerk = window.browser
        assert isinstance(clerk, Clerk)
        name, data = f"file-{window.code}", noise(700)
        field = next(one for one in clerk.form().values if one.endswith("mobile"))
        sent = {
            **clerk.form().values,
            field: "13800000000",
            name: [SimpleUploadedFile("a.png", data) for _ in range(3)],
        }
        sent[name][1] = SimpleUploadedFile("b.png", noise(700))
        clerk._done(clerk._call("post", clerk.url, sent))
        assert clerk.status == 422
        assert "一次上传合计不能超过" in clerk.words
        assert len(window.held()) == 1
        assert clerk.form().values[field] == ["13800000000"]
