"""Times of day as people write them: 8, 08:00, 0800, 9pm, 8点半."""

import re
from datetime import time

from bot.commands.mistakes import Misunderstood

_CLOCK = re.compile(
    r"^(?P<hour>\d{1,2})(?:[:：点點]?(?P<minute>\d{2})分?|[点點](?P<half>半)?)?(?P<half_day>[ap]m)?$"
)
_ONLY_CLOCKS = re.compile(r"[:：点點]|\d[ap]m$")
_HOURS_OF_HALF_A_DAY = range(1, 13)


def is_clock(word: str) -> bool:
    """Whether a word is meant as a time of day, and not as a number of something else."""
    return _ONLY_CLOCKS.search(word.lower()) is not None


def time_of_day(word: str) -> time:
    """The time that a word says. Raises Misunderstood."""
    found = _CLOCK.match(word.lower())
    hour = _hour(int(found["hour"]), found["half_day"]) if found else None
    if found is None or hour is None:
        raise Misunderstood(word)
    minute = 30 if found["half"] else int(found["minute"] or 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise Misunderstood(word) from None


def _hour(said: int, half_day: str | None) -> int | None:
    """The hour of 24; None where there is no such hour in half a day: 12am is midnight, 12pm noon."""
    if half_day is None:
        return said
    if said not in _HOURS_OF_HALF_A_DAY:
        return None
    return said % 12 + (12 if half_day == "pm" else 0)
