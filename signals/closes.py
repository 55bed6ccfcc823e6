"""Closes of BTC: its price at 00:00 UTC each day, and when a US session ends.

A close is known as soon as a price of that moment or a later one is. It is the last price until then, and
there is none where that was too old already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from signals.calendar import NEW_YORK, sessions
from signals.market import Prices
from signals.moments import DAY_MS, from_ms, length_ms, to_ms


class CloseOf(StrEnum):
    """What ended."""

    DAY = "day"
    SESSION = "session"


class Close(NamedTuple):
    """The price at the end of a day or session, and when it could be known."""

    of: CloseOf
    at_ms: int
    known_ms: int
    price_usd: float


@dataclass(frozen=True, slots=True)
class CloseRules:
    """How a close is found."""

    grace: timedelta = timedelta(minutes=5)
    """How long after its moment its own price is waited for."""
    fresh: timedelta = timedelta(hours=1)
    """A price that was older than this when the day or session ended is not its close."""


def closes(prices: Prices, after_ms: int, until_ms: int, rules: CloseRules) -> Iterator[Close]:
    """The closes that became known after one moment and up to another, in that order.

    `prices` are in the order in which they became known, as `signals.pairs.prices_of` gives them.
    """
    ends = _ends(after_ms - length_ms(rules.grace), until_ms)
    found = (_close(prices, of, at_ms, rules) for at_ms, of in ends)
    yield from (close for close in found if close and after_ms < close.known_ms <= until_ms)


def _close(prices: Prices, of: CloseOf, at_ms: int, rules: CloseRules) -> Close | None:
    reached = int(prices.at_ms.searchsorted(at_ms))
    known_ms = at_ms + length_ms(rules.grace)
    if reached < len(prices):
        known_ms = min(known_ms, int(prices.known_ms[reached]))
    until, known = prices.at_ms.searchsorted(at_ms, "right"), prices.known_ms.searchsorted(known_ms, "right")
    row = int(min(until, known)) - 1
    if row < 0 or at_ms - prices.at_ms[row] > length_ms(rules.fresh):
        return None
    return Close(of, at_ms, known_ms, float(prices.price[row]))


def _ends(after_ms: int, until_ms: int) -> list[tuple[int, CloseOf]]:
    """The ends of days and sessions from one moment to another, both included."""
    us_days = (from_ms(moment_ms).astimezone(NEW_YORK).date() for moment_ms in (after_ms, until_ms))
    days = range(-(-after_ms // DAY_MS) * DAY_MS, until_ms + 1, DAY_MS)
    ends = [(at_ms, CloseOf.DAY) for at_ms in days]
    ends += [(to_ms(session.closes), CloseOf.SESSION) for session in sessions(*us_days)]
    return sorted(end for end in ends if after_ms <= end[0] <= until_ms)
