"""The recorded weeks of autumn 2025 as a market, read where they lie."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest

from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, Candle, EtfFlow, Fact, Instrument
from signals.market import Market

DATA = Path(__file__).parents[2] / "../shared/data"

needs_recorded_weeks = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the recorded weeks of autumn 2025 are not here: {DATA}"
)

_CANDLES = {
    "coinbase_BTC-USD_5m.csv": (COINBASE_BTC, timedelta(minutes=5)),
    "binance_spot_BTCUSDT_15m.csv": (BINANCE_BTC, timedelta(minutes=15)),
    "binance_spot_ETHUSDT_15m.csv": (BINANCE_ETH, timedelta(minutes=15)),
}


@cache
def recorded_market() -> Market:
    return Market().add(_facts())


def _facts() -> Iterator[Fact]:
    for name, (instrument, step) in _CANDLES.items():
        yield from _candles(name, instrument, step)
    yield from _flows("BTC", "btc_etf_flows_daily_usd_millions.csv")
    yield from _flows("ETH", "eth_etf_flows_daily_usd_millions.csv")


def _candles(name: str, instrument: Instrument, step: timedelta) -> Iterator[Candle]:
    for row in csv.reader((DATA / name).read_text().splitlines()[1:]):
        yield Candle(instrument, step, datetime.fromisoformat(row[0]), *map(float, row[1:6]))


def _flows(asset: str, name: str) -> Iterator[EtfFlow]:
    for row in csv.DictReader((DATA / name).read_text().splitlines()):
        session = date.fromisoformat(row["us_trade_date"])
        known = datetime.combine(session + timedelta(days=1), time(13, 30), UTC)
        total_usd = float(row["total_farside_musd"]) * 1e6
        yield EtfFlow(asset, session, "farside", total_usd, known, known)
