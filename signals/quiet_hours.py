"""Quiet hours: from one time of day to another in a chat's zone, across midnight and changes of the clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_DAY = timedelta(days=1)


class QuietHours(NamedTuple):
    """From `start` on and before `end`, times of day on the clocks of a zone; equal ends: never."""

    start: time
    end: time

    def end_of(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet of this moment ends, in UTC; None where it is not quiet.

        A time that clocks skip is as long after midnight as it says, one that they show twice is the first.
        """
        return max((end for start, end in self._nights(now, zone) if start <= now < end), default=None)

    def _nights(self, now: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of quiet around a moment, in UTC."""
        today = now.astimezone(zone).date()
        for day in (today - _DAY, today):
            last = day if self.start <= self.end else day + _DAY
            yield instant(day, self.start, zone), instant(last, self.end, zone)


def instant(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which clocks in a zone show a time of a day."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def day_start(now: datetime, zone: tzinfo) -> datetime:
    """When the day that it is in a zone began there, in UTC."""
    return instant(now.astimezone(zone).date(), time(0), zone)


def next_day(now: datetime, zone: tzinfo) -> datetime:
    """When the next day begins in a zone, in UTC."""
    return instant(now.astimezone(zone).date() + _DAY, time(0), zone)
