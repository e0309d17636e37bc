"""Changes reach the database whole or not at all, on both databases by the same SQL."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tongban.kernel.journal import writing
from tongban.kernel.journal.writing import Insert, NotAsExpected, Update, Upsert
from tongban.kernel.models import Content, Duty, Outstanding, SubjectKey

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def content(digest: str, **more: Any) -> dict[str, Any]:
    return {"subject": "C", "digest": digest, "size": 3, **more}


def digests() -> list[str]:
    return list(Content.objects.order_by("id").values_list("digest", flat=True))


def test_nothing_to_write_writes_nothing() -> None:
    sent: list[str] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: sent.append(sql)):
        writing.store([])
    assert sent == []


class TestAnInsert:
    def test_keeps_the_order_of_its_rows_and_fills_in_defaults(self) -> None:
        writing.store([Insert(Content, tuple(content(name) for name in "cab"))])
        assert digests() == ["c", "a", "b"]
        found = Content.objects.get(digest="a")
        assert (found.complete, found.chunks, found.sealed, found.source) == (True, 0, None, "")

    def test_stores_what_the_orm_would(self) -> None:
        duty = {
            "subject": "C", "name": "intake/1.1.0", "role": "intake", "kind": "receive", "organisation": "o", "node": "n", "basis": "b",
            "since": AT, "due_on": None, "first_opened_at": None,
        }  # fmt: skip
        news = {"subject": "C", "node": "n", "next_at": AT, "acknowledged": {"intake/1": [1, "甲"]}}
        writing.store(
            [
                Insert(Duty, (duty,)),
                Insert(Outstanding, (news,)),
                Insert(Content, (content("a", sealed=b"\0x"),)),
            ]
        )
        by_hand = Duty(**{**duty, "name": "other"})
        by_hand.save()
        one, other = Duty.objects.order_by("id").values()
        assert {k: v for k, v in one.items() if k not in ("id", "name")} == {
            k: v for k, v in other.items() if k not in ("id", "name")
        }
        assert Outstanding.objects.get().acknowledged == {"intake/1": [1, "甲"]}
        assert bytes(Content.objects.get().sealed or b"") == b"\0x"


class TestAnUpdate:
    def test_that_must_find_its_row_undoes_everything_if_it_does_not(self) -> None:
        writing.store([Insert(Content, (content("a"),))])
        with pytest.raises(NotAsExpected):
            writing.store(
                [
                    Insert(Content, (content("b"),)),
                    Update(Content, {"digest": "a"}, {"size": 9}),
                    Update(Content, {"digest": "a", "size": 4}, {"chunks": 1}, must=True),
                ]
            )
        assert digests() == ["a"]
        assert Content.objects.get().size == 3

    def test_finds_and_sets_what_is_empty(self) -> None:
        writing.store([Insert(Content, (content("a", next_at=AT),))])
        writing.store([Update(Content, {"digest": "a", "sealed": None}, {"next_at": None}, must=True)])
        assert Content.objects.get().next_at is None


class TestAnUpsert:
    def test_counts_up_and_leaves_alone_what_it_does_not_name(self) -> None:
        first = {"subject": "C", "node": "n", "next_at": AT, "news": 1, "acknowledged": {"x": 1}}
        again = {"subject": "C", "node": "n", "next_at": AT, "news": 1, "lacking": True}
        for values in (first, again, again):
            writing.store([Upsert(Outstanding, values, unique=("subject", "node"), bump="news")])
        found = Outstanding.objects.get()
        assert (found.news, found.acknowledged) == (3, {"x": 1})


class TestTogether:
    def test_writes_at_the_end_by_one_statement_where_that_is_a_round_trip(self) -> None:
        with writing.together():
            writing.store([Insert(Content, (content("a"),))])
            writing.store([Insert(SubjectKey, ({"subject": "C", "wrapped": b"k"},))])
            assert not digests()
            sent: list[str] = []

            def note(execute: Any, sql: str, *rest: Any) -> Any:
                sent.append(sql)
                return execute(sql, *rest)

            connection.execute_wrappers.append(note)
        connection.execute_wrappers.clear()
        assert digests() == ["a"]
        assert SubjectKey.objects.exists()
        statements = [sql for sql in sent if sql.startswith(("WITH", "INSERT"))]
        assert len(statements) == (1 if connection.vendor == "postgresql" else 2)

    def test_writes_nothing_if_the_block_fails(self) -> None:
        def broken() -> None:
            with writing.together():
                writing.store([Insert(Content, (content("a"),))])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken()
        assert not digests()

    def test_of_two_blocks_the_outer_writes(self) -> None:
        with writing.together() as gathered:
            with writing.together():
                writing.store([Insert(Content, (content("a"),))])
            assert len(gathered) == 1
            assert not digests()
        assert digests() == ["a"]

    def test_is_whole_when_a_constraint_forbids_part_of_it(self) -> None:
        writing.store([Insert(Content, (content("a"),))])

        def twice() -> None:
            with writing.together():
                writing.store([Insert(SubjectKey, ({"subject": "C", "wrapped": b"k"},))])
                writing.store([Insert(Content, (content("a"),))])

        with pytest.raises(IntegrityError):
            twice()
        assert not SubjectKey.objects.exists()

    def test_gathers_nothing_in_a_transaction_of_somebody_else(self) -> None:
        with transaction.atomic(), writing.together():
            writing.store([Insert(Content, (content("a"),))])
            assert digests() == ["a"]
            with pytest.raises(NotAsExpected):
                writing.store([Update(Content, {"digest": "b"}, {"size": 1}, must=True)])
            assert digests() == ["a"]  # what failed has not spoilt the rest


class TestAnInsertUnless:
    def test_leaves_alone_what_is_there(self) -> None:
        writing.store([Insert(Content, (content("a", source="x"),))])
        twice = (content("a", source="y"), content("b", source="y"))
        writing.store([Insert(Content, twice, unless=("subject", "digest"))])
        assert list(Content.objects.order_by("id").values_list("digest", "source")) == [
            ("a", "x"),
            ("b", "y"),
        ]


class TestTogetherWithin:
    """In a transaction of one's own: written before anything is asked, and what meets is not written at once."""

    def test_who_asks_finds_what_was_stored_before(self) -> None:
        with transaction.atomic(), writing.together_within():
            writing.store([Insert(Content, (content("a"),))])
            writing.store([Insert(SubjectKey, ({"subject": "C", "wrapped": b"k"},))])
            assert digests() == ["a"]
            writing.store([Insert(Content, (content("b"),))])
        assert digests() == ["a", "b"]

    def test_goes_by_one_statement_where_nobody_asks(self) -> None:
        sent: list[str] = []

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            sent.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note), transaction.atomic(), writing.together_within():
            writing.store([Insert(Content, (content("a"),))])
            writing.store([Insert(SubjectKey, ({"subject": "C", "wrapped": b"k"},))])
            writing.store([Insert(Content, (content("b"),))])
        assert digests() == ["a", "b"]
        statements = [sql for sql in sent if sql.startswith(("WITH", "INSERT"))]
        assert len(statements) == (1 if connection.vendor == "postgresql" else 2)

    def test_new_rows_that_say_more_are_rows_of_their_own(self) -> None:
        more = {**content("b"), "source": "sm3:there"}
        with transaction.atomic(), writing.together_within():
            writing.store([Insert(Content, (content("a"),))])
            writing.store([Insert(Content, (more,))])
            writing.store([Insert(Content, (content("a"), content("c")), unless=("subject", "digest"))])
        told = [("a", ""), ("b", "sm3:there"), ("c", "")]
        assert list(Content.objects.order_by("id").values_list("digest", "source")) == told

    @pytest.mark.parametrize("count", [writing.MOST_ROWS, 8000])
    def test_more_rows_than_one_statement_takes_are_several(self, count: int) -> None:
        with transaction.atomic(), writing.together_within():
            for number in range(count):
                writing.store([Insert(Content, (content(str(number)),))])
        assert digests() == [str(number) for number in range(count)]

    def test_a_row_that_is_new_can_be_changed_at_once(self) -> None:
        with transaction.atomic(), writing.together_within():
            writing.store([Insert(Content, (content("a"), content("b")))])
            writing.store([Update(Content, {"digest": "a"}, {"size": 7}, must=True)])
        assert list(Content.objects.order_by("id").values_list("digest", "size")) == [("a", 7), ("b", 3)]

    def test_the_caller_undoes_all_of_it_if_a_part_fails(self) -> None:
        def broken() -> None:
            with transaction.atomic(), writing.together_within():
                writing.store([Insert(Content, (content("a"),))])
                assert digests() == ["a"]
                writing.store([Update(Content, {"digest": "b"}, {"size": 1}, must=True)])

        with pytest.raises(NotAsExpected):
            broken()
        assert not digests()

    def test_writes_nothing_more_once_the_block_has_failed(self) -> None:
        def broken() -> None:
            with transaction.atomic(), writing.together_within():
                writing.store([Insert(Content, (content("a"),))])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken()
        assert not digests()
        writing.store([Insert(Content, (content("b"),))])
        assert digests() == ["b"]
