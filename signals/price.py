"""The price of a coin, and what it did over a day."""

from datetime import datetime

from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.freshness import quality_beside, quality_of, source_of
from signals.market import LastPrice, Market
from signals.moments import DAY_MS, from_ms, length_ms, to_ms
from signals.readings import PriceReading, Quality

INSTRUMENTS = {"BTC": BINANCE_BTC, "ETH": BINANCE_ETH}


def read_price(market: Market, asset: str, now: datetime) -> PriceReading:
    """The newest price and its change over 24 hours; the change is `None` where that day is not known."""
    instrument, now_ms = INSTRUMENTS[asset], to_ms(now)
    sources = (source_of(market, instrument, now_ms),)
    newest = market.last_price(instrument, now_ms)
    if newest is None:
        return PriceReading(asset, now, Quality.MISSING, sources)
    before = market.last_price(instrument, now_ms - DAY_MS)
    day_known = before and _quality(before, now_ms - DAY_MS) is Quality.OK
    return PriceReading(
        asset=asset,
        at=from_ms(newest.at_ms),
        quality=quality_beside(market, (asset,), now_ms, _quality(newest, now_ms)),
        sources=sources,
        price=newest.price,
        change_24h_pct=(newest.price / before.price - 1) * 100 if before and day_known else None,
    )


def _quality(price: LastPrice, now_ms: int) -> Quality:
    return quality_of(now_ms - price.at_ms, length_ms(price.step))
