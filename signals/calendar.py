"""US sessions: the NYSE's regular hours, 09:30-16:00 in New York, until 13:00 on half days, none on holidays.

Source: the `holidays` package, which knows the exchange's holidays, half days and days of mourning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

NEW_YORK = ZoneInfo("America/New_York")

_OPEN = time(9, 30)
_CLOSE = time(16)
_EARLY_CLOSE = time(13)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Session:
    """One session by its New York date, with its open and close in UTC."""

    day: date
    opens: datetime
    closes: datetime
    half_day: bool = False

    @property
    def length(self) -> timedelta:
        """From open to close."""
        return self.closes - self.opens


@cache
def _closed_days(year: int) -> frozenset[date]:
    return frozenset(holidays.NYSE(years=year))  # type: ignore[attr-defined]  # made at import time


@cache
def _half_days(year: int) -> frozenset[date]:
    return frozenset(holidays.NYSE(years=year, categories=("half_day",)))  # type: ignore[attr-defined]


@cache
def session_on(day: date) -> Session | None:
    """The session of a New York date, or None on a weekend or holiday."""
    if day.weekday() >= _SATURDAY or day in _closed_days(day.year):
        return None
    half_day = day in _half_days(day.year)
    closes = _EARLY_CLOSE if half_day else _CLOSE
    return Session(day, _in_utc(day, _OPEN), _in_utc(day, closes), half_day)


def sessions(first: date, last: date) -> Iterator[Session]:
    """The sessions from one date to another, both included."""
    for offset in range((last - first).days + 1):
        if session := session_on(first + timedelta(days=offset)):
            yield session


def open_session(now: datetime) -> Session | None:
    """The session that is open now."""
    session = session_on(now.astimezone(NEW_YORK).date())
    return session if session and session.opens <= now < session.closes else None


def last_closed_session(now: datetime) -> Session:
    """The newest session whose close is not after now."""
    day = now.astimezone(NEW_YORK).date()
    while not ((session := session_on(day)) and session.closes <= now):
        day -= timedelta(days=1)
    return session


def session_after(day: date) -> Session:
    """The first session after a date."""
    while not (session := session_on(day := day + timedelta(days=1))):
        pass
    return session


def _in_utc(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK).astimezone(UTC)
