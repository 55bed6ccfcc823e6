"""Freshness: how old the facts behind a reading are, and whether that is still good enough.

Prices about which venues contradict each other are kept from every rule; a reading says so.
"""

from datetime import timedelta

from signals.disputes import is_disputed
from signals.facts import Instrument
from signals.market import Market
from signals.moments import MINUTE_MS
from signals.readings import Quality, Source

LIVE_MS = 2 * MINUTE_MS
"""Live prices older than this are stale; bars may be two steps old."""


def source_of(market: Market, instrument: Instrument, now_ms: int) -> Source:
    """An instrument as the source of a reading, with the age of its newest price."""
    newest = market.last_price(instrument, now_ms)
    return Source(str(instrument), timedelta(milliseconds=now_ms - newest.at_ms) if newest else None)


def quality_of(age_ms: int, step_ms: int) -> Quality:
    """Whether prices of one step are fresh at an age."""
    return Quality.OK if age_ms <= max(LIVE_MS, 2 * step_ms) else Quality.STALE


def quality_beside(market: Market, coins: tuple[str, ...], now_ms: int, quality: Quality) -> Quality:
    """The quality of a reading of some coins' prices, about which venues may contradict each other."""
    return Quality.DISPUTED if any(is_disputed(market, coin, now_ms) for coin in coins) else quality
