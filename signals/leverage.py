"""Leverage: open interest and funding over three venues, at any moment.

A total is only ever compared with one over the same venues: one that falls silent takes nothing away, and one
that comes back brings nothing.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from signals.gauges import Gauges, Measure
from signals.market import Market, step_ms
from signals.moments import HOUR_MS

VENUES = ("binance", "okx", "bybit")
COINS = ("BTC", "ETH")

INTEREST_FRESH = timedelta(minutes=90)
"""Open interest of history comes by the hour."""
_FUNDING_FRESH_MS, _LONGEST_STEP_MS = HOUR_MS, 9 * HOUR_MS
_GAPS = 9
"""Polled funding is fresh for an hour; settled funding until the next settlement is overdue."""

Interest = Mapping[str, float]
"""Open interest in dollars by venue."""


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


def interest_at(market: Market, coin: str, moment_ms: int) -> dict[str, float]:
    """Each venue's open interest, as it was known at a moment, where it is not too old."""
    return _known(market, coin, Measure.OPEN_INTEREST_USD, moment_ms, lambda *_: step_ms(INTEREST_FRESH))


def funding_at(market: Market, coin: str, moment_ms: int) -> dict[str, float]:
    """Each venue's funding per eight hours, as it was known at a moment, where it is not too old."""
    return _known(market, coin, Measure.FUNDING_8H, moment_ms, _funding_fresh_ms)


def _known(
    market: Market, coin: str, measure: Measure, moment_ms: int, fresh_ms: Callable[[Gauges, int], int]
) -> dict[str, float]:
    found = {}
    for venue in VENUES:
        rows = market.gauge(venue, coin, measure)
        last = rows.last_known(moment_ms)
        if last and moment_ms - last[0] <= fresh_ms(rows, last[0]):
            found[venue] = last[1]
    return found


def _funding_fresh_ms(rows: Gauges, last_ms: int) -> int:
    """For how long a row stands: as long as there usually was between the rows until then."""
    until = int(rows.at_ms.searchsorted(last_ms, "right"))
    gaps = np.diff(rows.at_ms[max(until - _GAPS - 1, 0) : until])
    if not len(gaps):
        return _LONGEST_STEP_MS
    return max(_FUNDING_FRESH_MS, min(int(np.median(gaps)) + _FUNDING_FRESH_MS, _LONGEST_STEP_MS))


def totals(market: Market, coin: str, then_ms: int, now_ms: int) -> Totals | None:
    """Open interest then and now, over the venues that are known at both moments."""
    then, now = interest_at(market, coin, then_ms), interest_at(market, coin, now_ms)
    venues = tuple(venue for venue in VENUES if venue in then and venue in now)
    if not venues:
        return None
    return Totals(venues, sum(then[v] for v in venues), sum(now[v] for v in venues))


def lowest_since(market: Market, coin: str, venues: tuple[str, ...], since_ms: int, until_ms: int) -> float:
    """The least that some venues' open interest came to together from one moment to another, in dollars."""
    told = (market.gauge(venue, coin, Measure.OPEN_INTEREST_USD) for venue in venues)
    rows = [each.known_by(until_ms) for each in told]
    inside = [r.at_ms[r.at_ms >= since_ms] for r in rows]
    moments = np.unique(np.concatenate((*inside, [since_ms])))
    by_venue = [r.value[r.at_ms.searchsorted(moments, "right") - 1] for r in rows]
    return float(np.sum(by_venue, axis=0).min())


def mean_funding(market: Market, coin: str, moment_ms: int) -> Funding | None:
    """Funding over all venues, weighted by open interest where that is known of every one of them."""
    rates, interest = funding_at(market, coin, moment_ms), interest_at(market, coin, moment_ms)
    if not rates:
        return None
    is_weighted = set(rates) <= set(interest)
    weights = [interest[venue] if is_weighted else 1.0 for venue in rates]
    rate = sum(w * r for w, r in zip(weights, rates.values(), strict=True)) / sum(weights)
    return Funding(rate, is_weighted, tuple(rates))
