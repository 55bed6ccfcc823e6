"""The levels in force, where BTC stands among them, and the last closes, for people to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from signals.closes import Close, CloseOf, CloseRules, closes
from signals.facts import BINANCE_BTC
from signals.levels import Levels, LevelsSet, levels_in_force
from signals.market import Market
from signals.moments import to_ms
from signals.pairs import prices_of
from signals.price import read_price
from signals.readings import PriceReading

_LAST_CLOSES = timedelta(days=6)
"""A session closed within so many days, whatever holidays there were."""


class Among(StrEnum):
    """Where a price is among the levels, from above to below."""

    ABOVE_RALLY = "above_rally"
    IN_RALLY = "in_rally"
    BETWEEN = "between"
    IN_SUPPORT = "in_support"
    BELOW_SUPPORT = "below_support"
    BELOW_BREAK = "below_break"


@dataclass(frozen=True, slots=True)
class LevelsReading:
    """`fact` says which levels count, since when and by whom; `closes` holds the last one of each kind."""

    price: PriceReading
    fact: LevelsSet | None = None
    closes: Mapping[CloseOf, Close] = field(default_factory=dict)

    @property
    def levels(self) -> Levels | None:
        """The levels themselves."""
        return self.fact.levels if self.fact else None


def read_levels(market: Market, now: datetime) -> LevelsReading:
    """The levels that count now, BTC's price and its last daily and session close."""
    now_ms = to_ms(now)
    since_ms = to_ms(now - _LAST_CLOSES)
    prices = prices_of(market.since(since_ms).known_by(now_ms), BINANCE_BTC)
    ended = {close.of: close for close in closes(prices, since_ms, now_ms, CloseRules())}
    return LevelsReading(read_price(market, "BTC", now), levels_in_force(market.levels, now_ms), ended)


def among(price_usd: float, levels: Levels) -> Among:
    """Where a price is among levels; a zone's ends belong to it."""
    falling = (
        (price_usd > levels.rally.high_usd, Among.ABOVE_RALLY),
        (price_usd >= levels.rally.low_usd, Among.IN_RALLY),
        (price_usd > levels.support.high_usd, Among.BETWEEN),
        (price_usd >= levels.support.low_usd, Among.IN_SUPPORT),
        (price_usd > levels.break_usd, Among.BELOW_SUPPORT),
    )
    return next((place for there, place in falling if there), Among.BELOW_BREAK)
