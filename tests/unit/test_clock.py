"""The clock answers in UTC, and a site's day is the site's."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest

from workflow.clock import today_in, utc_now


def test_now_carries_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("time_zone", "today"),
    [
        ("UTC", date(2026, 6, 30)),
        ("Europe/Berlin", date(2026, 7, 1)),
        ("America/New_York", date(2026, 6, 30)),
        ("Pacific/Kiritimati", date(2026, 7, 1)),
    ],
)
def test_today_is_the_sites(time_zone: str, today: date) -> None:
    assert today_in(time_zone, datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == today


def test_a_time_without_offset_is_refused() -> None:
    naive = datetime(2026, 6, 30, 22, 30, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="must carry its offset"):
        today_in("UTC", naive)


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(ZoneInfoNotFoundError, match="Europe/Nowhere"):
        today_in("Europe/Nowhere", datetime(2026, 6, 30, tzinfo=UTC))
