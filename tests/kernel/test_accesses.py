"""The record of access: gathered for a moment where somebody writes it by the way, at once where it must come first."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError

from tongban.kernel import accesses
from tongban.kernel.accesses import Gathered, Kind, row
from tongban.kernel.models import Access
from tongban.kernel.time import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> Gathered:
    """Give what gathers, without the thread; its clock stands until it is moved."""
    made = Gathered()
    made.gathers = True
    monkeypatch.setattr(accesses, "_gathered", made)
    return made


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(at=100.0)
    monkeypatch.setattr(accesses, "time", SimpleNamespace(monotonic=lambda: now.at))
    return now


def stored() -> list[tuple[Any, ...]]:
    return list(Access.objects.order_by("pk").values_list("who", "doing", "result", "count"))


def look(doing: str, **said: Any) -> None:
    accesses.note(row(at=clock.now(), doing=doing, **{"who": "CLERK", "kind": Kind.STAFF, **said}))


class TestNote:
    def test_is_written_at_once_where_nothing_gathers(self) -> None:
        look("queue")
        assert stored() == [("CLERK", "queue", "ok", 1)]

    def test_looks_are_gathered_and_written_in_order(self, gathered: Gathered) -> None:
        look("queue")
        look("officer-case", result="not_found")
        assert stored() == []
        gathered.write()
        gathered.write()
        assert stored() == [("CLERK", "queue", "ok", 1), ("CLERK", "officer-case", "not_found", 1)]

    def test_what_strangers_and_nodes_are_refused_is_counted_by_the_minute(
        self, gathered: Gathered, count: SimpleNamespace
    ) -> None:
        for who, address in (("", b"a"), ("", b"a"), ("", b"b"), ("sm3:" + "0" * 64, b"a")):
            kind = Kind.NODE if who else ""
            look("message", who=who, kind=kind, result="message_refused", address=address)
        count.at += accesses.LONG_PAUSE - 1
        gathered.write()
        assert stored() == []
        count.at += 1
        gathered.write()
        assert [(one[0][:4], one[3]) for one in stored()] == [("", 2), ("", 1), ("sm3:", 1)]

    def test_a_flood_from_everywhere_is_few_rows(
        self, gathered: Gathered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accesses, "KINDS_OF_TRIES", 3)
        for address in range(20):
            look("show_case", who="", kind="", result="bad_api_key", address=b"%d" % address)
        accesses.flush()
        assert [one[3] for one in stored()] == [1, 1, 1, 17]
        assert Access.objects.order_by("pk").last().address is None  # type: ignore[union-attr]

    def test_what_cannot_be_written_waits_within_bounds(
        self, gathered: Gathered, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(accesses, "MOST", 2)
        with monkeypatch.context() as broken:
            broken.setattr(Access.objects, "bulk_create", _refuse)
            for doing in ("one", "two", "three"):
                look(doing)
                gathered.write()
        gathered.write()
        assert [one[1] for one in stored()] == ["two", "three"]
        assert "1 looks are lost" in caplog.text
        assert "CLERK" not in caplog.text


def _refuse(rows: object) -> None:
    raise DatabaseError


class TestWriteNow:
    def test_is_refused_in_words_where_it_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = row(at=clock.now(), doing="officer-file", who="CLERK")
        with monkeypatch.context() as broken:
            broken.setattr(Access, "save", lambda self, **_: _refuse(self))
            with pytest.raises(accesses.NotRecorded, match="没有打开"):
                accesses.write_now(one)
        accesses.write_now(one)
        assert Access.objects.count() == 1

    def test_tells_the_occasion_that_it_is_written(self) -> None:
        occasion = accesses.Occasion()
        with accesses.during(occasion):
            accesses.write_now(row(at=clock.now(), doing="x"))
        assert occasion.written
        accesses.write_now(row(at=clock.now(), doing="x"))
        assert not accesses._NOTHING.written


class TestSource:
    def test_answers_for_every_column(self) -> None:
        columns = {field.name for field in Access._meta.fields} - {"id"}
        assert set(accesses.COLUMNS) == columns
        assert accesses.SOURCE.settles > timedelta(seconds=accesses.LONG_PAUSE)
