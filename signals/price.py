"""The price of a coin, and what it did over a day."""

from datetime import datetime

from signals.freshness import quality_of, source_of
from signals.market import BINANCE_BTC, BINANCE_ETH, Market, step_ms
from signals.moments import DAY_MS, from_ms, to_ms
from signals.readings import PriceReading, Quality

INSTRUMENTS = {"BTC": BINANCE_BTC, "ETH": BINANCE_ETH}


def read_price(market: Market, asset: str, now: datetime) -> PriceReading:
    """The newest price and its change over 24 hours; the change is `None` where that day is not known."""
    instrument, now_ms = INSTRUMENTS[asset], to_ms(now)
    sources = (source_of(market, instrument, now_ms),)
    newest = market.last_price(instrument, now_ms)
    if newest is None:
        return PriceReading(asset, now, Quality.MISSING, sources)
    at_ms, price = newest
    step = max(map(step_ms, market.steps(instrument)))
    before = market.last_price(instrument, now_ms - DAY_MS)
    day_known = before is not None and now_ms - DAY_MS - before[0] <= 2 * step
    return PriceReading(
        asset=asset,
        at=from_ms(at_ms),
        quality=quality_of(now_ms - at_ms, step),
        sources=sources,
        price=price,
        change_24h_pct=(price / before[1] - 1) * 100 if before and day_known else None,
    )
