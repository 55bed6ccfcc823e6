"""Facts of every kind that can be saved, and a market as lists that can be compared."""

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta

from signals.facts import (
    BINANCE_BTC,
    COINBASE_BTC,
    Candle,
    EtfFlow,
    Fact,
    Funding,
    Instrument,
    Quote,
)
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.notices import Notice, NoticeKind

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


FIVE = timedelta(minutes=5)


PERPETUAL = Instrument("binance", "BTC/USDT:USDT")


def candle(opened_at: datetime = NOON, close: float = 105.0, instrument: Instrument = COINBASE_BTC) -> Candle:
    return Candle(instrument, FIVE, opened_at, 100.0, 110.0, 90.0, close, 12.5)


def quote(at: datetime = NOON, bid: float = 104.0) -> Quote:
    return Quote(BINANCE_BTC, at, bid, 106.0, at + timedelta(seconds=1))


def flow(total_usd: float = -186.5e6, known_at: datetime = NOON, source: str = "farside") -> EtfFlow:
    return EtfFlow("BTC", NOON.date(), source, total_usd, known_at)


def funding(rate: float = 0.0001) -> Funding:
    return Funding(PERPETUAL, NOON, rate, timedelta(hours=8))


def gauge(value: float = 2.3e9, at: datetime = NOON) -> Gauge:
    return Gauge(Series("bybit", "BTC", Measure.OPEN_INTEREST_USD), at, value, at + timedelta(seconds=1))


def notice(title: str = "On auto-deleveraging", known_at: datetime = NOON) -> Notice:
    return Notice(
        NoticeKind.ANNOUNCEMENT, "okx", "/help/adl", NOON, title, "https://okx.example/adl", known_at
    )


ONE_OF_EACH: list[Fact] = [candle(), quote(), flow(), funding(), gauge(), notice()]


def as_lists(market: Market) -> dict[tuple[str, Hashable], list[tuple[float, ...]]]:
    return {
        (type(rows).__name__, track): list(zip(*(column.tolist() for column in rows.columns()), strict=True))
        for held in (market.prices, market.bars, market.gauges)
        for track, rows in held.items()
    }
