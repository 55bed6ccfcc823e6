"""How much of the open interest that a shock took is back, at one moment or at many at once.

Taken is what lies between before the shock and the lowest since. All three, before, lowest and now, are of
the venues that are known both before the shock and now.
"""

from typing import NamedTuple

import numpy as np

from signals.episode import Episode
from signals.gauges import Measure
from signals.leverage import VENUES, held, interest_along, venues_of
from signals.market import Market
from signals.rows import Floats, Ints


class Rebuild(NamedTuple):
    """What of open interest was taken, as a share of what was before, and how much of that is back."""

    taken: float
    regained: float
    venues: tuple[str, ...]


def rebuild(market: Market, episode: Episode | None, coin: str, moment_ms: int) -> Rebuild | None:
    """At one moment; None without a shock, or without a number from before it."""
    if episode is None:
        return None
    [found] = rebuilt_along(market, coin, episode.reference_ms, np.array([moment_ms], np.int64))
    return found


def rebuilt_along(market: Market, coin: str, reference_ms: int, moments_ms: Ints) -> list[Rebuild | None]:
    """At ascending moments after the one that a shock is measured from."""
    before = interest_along(market, coin, np.array([reference_ms], np.int64))
    now = interest_along(market, coin, moments_ms)
    at_both = ~np.isnan(before) & ~np.isnan(now)
    found: list[Rebuild | None] = [None] * len(moments_ms)
    for mask in np.unique(at_both, axis=1).T:
        if not mask.any():
            continue
        [columns] = np.nonzero((mask == at_both.T).all(axis=1))
        low = _lowest(market, coin, venues_of(mask), reference_ms, moments_ms[columns])
        then_usd = float(before[mask].sum())
        for column, low_usd in zip(columns.tolist(), low.tolist(), strict=True):
            found[column] = _rebuild(then_usd, low_usd, float(now[mask, column].sum()), venues_of(mask))
    return found


def _rebuild(then_usd: float, low_usd: float, now_usd: float, venues: tuple[str, ...]) -> Rebuild:
    taken_usd = then_usd - low_usd
    regained = (now_usd - low_usd) / taken_usd if taken_usd > 0 else 0.0
    return Rebuild(max(taken_usd, 0.0) / then_usd, regained, venues)


def _lowest(market: Market, coin: str, venues: tuple[str, ...], since_ms: int, moments_ms: Ints) -> Floats:
    """The least that some venues came to together from one moment to each of others.

    One that is silent for a while is taken to stay where it was: that makes no low that was not there.
    """
    every = [market.gauge(venue, coin, Measure.OPEN_INTEREST_USD) for venue in VENUES if venue in venues]
    known = np.concatenate([rows.as_known().known_ms for rows in every])
    inside = known[(known >= since_ms) & (known <= moments_ms[-1])]
    told_ms = np.unique(np.append(inside, since_ms))
    together = np.sum([held(rows, told_ms, None) for rows in every], axis=0)
    lowest: Floats = np.minimum.accumulate(together)[told_ms.searchsorted(moments_ms, side="right") - 1]
    return lowest
