"""Open interest and funding as values of rules: totals and means over the venues, as the bot reads them."""

from datetime import timedelta

import numpy as np

from signals.gauges import Measure
from signals.leverage import (
    COINS,
    VENUES,
    funding_along,
    interest_along,
    mean_along,
    turning_moments,
)
from signals.market import Market
from signals.moments import DAY_MS, length_ms
from signals.own.prices import Instruments
from signals.own.values import Values
from signals.rows import Bools, Ints
from signals.session_report import PERCENT

_EXPECTED_MS = 7 * DAY_MS
"""A venue that was known within so long belongs to the total: without it there is none."""


def funding_values(market: Market, coin: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """Funding in percent per eight hours, weighted by open interest where that is known of every venue."""
    del find
    moments = turning_moments(market, coin, since_ms, until_ms)
    if not len(moments):
        return Values(moments, moments, np.array((), np.float64))
    found = mean_along(interest_along(market, coin, moments), funding_along(market, coin, moments))
    rates = [mean.rate if mean else np.nan for mean in found]
    # A rate of ten digits times a hundred: at a threshold it has to be at it.
    return Values(moments, moments, np.round(np.array(rates, np.float64) * PERCENT, 8))


def interest_values(market: Market, coin: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """Open interest in dollars over all venues; NaN while one of them is silent, for the rest is no total."""
    del find
    moments = _moments(market, coin, since_ms, until_ms)
    total = np.zeros(len(moments))
    for each in _coins(coin) if len(moments) else ():
        interest = interest_along(market, each, moments)
        missing = np.isnan(interest) & _expected(market, each, moments)
        known = ~missing.any(axis=0) & ~np.isnan(interest).all(axis=0)
        total += np.where(known, np.nansum(interest, axis=0), np.nan)
    return Values(moments, moments, total)


def interest_change_values(
    market: Market, coin: str, since_ms: int, until_ms: int, over: timedelta
) -> Values:
    """By how many percent open interest changed over some time, of the venues known at both ends."""
    moments = _moments(market, coin, since_ms, until_ms)
    if not len(moments):
        return Values(moments, moments, np.array((), np.float64))
    then, now = np.zeros(len(moments)), np.zeros(len(moments))
    for each in _coins(coin):
        before = interest_along(market, each, moments - length_ms(over))
        after = interest_along(market, each, moments)
        both = ~np.isnan(before) & ~np.isnan(after)
        none = ~both.any(axis=0)
        then += np.where(none, np.nan, np.where(both, before, 0.0).sum(axis=0))
        now += np.where(none, np.nan, np.where(both, after, 0.0).sum(axis=0))
    return Values(moments, moments, (now / then - 1) * PERCENT)


def _coins(coin: str) -> tuple[str, ...]:
    return COINS if coin == "BOTH" else (coin,)


def _moments(market: Market, coin: str, since_ms: int, until_ms: int) -> Ints:
    moments = [turning_moments(market, each, since_ms, until_ms) for each in _coins(coin)]
    every: Ints = np.unique(np.concatenate(moments))
    return every


def _expected(market: Market, coin: str, moments_ms: Ints) -> Bools:
    """Where each venue has said a number within a week."""
    return np.stack([_said(market, venue, coin, moments_ms) for venue in VENUES])


def _said(market: Market, venue: str, coin: str, moments_ms: Ints) -> Bools:
    rows = market.gauge(venue, coin, Measure.OPEN_INTEREST_USD).since(int(moments_ms[0]) - _EXPECTED_MS)
    if not len(rows):
        return np.zeros(len(moments_ms), np.bool_)
    rows = rows.as_known()
    row = rows.known_ms.searchsorted(moments_ms, "right") - 1
    said: Bools = (row >= 0) & (moments_ms - rows.at_ms[row] <= _EXPECTED_MS)
    return said
