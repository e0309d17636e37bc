"""Statements past Django's cursor: the same rows, the same errors, the same transactions, and heard by whoever listens."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from tongban.kernel import direct
from tongban.kernel.models import Content

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

COUNT = "SELECT count(*) FROM kernel_content WHERE subject = %s"


def test_places_are_numbered_as_postgresql_does_and_a_percent_sign_stays_one() -> None:
    assert direct.numbered("SELECT %s, '5 %%', %s") == b"SELECT $1, '5 %', $2"
    assert direct.numbered("SELECT 1") == b"SELECT 1"


def test_asks_the_line_of_the_day_after_the_one_before_was_closed() -> None:
    assert direct.rows("SELECT %s", ["甲"]) == [("甲",)]
    connection.close()
    assert direct.rows("SELECT %s", ["乙"]) == [("乙",)]


def test_is_part_of_the_transaction_that_is_open() -> None:
    with transaction.atomic():
        Content.objects.create(subject="C", digest="d", size=1)
        assert direct.rows(COUNT, ["C"]) == [(1,)]
        transaction.set_rollback(True)
    assert direct.rows(COUNT, ["C"]) == [(0,)]


def test_fails_with_django_s_errors_and_asks_nothing_more_in_a_broken_transaction() -> None:
    with pytest.raises(DatabaseError, match="nothing_of_this_name"):
        direct.rows("SELECT %s FROM nothing_of_this_name", ["x"])
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            direct.rows("INSERT INTO kernel_content (subject) VALUES (%s) RETURNING 1", ["C"])
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            direct.rows(COUNT, ["C"])


def test_is_heard_by_who_listens_to_what_django_sends() -> None:
    heard: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        heard.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        assert direct.rows("SELECT %s", [1])
    assert heard == ["SELECT %s"]
