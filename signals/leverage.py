"""Leverage: open interest and funding over three venues, at one moment or at many at once.

A total is only ever compared with one over the same venues: one that falls silent takes nothing away, and one
that comes back brings nothing.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import HOUR_MS, length_ms
from signals.rows import Bools, Floats, Ints

VENUES = ("binance", "okx", "bybit")
COINS = ("BTC", "ETH")

INTEREST_FRESH = timedelta(minutes=90)
"""Open interest of history comes by the hour."""
_LONGEST_MS = 9 * HOUR_MS
"""Nothing stands for longer: by then the next settlement of funding is overdue."""

Interest = Mapping[str, float]
"""Open interest in dollars by venue."""

Stands = Callable[[Gauges], Ints]
"""For how long each row of a series stands, in milliseconds."""


class Totals(NamedTuple):
    """Open interest at two moments over the same venues, in dollars."""

    venues: tuple[str, ...]
    then_usd: float
    now_usd: float

    @property
    def change(self) -> float:
        """By how much it grew, as a share."""
        return self.now_usd / self.then_usd - 1


class Funding(NamedTuple):
    """The mean of funding per eight hours, as a fraction, over some venues.

    `is_weighted`: by their open interest, which is known of all of them.
    """

    rate: float
    is_weighted: bool
    venues: tuple[str, ...]


def interest_along(market: Market, coin: str, moments_ms: Ints) -> Floats:
    """Open interest as it was known at ascending moments: a row a venue; NaN where unknown or too old."""
    return _along(market, coin, Measure.OPEN_INTEREST_USD, moments_ms)


def funding_along(market: Market, coin: str, moments_ms: Ints) -> Floats:
    """Funding per eight hours as it was known at ascending moments, as `interest_along`."""
    return _along(market, coin, Measure.FUNDING_8H, moments_ms)


def _along(market: Market, coin: str, measure: Measure, moments_ms: Ints) -> Floats:
    rows = (market.gauge(venue, coin, measure) for venue in VENUES)
    return np.stack([held(each, moments_ms, STANDS[measure]) for each in rows])


def held(rows: Gauges, moments_ms: Ints, stands: Stands | None) -> Floats:
    """The newest number known at each ascending moment while it stands; for ever without `stands`."""
    value = np.full(len(moments_ms), np.nan)
    if not len(rows) or not len(moments_ms):
        return value
    # Without its limit a row may be of any age; with it, older ones than these say nothing at all.
    rows = (rows.since(int(moments_ms[0]) - 2 * _LONGEST_MS) if stands else rows).as_known()
    row = rows.known_ms.searchsorted(moments_ms, side="right") - 1
    there = row >= 0
    if stands and len(rows):
        there &= moments_ms - rows.at_ms[row] <= stands(rows)[row]
    value[there] = rows.value[row[there]]
    return value


def _interest_stands(rows: Gauges) -> Ints:
    stands: Ints = np.full(len(rows), length_ms(INTEREST_FRESH), np.int64)
    return stands


def _funding_stands(rows: Gauges) -> Ints:
    """As long as the source took since the row before, and an hour: what is polled and what is settled."""
    before = np.append(rows.at_ms[:1] - _LONGEST_MS, rows.at_ms[:-1])
    stands: Ints = np.minimum(rows.at_ms - before + HOUR_MS, _LONGEST_MS)
    return stands


STANDS: Mapping[Measure, Stands] = {
    Measure.OPEN_INTEREST_USD: _interest_stands,
    Measure.FUNDING_8H: _funding_stands,
}


def turning_moments(market: Market, coin: str, after_ms: int, until_ms: int) -> Ints:
    """The moments, ascending, at which a number became known, or the last one had become too old."""
    found = [
        moment
        for venue in VENUES
        for measure, stands in STANDS.items()
        for moment in _turns(market.gauge(venue, coin, measure), stands, after_ms, until_ms)
    ]
    moments: Ints = np.unique(np.concatenate(found)) if found else np.array((), np.int64)
    return moments


def _turns(rows: Gauges, stands: Stands, after_ms: int, until_ms: int) -> list[Ints]:
    rows = rows.since(after_ms - 2 * _LONGEST_MS)
    if not len(rows):
        return []
    rows = rows.as_known()
    lapsed = rows.at_ms + stands(rows) + 1
    next_ms = np.append(rows.known_ms[1:], until_ms + 1)
    turns = (rows.known_ms, lapsed[(lapsed > rows.known_ms) & (lapsed < next_ms)])
    return [some[(some > after_ms) & (some <= until_ms)] for some in turns]


def interest_at(market: Market, coin: str, moment_ms: int) -> dict[str, float]:
    """Each venue's open interest, as it was known at a moment, where it is not too old."""
    return _by_venue(interest_along(market, coin, _one(moment_ms)))


def funding_at(market: Market, coin: str, moment_ms: int) -> dict[str, float]:
    """Each venue's funding per eight hours, as it was known at a moment, where it is not too old."""
    return _by_venue(funding_along(market, coin, _one(moment_ms)))


def _one(moment_ms: int) -> Ints:
    return np.array([moment_ms], np.int64)


def _by_venue(column: Floats) -> dict[str, float]:
    return {venue: float(row[0]) for venue, row in zip(VENUES, column, strict=True) if not np.isnan(row[0])}


def venues_of(mask: Bools) -> tuple[str, ...]:
    """The venues that a column of a mask stands for."""
    return tuple(venue for venue, there in zip(VENUES, mask.tolist(), strict=True) if there)


def totals(market: Market, coin: str, then_ms: int, now_ms: int) -> Totals | None:
    """Open interest then and now, over the venues that are known at both moments."""
    then, now = interest_at(market, coin, then_ms), interest_at(market, coin, now_ms)
    venues = tuple(venue for venue in VENUES if venue in then and venue in now)
    if not venues:
        return None
    return Totals(venues, sum(then[v] for v in venues), sum(now[v] for v in venues))


def mean_funding(market: Market, coin: str, moment_ms: int) -> Funding | None:
    """Funding over all venues, weighted by open interest where that is known of every one of them."""
    moment = _one(moment_ms)
    [found] = mean_along(interest_along(market, coin, moment), funding_along(market, coin, moment))
    return found


def mean_along(interest: Floats, rates: Floats) -> list[Funding | None]:
    """The same at many moments, out of the columns of both."""
    there = ~np.isnan(rates)
    weighted: Bools = np.all(~there | ~np.isnan(interest), axis=0)
    weights = np.where(there, np.where(weighted, interest, 1.0), 0.0)
    total = weights.sum(axis=0)
    # Ten digits are more than any venue says: a mean of rates at a threshold has to be at it, too.
    means = np.round((weights * np.where(there, rates, 0.0)).sum(axis=0) / np.where(total, total, 1.0), 10)
    return [
        Funding(mean, is_weighted, venues_of(mask)) if mask.any() else None
        for mean, is_weighted, mask in zip(means.tolist(), weighted.tolist(), there.T, strict=True)
    ]
