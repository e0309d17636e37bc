"""One official time: Django's and the law's."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils.timezone import localdate

from tongban.kernel.time import clock


def test_the_zone_of_the_settings_is_the_official_one() -> None:
    assert clock.OFFICIAL.key == settings.TIME_ZONE
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # past midnight in China
    assert localdate(late) == clock.official_day(late) == datetime(2026, 3, 3).date()
