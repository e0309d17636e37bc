"""A prepared query answers exactly as the queryset it was made from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from tongban.kernel.models import Content, Duty, Outstanding
from tongban.kernel.prepared import Prepared

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rows() -> None:
    for index in range(3):
        Content.objects.create(
            subject=f"C{index}", digest="d", size=index, next_at=AT + timedelta(hours=index), sealed=b"\x00a"
        )
        Outstanding.objects.create(subject=f"C{index}", node="n", next_at=AT, acknowledged={"甲": [index]})


def matching(subject: str, at: datetime) -> Any:
    return Content.objects.filter(Q(subject=subject) | Q(subject="C1", size=1), next_at__lte=at).order_by(
        "id"
    )


def test_finds_what_the_orm_finds_with_whatever_values() -> None:
    asked = Prepared(
        lambda subject, at: matching(subject, at),
        str,
        datetime,
    )
    for subject, hours in (("C0", 0), ("C0", 1), ("C2", 1), ("C2", 2), ("none", 9)):
        at = AT + timedelta(hours=hours)
        expected = matching(subject, at).first()
        assert asked.first(subject, at) == expected


def test_gives_whole_objects() -> None:
    found = Prepared(lambda subject: Outstanding.objects.filter(subject=subject), str).first("C2")
    expected = Outstanding.objects.get(subject="C2")
    assert found is not None
    assert {name: getattr(found, name) for name in _names(Outstanding)} == {
        name: getattr(expected, name) for name in _names(Outstanding)
    }
    found.attempts = 5
    found.save()  # it is no new row
    assert Outstanding.objects.get(subject="C2").attempts == 5


def test_gives_values_as_values_list_would() -> None:
    asked = Prepared(
        lambda size: (
            Content.objects.filter(size__gte=size)
            .order_by("id")
            .values_list("subject", "next_at", "complete")
        ),
        int,
    )
    expected = (
        Content.objects.filter(size__gte=1).order_by("id").values_list("subject", "next_at", "complete")
    )
    assert asked.rows(1) == list(expected)


def test_refuses_a_query_that_does_without_a_value() -> None:
    with pytest.raises(ValueError, match="does without"):
        Prepared(lambda subject: Content.objects.filter(subject="C1"), str).rows("C2")


def test_is_built_once() -> None:
    built: list[Any] = []

    def queryset(subject: str) -> Any:
        built.append(subject)
        return Duty.objects.filter(subject=subject)

    asked = Prepared(queryset, str)
    for subject in "abc":
        assert asked.first(subject) is None
    assert len(built) == 1
    assert connection.vendor in asked._compiled


def _names(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
