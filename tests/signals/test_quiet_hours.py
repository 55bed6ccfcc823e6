"""Quiet hours over midnight and over changes of the clock, and where a chat's day begins."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.quiet_hours import QuietHours, day_start, next_day

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata")
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(text: str) -> QuietHours:
    start, end = text.split("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


@pytest.mark.parametrize(
    ("zone", "quiet", "now", "end"),
    [
        # over midnight
        ("UTC", "23:00-07:00", "2026-11-20 22:59", None),
        ("UTC", "23:00-07:00", "2026-11-20 23:00", "2026-11-21 07:00"),
        ("UTC", "23:00-07:00", "2026-11-21 00:00", "2026-11-21 07:00"),
        ("UTC", "23:00-07:00", "2026-11-21 06:59", "2026-11-21 07:00"),
        ("UTC", "23:00-07:00", "2026-11-21 07:00", None),
        # within a day, and from or to midnight
        ("UTC", "12:00-14:00", "2026-11-20 13:00", "2026-11-20 14:00"),
        ("UTC", "12:00-14:00", "2026-11-20 23:00", None),
        ("UTC", "00:00-08:00", "2026-11-20 00:00", "2026-11-20 08:00"),
        ("UTC", "20:00-00:00", "2026-11-20 23:59", "2026-11-21 00:00"),
        ("UTC", "20:00-00:00", "2026-11-21 00:00", None),
        # equal ends are no hours at all
        ("UTC", "08:00-08:00", "2026-11-20 08:00", None),
        ("UTC", "08:00-08:00", "2026-11-20 20:00", None),
        # the clocks are those of the zone
        ("Asia/Shanghai", "23:00-07:00", "2026-11-20 14:59", None),
        ("Asia/Shanghai", "23:00-07:00", "2026-11-20 15:00", "2026-11-20 23:00"),
        # New York goes from 02:00 to 03:00 on 8 March 2026: the night is an hour shorter
        ("America/New_York", "23:00-07:00", "2026-03-08 04:00", "2026-03-08 11:00"),
        ("America/New_York", "23:00-07:00", "2026-03-08 10:59", "2026-03-08 11:00"),
        # ... and 02:30 is not on the clock: it is half an hour after 02:00 would have been
        ("America/New_York", "23:00-02:30", "2026-03-08 07:29", "2026-03-08 07:30"),
        ("America/New_York", "02:30-06:00", "2026-03-08 07:29", None),
        ("America/New_York", "02:30-06:00", "2026-03-08 07:30", "2026-03-08 10:00"),
        # New York goes from 02:00 back to 01:00 on 1 November 2026: the first 01:30 counts
        ("America/New_York", "23:00-07:00", "2026-11-01 03:00", "2026-11-01 12:00"),
        ("America/New_York", "23:00-01:30", "2026-11-01 05:29", "2026-11-01 05:30"),
        ("America/New_York", "23:00-01:30", "2026-11-01 06:10", None),
    ],
)
def test_it_is_quiet_until_the_end_of_the_hours(zone: str, quiet: str, now: str, end: str | None):
    found = hours(quiet).end_of(utc(now), ZoneInfo(zone))
    assert found == (utc(end) if end else None)


@given(CLOCKS, CLOCKS, MOMENTS, st.sampled_from(ZONES))
def test_quiet_ends_later_within_a_day_and_an_hour_and_at_its_end_it_is_over(start, end, now, zone):
    quiet, tz = QuietHours(start, end), ZoneInfo(zone)
    until = quiet.end_of(now, tz)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet.end_of(until, tz) is None
        assert quiet.end_of(until - timedelta(microseconds=1), tz) == until


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_day_begins_before_now_and_the_next_one_after_it(now, zone):
    tz = ZoneInfo(zone)
    assert day_start(now, tz) <= now < next_day(now, tz)
    assert day_start(next_day(now, tz), tz) == next_day(now, tz)
