"""Real market history for tests, read where it lies; tests that need it skip where it is missing."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest

from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, EtfFlow, Instrument
from signals.market import Bars, Market, Prices, Track
from signals.moments import to_ms

FOLDER = Path(__file__).parents[1] / "../shared/data"

needs_history = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recorded history (../shared/data) is not here"
)


def rows(name: str) -> Iterator[list[str]]:
    """The rows of a file without its header."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from list(csv.reader(file))[1:]


def closes(name: str, timeframe: timedelta) -> Prices:
    """The closing prices of a candle file."""
    moments = ((to_ms(datetime.fromisoformat(row[0]) + timeframe), float(row[4])) for row in rows(name))
    return Prices.of((at_ms, at_ms, price) for at_ms, price in moments)


def shapes(name: str, timeframe: timedelta) -> Bars:
    """The highs, lows and volumes of a candle file."""
    closed = ((to_ms(datetime.fromisoformat(row[0]) + timeframe), row) for row in rows(name))
    return Bars.of((at, at, float(row[2]), float(row[3]), float(row[5])) for at, row in closed)


def etf_flows(name: str, asset: str) -> tuple[EtfFlow, ...]:
    """The flows of a file, each known at 13:30 UTC on the day after its session."""
    return tuple(_flow(asset, date.fromisoformat(row[0]), float(row[1])) for row in rows(name))


def _flow(asset: str, session: date, total_musd: float) -> EtfFlow:
    known_at = datetime.combine(session + timedelta(days=1), time(13, 30), UTC)
    return EtfFlow(asset, session, "import", float(round(total_musd * 1e6)), known_at, known_at)


@cache
def november_2025() -> Market:
    """All that the recorded history says about the three break conditions."""
    five, quarter = timedelta(minutes=5), timedelta(minutes=15)
    files: dict[tuple[Instrument, timedelta], str] = {
        (COINBASE_BTC, five): "coinbase_BTC-USD_5m.csv",
        (BINANCE_BTC, quarter): "binance_spot_BTCUSDT_15m.csv",
        (BINANCE_ETH, quarter): "binance_spot_ETHUSDT_15m.csv",
    }
    prices = {Track(i, step): closes(name, step) for (i, step), name in files.items()}
    bars = {Track(i, step): shapes(name, step) for (i, step), name in files.items()}
    return Market(prices, {"BTC": etf_flows("btc_etf_flows_daily_usd_millions.csv", "BTC")}, bars)
