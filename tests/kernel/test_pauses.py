"""How long what failed is put off, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from tongban.kernel import pauses
from tongban.kernel.models import Outstanding

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND, MOMENT = timedelta(seconds=1), timedelta(microseconds=1)


def test_a_pause_doubles_up_to_five_minutes_however_often_it_failed() -> None:
    waited = [pauses.growing(SECOND, attempts).total_seconds() for attempts in range(11)]
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert pauses.growing(SECOND, 10_000) == pauses.growing(timedelta(minutes=4), 1) == pauses.LONGEST


@pytest.mark.parametrize(
    ("until", "lasts"),
    [
        (None, False), (AT - MOMENT, False), (AT, False), (AT + MOMENT, True), (AT + pauses.LONGEST, True),
        (AT + 2 * pauses.LONGEST, True), (AT + 2 * pauses.LONGEST + MOMENT, False), (AT + timedelta(days=400), False),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_date_beyond_any_pause_was_set_by_a_false_clock(until: datetime | None, lasts: bool) -> None:
    assert pauses.lasts(until, AT) is lasts
    if until is not None:
        Outstanding.objects.create(procedure="case", subject="N", node="node", next_at=until)
        assert Outstanding.objects.filter(pauses.over(AT)).exists() is not lasts
