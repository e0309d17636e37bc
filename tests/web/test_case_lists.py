"""Lists, search and exports of cases at the desks, as somebody at a browser without scripts uses them."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from tests import hidden, stories
from tests.web.test_officer import staff
from tests.world import World
from tongban.cases import commands
from tongban.cases.models import SavedView
from tongban.cases.words import Act, Mode
from tongban.kernel.models import Access
from tongban.web.desk import exporting

pytestmark = pytest.mark.database

COUNTS = {"待办", "在办", "我办过的", "已办结", "全部"}


@pytest.fixture
def number(counties: World) -> str:
    """Give a case of 欧阳试探, taken in by 青阳's window and received by 嘉善's officer."""
    clerk = counties["qingyang"].staff("window")
    found = hidden.draft(counties, clerk)
    with counties.on("qingyang"):
        commands.file(number=found, mode=Mode.PROXY_INTAKE, by=clerk, at=counties.at)
    stories.do(counties, "qingyang", found, Act.RECEIVE, clerk)
    stories.do(counties, "qingyang", found, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(counties, "qingyang", found, Act.PASS_REVIEW, clerk)
    stories.do(counties, "qingyang", found, Act.FORWARD, clerk)
    counties.settle()
    stories.do(counties, "jiashan", found, Act.ACKNOWLEDGE, stories.officer(counties, found))
    counties.settle()
    return found


def tabs(words: str) -> dict[str, str]:
    return {name: re.findall(rf"{name} (\d+\+?)", words)[0] for name in COUNTS}


def test_the_box_stands_on_every_desk_and_on_no_other_page(counties: World, number: str) -> None:
    for node, login, url in (
        ("qingyang", "qy-window", "/counter/"), ("jiashan", "js-hrss", "/desk/"), ("jiashan", "js-supervisor", "/supervision/"),
        ("jiashan", "js-hrss", f"/desk/{number}/"),
    ):  # fmt: skip
        assert 'action="/find/"' in staff(counties, node, login).open(url).text, url
    for login, url in (("js-accounts", "/desk/"), ("js-archive", "/archive/")):
        assert 'action="/find/"' not in staff(counties, "jiashan", login).open(url).text


def test_somebody_is_found_by_name_and_the_name_stands_in_no_address(counties: World, number: str) -> None:
    clerk = staff(counties, "qingyang", "qy-window").open("/counter/")
    clerk.send({"q": hidden.NAME}, to="/find/")
    assert clerk.status == 200
    assert clerk.url == "/find/"
    assert "欧**探" in clerk.words
    assert hidden.NAME not in clerk.words
    assert "青阳县 → 嘉善县" in clerk.words
    assert "已签收" in clerk.words
    assert f"/counter/cases/{number}/" in clerk.text
    clerk.send({"q": hidden.NAME, "why": "hotline"})
    with counties.on("qingyang"):
        assert list(Access.objects.filter(doing__startswith="find").values_list("doing", flat=True)) == [
            "find-person-work", "find-person-hotline",
        ]  # fmt: skip


def test_a_supervisor_finds_and_is_shown_no_name(counties: World, number: str) -> None:
    watcher = staff(counties, "jiashan", "js-supervisor").open("/supervision/")
    watcher.send({"q": hidden.MOBILE}, to="/find/")
    assert f"/supervision/cases/{number}/" in watcher.text
    assert "欧" not in watcher.words


def test_what_is_found_by_nobody_is_told_in_words(counties: World, number: str) -> None:
    clerk = staff(counties, "jiashan", "js-window").open("/counter/")
    assert "没有查到" in clerk.send({"q": hidden.NAME}, to="/find/").words
    clerk.send({"q": "12345"})
    assert clerk.status == 422
    assert "没有查找" in clerk.words
    assert clerk.open("/find/").status == 200


def test_a_whole_number_leads_straight_to_the_case(counties: World, number: str) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open("/desk/")
    officer.send({"q": hidden.shapes(number)[1]}, to="/find/")
    assert officer.url == f"/desk/{number}/"


@pytest.mark.prove("walks many cases to their ends")
def test_officers_find_again_what_they_have_done(counties: World, number: str) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open("/desk/")
    assert tabs(officer.words) == {"待办": "1", "在办": "0", "我办过的": "0", "已办结": "0", "全部": "1"}
    # Through the page, since the story's officer is nobody of the roster.
    officer.open(f"/desk/{number}/acts/accept/")
    officer.send(button=next(f"{name}={value}" for name, value in officer.form().buttons if name == "sign"))
    counties.settle()
    assert tabs(officer.open("/desk/").words)["我办过的"] == "1"
    assert number in officer.open("/cases/?box=mine").text
    stories.review_all(counties, number)
    stories.decide(counties, number)
    stories.conclude(counties, number)
    counties.settle()
    done = officer.open("/cases/?box=done")
    assert "已办结·准予" in done.words
    assert "欧**探" in done.words
    assert number in officer.open("/cases/?box=all").text
    # For the window it is not over: the result is to be handed out.
    clerk = staff(counties, "qingyang", "qy-window")
    assert number not in clerk.open("/cases/?box=done").text
    assert number in clerk.open("/cases/?box=todo").text


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("item=social-security-card", True), ("item=education-notary", False), ("origin=341723", True), ("origin=330421", False),
        ("days=7", True), ("due=late", False), ("due=week", True), ("holder=nobody", True), ("holder=me", False),
        ("holder=applicant", False), ("holder=others", False),
        ("item=%27%3B", False), ("days=x&due=y&holder=z&origin=q", True),
    ],
)  # fmt: skip
def test_lists_go_by_their_filters(counties: World, number: str, query: str, is_there: bool) -> None:
    with counties.on("jiashan"):
        from tongban.cases.models import Case

        item = Case.objects.get(number=number).item
    query = query.replace("social-security-card", item)
    officer = staff(counties, "jiashan", "js-hrss").open(f"/cases/?box=all&{query}")
    assert officer.status == 200
    assert (number in officer.text) is is_there


def test_filters_are_kept_under_a_name_and_are_ones_own(counties: World, number: str) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open("/cases/?box=all&due=week")
    officer.send({"name": "本周到期"})
    assert officer.url == "/cases/?box=all&due=week"
    assert "本周到期" in officer.words
    officer.send({"name": "本周到期"})
    assert officer.status == 409
    assert "没有保存：已有同名的常用筛选" in officer.words
    assert "本周到期" not in staff(counties, "jiashan", "js-hrss-head").open("/cases/").words
    with counties.on("jiashan"):
        saved = SavedView.objects.get()
        assert saved.query == "box=all&due=week"
    stranger = staff(counties, "jiashan", "js-hrss-head").open("/cases/")
    token = stranger.form().values["csrfmiddlewaretoken"][0]
    answer = stranger._call("post", "/cases/views/", {"remove": str(saved.pk), "csrfmiddlewaretoken": token})
    assert answer.status_code == 404
    officer.open("/cases/").send(button=f"remove={saved.pk}", to="/cases/views/")
    assert "本周到期" not in officer.words
    with counties.on("jiashan"):
        SavedView.objects.bulk_create(
            SavedView(staff=saved.staff, name=f"{n}", query="box=all") for n in range(20)
        )
    assert officer.open("/cases/").send({"name": "多一个"}).status == 409


def test_an_export_is_what_the_page_shows_and_is_recorded(counties: World, number: str) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open("/cases/?box=all")
    answer = officer.fetch("/cases/export.csv?box=all")
    assert answer.content.startswith("\ufeff".encode())
    heading, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert heading[0] == "申请人"
    assert [(line[0], line[2], line[3], line[-1]) for line in lines] == [
        ("欧**探", "青阳县", "嘉善县", hidden.shapes(number)[1])
    ]
    assert hidden.NAME not in answer.content.decode()
    sheet = load_workbook(io.BytesIO(officer.fetch("/cases/export.xlsx?box=all").content)).active
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == [heading, *lines]
    assert len(officer.fetch("/cases/export.csv?box=all&due=late").content.decode().splitlines()) == 1
    assert officer.fetch("/cases/export.pdf").status_code == 404
    with counties.on("jiashan"):
        assert Access.objects.filter(doing="case-export", result="ok").count() == 3


@pytest.mark.parametrize("cell", ["=1+1", "+8613800000000", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    csv_ = exporting.as_csv(["甲"], iter([[cell]])).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(csv_.partition("\n")[2])))[0] == f"'{cell}"
    sheet = load_workbook(io.BytesIO(exporting.as_xlsx(["甲"], iter([[cell]])))).active
    assert sheet["A2"].data_type == "s"
    assert str(sheet["A2"].value).startswith("'")


def test_a_long_export_is_cut_off_and_says_so(
    counties: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.measuring import history

    monkeypatch.setattr(exporting, "MOST", 5)
    with counties.on("jiashan"):
        history.copies(number, 7)
    told = staff(counties, "jiashan", "js-hrss").fetch("/cases/export.csv?box=all").content.decode()
    assert len(told.splitlines()) == 7
    assert "只导出了最近的 5 件" in told
