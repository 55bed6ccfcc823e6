"""Where the time axis is marked: at the reader's midnights, and at full hours where days are wide."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.charts.words import Words

_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 3, 5, 7, 14, 30, 61, 91, 182, 365)


class Mark(NamedTuple):
    """A moment on the time axis, and what is written there."""

    moment: datetime
    label: str


def ticks(since: datetime, until: datetime, words: Words, most: int = 7) -> list[Mark]:
    """The moments to mark, about `most` of them."""
    span = until - since
    for hours in _HOURS:
        if span <= most * timedelta(hours=hours):
            return list(_hourly(since, until, hours, words))
    days = next((days for days in _DAYS if span <= most * timedelta(days=days)), _DAYS[-1])
    return list(_daily(since, until, days, words))


def _hourly(since: datetime, until: datetime, every: int, words: Words) -> Iterator[Mark]:
    local = since.astimezone(words.timezone).replace(minute=0, second=0, microsecond=0)
    moment = since - (since - local)
    while moment <= until:
        local = moment.astimezone(words.timezone)
        if moment >= since and local.hour % every == 0:
            yield Mark(moment, f"{local:%H:%M}" if local.hour else words.day(local.date()))
        moment += timedelta(hours=1)


def _daily(since: datetime, until: datetime, every: int, words: Words) -> Iterator[Mark]:
    # Counted back from the end, so that the newest days are always marked.
    day = until.astimezone(words.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day >= since:
        yield Mark(day, words.day(day.date()))
        day -= timedelta(days=every)
