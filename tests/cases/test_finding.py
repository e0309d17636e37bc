"""Finding cases by person, number or item: what is found, by whom, what is written down, and that no trace outlives its content."""

from typing import Any

import pytest

from tests import hidden, stories
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.cases import commands, finding, tracing
from tongban.cases.words import Act, Mode
from tongban.kernel import accesses, vault
from tongban.kernel.accesses import NotRecorded
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Access
from tongban.measuring import history
from tongban.procedures import newest
from tongban.procedures.models import Bearer, Handled, Trace

pytestmark = pytest.mark.database

NODES = ("qingyang", "jiashan")


@pytest.fixture
def counties(world: World) -> World:
    """Give two neighbouring counties."""
    return world


@pytest.fixture
def number(counties: World) -> str:
    """Give a case of 欧阳试探 that 嘉善 has received from 青阳."""
    world, clerk = counties, counties["qingyang"].staff("window")
    found = hidden.draft(world, clerk)
    with world.on("qingyang"):
        commands.file(number=found, mode=Mode.PROXY_INTAKE, by=clerk, at=world.at)
    for act, more in (
        (Act.RECEIVE, {}),
        (Act.CHECK_IDENTITY, {"given": {"method": "id_card"}}),
        (Act.PASS_REVIEW, {}),
        (Act.FORWARD, {}),
    ):
        stories.do(world, "qingyang", found, act, clerk, **more)
    world.settle()
    stories.do(world, "jiashan", found, Act.ACKNOWLEDGE, stories.officer(world, found))
    world.settle()
    return found


def find(world: World, node: str, by: Actor, text: str, **more: Any) -> list[str]:
    with world.on(node):
        found = finding.find(text, by=by, at=world.at, why=more.pop("why", finding.Why.WORK), **more)
    return [row.number for row in found.rows]


WAYS = [
    hidden.NAME, "欧阳", "试探", "阳试", hidden.IDNO, hidden.IDNO[-6:], hidden.IDNO.lower(), hidden.MOBILE, hidden.MOBILE[-4:],
    "社会保障卡", f"欧阳 {hidden.MOBILE[-4:]}", f"{hidden.IDNO[-6:]}　社会保障卡", "欧 阳试探".replace(" ", "·"),
]  # fmt: skip


@pytest.mark.parametrize("text", WAYS)
def test_both_places_find_a_case_by_whom_it_is_for(counties: World, number: str, text: str) -> None:
    assert find(counties, "qingyang", counties["qingyang"].staff("window"), text) == [number]
    assert find(counties, "jiashan", stories.officer(counties, number), text) == [number]


def test_any_part_of_the_number_finds_it(counties: World, number: str) -> None:
    clerk, shown = counties["qingyang"].staff("window"), hidden.shapes(number)[1]
    for part in (
        number,
        shown,
        number[18:26],
        number[18:27],
        shown[-10:],
        f"…{shown[-11:]}",
        shown[7:],
        number[22:26].lower(),
    ):
        assert find(counties, "qingyang", clerk, part) == [number], part
    assert find(counties, "qingyang", clerk, "ZZZZZZZZ") == []


@pytest.mark.parametrize(
    "text", ["欧阳试试", "欧探", "910017", "13800007732", "欧阳 食品经营许可", "欧阳 9999"]
)
def test_finds_only_what_fits_every_word(counties: World, number: str, text: str) -> None:
    assert find(counties, "qingyang", counties["qingyang"].staff("window"), text) == []


def test_a_number_that_ends_in_letters_only_is_no_name() -> None:
    for word in ("FDWG", "BQRTVWXY", "bqrtvwxy-c"):
        kinds = {kind for values in finding._values(word) for kind, _ in values}
        assert finding.Kind.NUMBER in kinds, word


def test_nobody_finds_more_than_their_post_may_see(counties: World, number: str) -> None:
    strangers = [
        ("jiashan", counties["jiashan"].staff("officer", "public_security")), ("jiashan", counties["jiashan"].staff("window")),
        ("qingyang", counties["qingyang"].staff("officer", "human_resources")),
    ]  # fmt: skip
    for node, by in strangers:
        assert find(counties, node, by, hidden.NAME) == []
        assert find(counties, node, by, number) == []
    for post in ("accounts", "catalogue", "audit", "archive"):
        with pytest.raises(NotPermitted) as refused:
            find(counties, "qingyang", counties["qingyang"].staff(post), hidden.NAME)
        assert refused.value.code == "not_permitted"


@pytest.mark.parametrize("text", ["", "  ", "欧", "12345", "1380000773", "一 " * 7, "欧阳" * 40])
def test_says_what_it_cannot_look_for(counties: World, number: str, text: str) -> None:
    with counties.on("qingyang"):
        before = Access.objects.count()
    with pytest.raises(finding.NothingToFind) as refused:
        find(counties, "qingyang", counties["qingyang"].staff("window"), text)
    assert refused.value.code == "nothing_to_find"
    with counties.on("qingyang"):
        assert Access.objects.count() == before


def test_writes_down_who_looked_and_why_and_nothing_of_what_for(counties: World, number: str) -> None:
    clerk = counties["qingyang"].staff("window")
    find(counties, "qingyang", clerk, hidden.NAME, why=finding.Why.ASKED)
    find(counties, "qingyang", clerk, f"{number[10:18]}-{number[18:26]}")  # letters alone might be a name
    find(counties, "qingyang", clerk, "社会保障卡")
    with counties.on("qingyang"):
        rows = list(Access.objects.filter(doing__startswith="find-").order_by("pk"))
        assert [row.doing for row in rows] == ["find-person-asked", "find-number-work", "find-item-work"]
        assert {row.doing for row in rows} <= finding.TITLES.keys()
        assert {(row.who, row.organisation, row.post) for row in rows} == {
            (clerk.staff, clerk.organisation, "window")
        }
        told = str([list(row.__dict__.values()) for row in Access.objects.all()])
        assert not [one for one in (*hidden.SECRETS, "欧阳") if one in told]
    with pytest.raises(InvalidInput):
        find(counties, "qingyang", clerk, hidden.NAME, why="curious")


def test_shows_nothing_that_cannot_be_written_down(
    counties: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(one: Access) -> None:
        raise NotRecorded("没有打开")

    monkeypatch.setattr(accesses, "write_now", full)
    with pytest.raises(NotRecorded):
        find(counties, "qingyang", counties["qingyang"].staff("window"), hidden.NAME)


def test_a_table_holds_nothing_that_can_be_read_without_the_key(counties: World, number: str) -> None:
    tokens = []
    for node in NODES:
        with counties.on(node):
            rows = list(Trace.objects.filter(matter=number).values_list("kind", "token"))
            tokens.append({token for _, token in rows})
            told = str(rows) + str([bytes(one.name) for one in Bearer.objects.all()])
            assert not [one for one in (*hidden.SECRETS, "欧") if one in told]
    assert len(tokens[0]) == len(tokens[1]) > 8
    assert not tokens[0] & tokens[1]  # each node has a key of its own


def test_is_found_no_more_once_its_record_is_redacted(counties: World, number: str) -> None:
    clerk = counties["qingyang"].staff("window")
    with counties.on("qingyang"):
        filed = journal.events_of(number)[0].hash
    given = {"events": [filed], "under": "个人信息保护法 第四十七条"}
    stories.do(counties, "qingyang", number, Act.REDACT, counties["qingyang"].staff("archive"), given=given)
    with counties.on("qingyang"):  # at once, before any follower has heard of it
        assert set(Trace.objects.filter(matter=number).values_list("token", flat=True)) == {""}
        assert [bytes(one.name) for one in Bearer.objects.filter(matter=number)] == [b""]
    counties.settle()
    for node, by in (("qingyang", clerk), ("jiashan", stories.officer(counties, number))):
        assert find(counties, node, by, hidden.NAME) == []
        assert find(counties, node, by, number[18:26]) == [number]


def test_destroyed_content_leaves_no_trace(counties: World, number: str) -> None:
    with counties.on("qingyang"):
        vault.destroy(number, "个人信息保护法 第四十七条", counties.at)
        written = tracing.traced(number)
        assert written is not None
        written()
        assert not Trace.objects.filter(matter=number).exists()
        assert not Bearer.objects.exists()


def test_can_be_made_anew(counties: World, number: str) -> None:
    with counties.on("jiashan"):
        before = set(Trace.objects.values_list("matter", "kind", "token"))
        Trace.objects.all().delete()
        Bearer.objects.all().delete()
        assert tracing.retrace_all() == 1
        assert set(Trace.objects.values_list("matter", "kind", "token")) == before


def test_a_common_name_is_told_page_by_page(
    counties: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = counties["qingyang"].staff("window")
    lay_traces(counties, "qingyang", number, 40)
    with counties.on("qingyang"):
        found = finding.find("欧阳", by=clerk, at=counties.at, why="work", limit=30)
        assert len(found.rows) == 30
        assert found.words == 1
        assert found.following is not None
        rest = finding.find("欧阳", by=clerk, at=counties.at, why="work", limit=30, after=found.following)
        assert len({row.number for row in (*found.rows, *rest.rows)}) == 41
        assert rest.following is None
        # However many there are whom the post may not see, so many are looked at and no more.
        monkeypatch.setattr(newest, "LOOKED_THROUGH", 10)
        other = counties["qingyang"].staff("officer", "human_resources")
        none = finding.find("欧阳", by=other, at=counties.at, why="work")
        assert none.rows == []
        assert none.following is not None


def lay_traces(world: World, node: str, number: str, count: int) -> None:
    """Lay copies of a case that are found by the same words."""
    with world.on(node):
        from tongban.procedures.models import Matter

        before = set(Matter.objects.values_list("number", flat=True))
        history.copies(number, count)
        named = sorted(set(Matter.objects.values_list("number", flat=True)) - before)
        history.lay(Trace, {"matter_id": "g.number"}, named, "matter_id", number)


def test_remembers_who_dealt_with_a_case(counties: World, number: str) -> None:
    with counties.on("qingyang"):
        assert set(Handled.objects.values_list("staff", "matter")) == {
            (counties["qingyang"].staff("window").staff, number)
        }
    with counties.on("jiashan"):
        assert set(Handled.objects.values_list("staff", "matter")) == {
            (stories.officer(counties, number).staff, number)
        }
