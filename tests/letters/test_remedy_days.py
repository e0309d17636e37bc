"""The last days of remedies, by calendar: counted from the day after service, never ending on a day off."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import stories
from tests.stories import case_on
from tests.web.test_officer import staff
from tests.world import World
from tongban.kernel.time.calendar import WorkingCalendar, shipped_years
from tongban.letters import queries, remedies

CALENDAR = WorkingCalendar(shipped_years())
BENEFIT = "senior-preference-card"
EVERY_DAY = lambda _day: True  # noqa: E731


@pytest.mark.parametrize(
    ("served", "review", "suit"),
    [
        (
            date(2026, 3, 2),
            date(2026, 5, 6),
            date(2026, 9, 2),
        ),  # the sixtieth day is 1 May; 6 May is the first one worked
        (
            date(2025, 8, 31),
            date(2025, 10, 30),
            date(2026, 2, 28),
        ),  # February is shorter, and the 28th is worked by decree
        (date(2025, 8, 1), date(2025, 9, 30), date(2026, 2, 2)),  # 1 February 2026 is a Sunday
    ],
)
def test_end_as_the_law_counts(served: date, review: date, suit: date) -> None:
    assert remedies.ends(served, CALENDAR.is_working) == (review, suit)


def test_stay_where_they_are_while_the_year_is_not_published() -> None:
    served = date(2036, 8, 1)
    assert remedies.ends(served, CALENDAR.is_working) == (served + timedelta(days=60), date(2037, 2, 1))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_are_sixty_days_and_six_months_where_every_day_is_worked(served: date) -> None:
    review, suit = remedies.ends(served, EVERY_DAY)
    assert (review - served).days == 60
    assert (suit.year * 12 + suit.month) - (served.year * 12 + served.month) == 6
    assert suit.day == served.day or (suit + timedelta(days=1)).day == 1


@pytest.mark.slow
def test_run_from_the_day_on_which_the_letter_was_served(counties: World) -> None:
    refused, granted = (stories.decided(counties, one, template=BENEFIT) for one in ("denied", "granted"))
    for number in (refused, granted):
        with counties.on("jiashan"):
            assert queries.remedies_end(case_on(counties, "jiashan", number)) is None
        stories.conclude(counties, number)
        stories.deliver(counties, number)
        counties.settle()
    for node in ("qingyang", "jiashan"):
        with counties.on(node):
            assert queries.remedies_end(case_on(counties, node, refused)) == (
                date(2026, 5, 6),
                date(2026, 9, 2),
            )
            assert queries.remedies_end(case_on(counties, node, granted)) is None
    page = staff(counties, "jiashan", "js-health").open(f"/desk/{refused}/")
    assert "复议至 2026年5月6日，诉讼至 2026年9月2日" in page.words
