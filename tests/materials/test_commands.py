"""Opening, filling and closing a draft, on a node with a vault of its own."""

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.materials import samples, stories
from tests.nodes import Node
from tongban.accounts.access.actor import SYSTEM, Actor, Permission
from tongban.catalogue.models import Offering
from tongban.kernel import db, vault
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.models import Content, SubjectKey
from tongban.materials import commands, filing, inspection, queries
from tongban.materials.commands import (
    DraftAlreadyFiled,
    DraftExists,
    MaterialAlreadyStated,
    MaterialNotAsked,
    MaterialsTooLarge,
    OfferingClosed,
)
from tongban.materials.forms import FormUnreadable
from tongban.materials.models import Draft, Material

pytestmark = pytest.mark.usefixtures("node")
NUMBER, ZHANG, LI, MONDAY = stories.NUMBER, stories.ZHANG, stories.LI, stories.MONDAY
LARGE = samples.picture("PNG", (700, 990)) + os.urandom(40_000)  # what follows a picture is let be


class TestOpenDraft:
    def test_belongs_to_the_applicant(self) -> None:
        draft = stories.a_draft()
        assert (draft.applicant, draft.organisation, draft.filed) == ("A-zhang", "", False)

    def test_at_the_window_belongs_to_its_organisation(self) -> None:
        clerk = stories.window()
        draft = stories.a_draft(by=clerk)
        assert (draft.applicant, draft.organisation) == ("", clerk.organisation)

    @pytest.mark.parametrize("by", [SYSTEM, stories.window("11341723MB1524561K", Permission.CASE_DECIDE)])
    def test_refuses_who_may_not_file(self, by: Actor) -> None:
        with pytest.raises(NotPermitted):
            stories.a_draft(by=by)

    def test_refuses_an_unknown_offering(self) -> None:
        with pytest.raises(NotFound):
            commands.open_draft(number=NUMBER, offering_code="nothing", by=ZHANG, at=MONDAY)

    @pytest.mark.parametrize("state", [Offering.State.PAUSED, Offering.State.WITHDRAWN])
    def test_refuses_an_offering_that_is_closed(self, state: str) -> None:
        stories.an_offering(state=state)
        with pytest.raises(OfferingClosed):
            stories.a_draft()

    def test_refuses_a_number_that_is_taken(self) -> None:
        stories.a_draft()
        with pytest.raises(DraftExists):
            stories.a_draft(by=LI)
        assert Draft.objects.get().applicant == "A-zhang"


class TestSaveForm:
    def test_keeps_what_was_typed_and_nothing_of_it_in_the_row(self, node: Node) -> None:
        stories.a_draft()
        form = {"name": "张三", "area": 56.5, "rows": [{"a": True}], "note": ""}
        draft = commands.save_form(number=NUMBER, instance=form, by=ZHANG, at=MONDAY)

        assert queries.form_of(NUMBER) == form
        assert "张三" not in str(vars(draft))
        assert "张三".encode() not in bytes(Content.objects.get().sealed or b"")

    @pytest.mark.django_db(transaction=True)
    def test_replaces_what_was_kept_before_and_removes_it(self, node: Node) -> None:
        stories.a_draft()
        commands.save_form(number=NUMBER, instance={"note": "长" * 20_000}, by=ZHANG, at=MONDAY)
        assert len(node.vault_files) == 1
        commands.save_form(number=NUMBER, instance={"note": "短"}, by=ZHANG, at=MONDAY)

        assert queries.form_of(NUMBER) == {"note": "短"}
        assert Content.objects.count() == 1
        assert node.vault_files == []

    @pytest.mark.django_db(transaction=True)
    def test_that_is_rolled_back_leaves_what_was_kept_before(self, node: Node) -> None:
        stories.a_draft()
        commands.save_form(number=NUMBER, instance={"note": "长" * 20_000}, by=ZHANG, at=MONDAY)

        def save_and_fail() -> None:
            with db.write():
                commands.save_form(number=NUMBER, instance={"note": "短"}, by=ZHANG, at=MONDAY)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            save_and_fail()
        assert queries.form_of(NUMBER)["note"].startswith("长")

    @pytest.mark.parametrize(
        "instance",
        [[], "text", {"a": float("nan")}, {"a": "\ud800"}, {"a": {1, 2}}, {"a": "x" * 600_000}],
        ids=["list", "text", "nan", "surrogate", "set", "too-long"],
    )
    def test_refuses_what_is_no_form(self, instance: Any) -> None:
        stories.a_draft()
        with pytest.raises(FormUnreadable):
            commands.save_form(number=NUMBER, instance=instance, by=ZHANG, at=MONDAY)

    def test_refuses_endless_nesting(self) -> None:
        stories.a_draft()
        deep: dict[str, Any] = {}
        for _ in range(100):
            deep = {"a": deep}
        with pytest.raises(FormUnreadable):
            commands.save_form(number=NUMBER, instance=deep, by=ZHANG, at=MONDAY)

    def test_refuses_another_persons_draft_as_if_there_were_none(self) -> None:
        stories.a_draft()
        for stranger in (LI, stories.window()):
            with pytest.raises(NotFound):
                commands.save_form(number=NUMBER, instance={}, by=stranger, at=MONDAY)


class TestAddMaterial:
    @pytest.mark.parametrize("data", [samples.pdf_file(), LARGE], ids=["in the row", "in a file"])
    def test_keeps_the_file_as_it_came(self, data: bytes) -> None:
        stories.a_draft()
        name = "张三.pdf" if data.startswith(b"%PDF") else "张三.png"
        material = stories.handed_in(data, name=name)

        assert queries.open_material(NUMBER, material.digest) == (name, material.media_type, data)
        assert "张三" not in str(vars(material))

    def test_refuses_what_the_guide_does_not_ask(self) -> None:
        stories.a_draft()
        with pytest.raises(MaterialNotAsked):
            stories.handed_in(code="nothing")

    def test_goes_by_the_types_and_size_of_the_guide(self) -> None:
        stories.a_draft()
        with pytest.raises(inspection.FileTypeNotAccepted, match="“申请书”"):
            stories.handed_in(samples.picture(), code="application", name="a.jpg")
        with pytest.raises(inspection.FileTooLarge, match="“申请书”超过大小上限 1 MB"):
            stories.handed_in(bytes(2 << 20), code="application", name="a.pdf")
        assert not Content.objects.exists()

    def test_pressed_twice_keeps_one(self) -> None:
        stories.a_draft()
        data = samples.pdf_file()
        assert stories.handed_in(data) == stories.handed_in(data)
        assert (Material.objects.count(), Content.objects.count()) == (1, 1)

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_pressed_twice_at_the_same_moment_keeps_one(self) -> None:
        stories.a_draft()
        data = samples.pdf_file()
        together = threading.Barrier(2)

        def press() -> str:
            together.wait()
            try:
                return stories.handed_in(data).digest
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            digests = [pressed.result() for pressed in [pool.submit(press) for _ in range(2)]]
        assert len(set(digests)) == 1
        assert (Material.objects.count(), Content.objects.count()) == (1, 1)

    def test_keeps_several_files_of_one_material(self) -> None:
        stories.a_draft()
        stories.handed_in(samples.pdf_file(1))
        stories.handed_in(samples.pdf_file(2))
        assert Material.objects.count() == 2

    @pytest.mark.parametrize("limit, value", [("CASE_MAX_FILES", 1), ("CASE_MAX_BYTES", 1000)])
    def test_refuses_more_than_a_case_may_hold(
        self, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
    ) -> None:
        stories.a_draft()
        stories.handed_in(samples.pdf_file(1))
        monkeypatch.setattr(commands, limit, value)
        with pytest.raises(MaterialsTooLarge):
            stories.handed_in(samples.pdf_file(2))
        assert Content.objects.count() == 1

    def test_refuses_another_persons_draft(self) -> None:
        stories.a_draft()
        with pytest.raises(NotFound):
            stories.handed_in(by=LI)

    def test_after_filing_is_for_the_caller_to_allow(self) -> None:
        stories.a_draft()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        with pytest.raises(DraftAlreadyFiled):
            stories.handed_in()
        assert not stories.handed_in(by=stories.window(), for_draft=False).stated

    def test_refuses_when_the_content_was_destroyed(self) -> None:
        stories.a_draft()
        vault.destroy(NUMBER, "档案法 第三十一条", MONDAY)
        with pytest.raises(vault.ContentDestroyed):
            stories.handed_in()


class TestFullDisk:
    """Whatever step the disk fails at: a clear sentence, and nothing half stored."""

    @pytest.fixture(params=["open", "write", "flush"])
    def full(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, node: Node) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        if request.param == "flush":
            monkeypatch.setattr(os, "fsync", fail)
            return
        real = Path.open

        def opened(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if path.suffix != ".part":
                return real(path, mode, *rest, **more)
            return fail() if request.param == "open" else FullFile(path)

        monkeypatch.setattr(Path, "open", opened)

    @pytest.mark.usefixtures("full")
    def test_keeps_no_material(self, node: Node) -> None:
        stories.a_draft()
        with pytest.raises(vault.StorageFull, match="没有保存"):
            stories.handed_in(LARGE, name="a.png")
        assert not Material.objects.exists()
        assert not Content.objects.exists()
        assert node.vault_files == []

    def test_keeps_the_form_of_before(self, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        stories.a_draft()
        commands.save_form(number=NUMBER, instance={"note": "先"}, by=ZHANG, at=MONDAY)
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(vault.StorageFull):
            commands.save_form(number=NUMBER, instance={"note": "长" * 20_000}, by=ZHANG, at=MONDAY)
        assert queries.form_of(NUMBER) == {"note": "先"}
        assert node.vault_files == []


class FullFile:
    """A file on a disk that takes half of what is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> "FullFile":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, blob: bytes) -> int:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT)
        os.write(handle, blob[: len(blob) // 2])
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")


class TestRemoveMaterial:
    @pytest.mark.django_db(transaction=True)
    def test_removes_row_content_and_file(self, node: Node) -> None:
        stories.a_draft()
        material = stories.handed_in(LARGE, name="a.png")
        assert len(node.vault_files) == 1
        commands.remove_material(number=NUMBER, digest=material.digest, by=ZHANG, at=MONDAY)

        assert not Material.objects.exists()
        assert not Content.objects.exists()
        assert node.vault_files == []

    def test_refuses_what_is_not_there_and_what_is_anothers(self) -> None:
        stories.a_draft()
        material = stories.handed_in()
        for digest, by in (("0" * 64, ZHANG), (material.digest, LI)):
            with pytest.raises(NotFound):
                commands.remove_material(number=NUMBER, digest=digest, by=by, at=MONDAY)
        assert Material.objects.count() == 1

    def test_refuses_once_filed(self) -> None:
        stories.a_draft()
        material = stories.handed_in()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        with pytest.raises(DraftAlreadyFiled):
            commands.remove_material(number=NUMBER, digest=material.digest, by=ZHANG, at=MONDAY)
        with pytest.raises(MaterialAlreadyStated):
            commands.remove_material(
                number=NUMBER, digest=material.digest, by=ZHANG, at=MONDAY, for_draft=False
            )

    def test_takes_back_a_supplement_that_no_event_names(self) -> None:
        stories.a_draft()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        material = stories.handed_in(for_draft=False)
        commands.remove_material(number=NUMBER, digest=material.digest, by=ZHANG, at=MONDAY, for_draft=False)
        assert not Material.objects.exists()


class TestMarkFiled:
    def test_closes_the_draft_once(self) -> None:
        stories.a_draft()
        stories.handed_in()
        assert filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY).filed
        assert not Material.objects.unstated().exists()
        with pytest.raises(DraftAlreadyFiled):
            filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)

    def test_of_a_supplement_states_only_what_the_event_names(self) -> None:
        stories.a_draft()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        named = stories.handed_in(samples.pdf_file(1), for_draft=False)
        later = stories.handed_in(samples.pdf_file(2), for_draft=False)
        assert filing.mark_stated(number=NUMBER, digests=[named.digest]) == 1
        assert [m.digest for m in Material.objects.unstated()] == [later.digest]


def test_the_cases_key_exists_before_the_first_upload() -> None:
    stories.a_draft()
    assert SubjectKey.objects.filter(subject=NUMBER).exists(), connection.vendor
