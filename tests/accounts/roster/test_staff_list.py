"""A list of staff as a file: what is read of it, what it would do, and that only what was shown is done."""

import io
import zipfile
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import Workbook

from tests.accounts import county
from tests.accounts.county import MONDAY
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Grant, Person, StaffList
from tongban.accounts.roster import sheet, staff_list
from tongban.accounts.roster.sheet import COLUMNS, NoStaffList
from tongban.accounts.roster.staff_list import ListChangedMeanwhile
from tongban.kernel.errors import NotFound, NotPermitted

BUREAU = "public_security"


def xlsx(*rows: Sequence[Any], header: Sequence[str] = COLUMNS) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active
    for row in (header, *rows):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts put in: by their path, slashes written as two underscores."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        added = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
        for one in old.namelist():
            new.writestr(one, added.pop(one, old.read(one)))
        for name, content in added.items():
            new.writestr(name, content)
    return out.getvalue()


LINE = ("李四", "js-lisi", BUREAU, "审批人员", "13900000001")


class TestReading:
    def test_takes_text_and_passes_over_empty_lines(self) -> None:
        (one,) = sheet.read(xlsx((None,) * 5, ("李四", "js-lisi", BUREAU, "审批人员", 13900000001)))
        assert (one.number, one.name, one.telephone, one.fault) == (3, "李四", "13900000001", "")

    def test_understands_the_heading_of_lists_begun_before(self) -> None:
        (one,) = sheet.read(xlsx(LINE, header=("姓名", "登录名", *sheet.COLUMNS[2:])))
        assert one.username == "js-lisi"

    @pytest.mark.attack("A9")
    @pytest.mark.parametrize(
        "data",
        [
            b"", b"name,login", b"PK\x03\x04 no zip", b"x" * (sheet.MOST_BYTES + 1), xlsx(), xlsx(LINE, header=("姓名", "账号")),
            repacked(xlsx(LINE), xl__media__big=b"0" * (sheet.MOST_UNPACKED + 1)),
            repacked(xlsx(LINE), xl__worksheets__sheet1=b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet>&a;</worksheet>"),
            repacked(xlsx(LINE), xl__worksheets__sheet1=b"<worksheet><sheetData><row"),
            xlsx(*[(f"人{n}", f"u-{n}", BUREAU, "审批人员", "") for n in range(sheet.MOST_ROWS + 1)]),
        ],
        ids=("nothing", "csv", "broken", "large", "empty", "columns", "bomb", "entities", "cut", "many"),
    )  # fmt: skip
    def test_refuses_whatever_is_no_list(self, data: bytes) -> None:
        with pytest.raises(NoStaffList):
            sheet.read(data)

    def test_computes_nothing(self) -> None:
        (one,) = sheet.read(xlsx(('=HYPERLINK("http://x","李四")', *LINE[1:])))
        assert (one.name, one.username) == ("", "")
        assert "公式" in one.fault


@pytest.fixture
def place() -> SimpleNamespace:
    """A bureau with an officer and a decider's post, one of its people, and a manager over it."""
    found = county.settle()
    found.decider = county.a_post(found.organisation, "decider")
    managing = county.a_post(county.an_organisation("service_centre"), "accounts")
    found.by = county.acting(county.a_person(managing, "sun"), managing)
    return found


def send(place: SimpleNamespace, *rows: Sequence[Any]) -> staff_list.Shown:
    return staff_list.send(data=xlsx(*rows), by=place.by, at=MONDAY)


def confirm(place: SimpleNamespace, shown: staff_list.Shown) -> list[tuple[Person, str]]:
    return staff_list.confirm(code=shown.code, mark=shown.mark, by=place.by, at=MONDAY)


@pytest.mark.django_db
class TestPlanning:
    def test_says_of_each_line_what_it_would_do(self, place: SimpleNamespace) -> None:
        shown = send(
            place, LINE, ("王五", "wang", BUREAU, "审批人员", ""), ("王五", "wang", BUREAU, "负责人", ""),
            ("王五", "wang", BUREAU, "审批人员", "13900000002"), ("别人", "wang", BUREAU, "审批人员", ""),
            ("某人", "", BUREAU, "审批人员", ""), ("某人", "Bad Name", BUREAU, "审批人员", ""),
            ("某人", "mou", "没有的局", "审批人员", ""), ("某人", "mou", BUREAU, "局长", ""),
            ("某人", "mou", BUREAU, "审批人员", "12"), ("孙", "sun", BUREAU, "审批人员", ""), LINE,
        )  # fmt: skip
        assert [row.what for row in shown.rows] == [
            "new", "same", "changed", "refused", *["refused"] * 8
        ]  # fmt: skip
        assert "复核" in shown.rows[2].why
        assert all(row.why for row in shown.rows if row.what == "refused")

    def test_only_who_manages_accounts_sends_one(self, place: SimpleNamespace) -> None:
        place.by = county.acting(place.person, place.post)
        with pytest.raises(NotPermitted):
            send(place, LINE)
        assert not StaffList.objects.exists()

    def test_nothing_is_saved_until_it_is_confirmed_and_then_all(self, place: SimpleNamespace) -> None:
        before = Person.objects.count()
        shown = send(place, LINE, ("王五", "wang", BUREAU, "负责人", "13900000002"))
        assert Person.objects.count() == before
        assert "李四".encode() not in bytes(StaffList.objects.get().lines_sealed)
        ((person, password),) = confirm(place, shown)
        assert (person.username, person.must_change_password, len(password)) == ("js-lisi", True, 19)
        assert person.telephone == "13900000001"
        assert Person.objects.get(username="wang").telephone == "13900000002"
        assert Grant.objects.get().person.username == "wang"
        assert not StaffList.objects.exists()
        with pytest.raises(NotFound):
            confirm(place, shown)

    def test_what_would_do_something_else_now_is_not_done(self, place: SimpleNamespace) -> None:
        shown = send(place, LINE)
        commands.add_person(
            username="js-lisi",
            password="long enough, and odd",
            name="李四",
            post=place.post,
            by=SYSTEM,
            at=MONDAY,
        )
        with pytest.raises(ListChangedMeanwhile):
            confirm(place, shown)
        assert staff_list.shown(code=shown.code, by=place.by, at=MONDAY).rows[0].what == "changed"

    def test_nobody_confirms_the_list_of_another(self, place: SimpleNamespace) -> None:
        shown = send(place, LINE)
        place.by = county.acting(place.person, place.post)
        with pytest.raises(NotFound):
            confirm(place, shown)
