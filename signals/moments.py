"""Moments: aware datetimes where people meet them, milliseconds of the Unix epoch in columns of numbers."""

from datetime import UTC, datetime, timedelta

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """The milliseconds since the epoch of an aware moment.

    Raises:
        ValueError: the moment has no time zone, so it names no instant.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(moment_ms: int) -> datetime:
    """The UTC moment of milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=int(moment_ms))


def length_ms(length: timedelta) -> int:
    """A length of time in milliseconds."""
    return length // timedelta(milliseconds=1)


def next_open(moment: datetime, timeframe: timedelta) -> datetime:
    """When the first bar opens that opens at or after a moment: bars open at multiples of their length."""
    step_ms = length_ms(timeframe)
    return from_ms(-(-to_ms(moment) // step_ms) * step_ms)


def iso(moment_ms: int) -> str:
    """ISO-8601 in UTC with a Z, to the second, or to the millisecond where there are any."""
    moment = from_ms(moment_ms)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")
