"""What else tells of forced deleveraging, where it is known: positions that vanish, and whose they were."""

from signals.gauges import Measure
from signals.leverage import totals
from signals.market import Market
from signals.moments import DAY_MS, SECOND_MS

COIN, ALL = "BTC", "ALL"

_HEARD = 0.5
"""Of liquidations nothing is said where they were heard for less than this share of the day."""


def interest_change(market: Market, moment_ms: int) -> float | None:
    """By how much open interest of BTC changed in 24 hours, as a share, over venues known at both ends."""
    day = totals(market, COIN, moment_ms - DAY_MS, moment_ms)
    return day.change if day else None


def long_share(market: Market, moment_ms: int) -> float | None:
    """The longs' share of what was liquidated in 24 hours, over the venues that were heard long enough."""
    long_usd = short_usd = 0.0
    for venue in market.sources_of(ALL, Measure.LIQUIDATIONS_HEARD_SECONDS):
        heard_ms = _sum(market, venue, Measure.LIQUIDATIONS_HEARD_SECONDS, moment_ms) * SECOND_MS
        if heard_ms >= _HEARD * DAY_MS:
            long_usd += _sum(market, venue, Measure.LIQUIDATED_LONG_USD, moment_ms)
            short_usd += _sum(market, venue, Measure.LIQUIDATED_SHORT_USD, moment_ms)
    total_usd = long_usd + short_usd
    return long_usd / total_usd if total_usd > 0 else None


def _sum(market: Market, venue: str, measure: Measure, moment_ms: int) -> float:
    rows = market.gauge(venue, ALL, measure)
    first, last = rows.at_ms.searchsorted((moment_ms - DAY_MS, moment_ms), "right")
    known = rows.known_ms[first:last] <= moment_ms
    return float(rows.value[first:last][known].sum())
