import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.upkeep.old_rows import forget, thin
from signals.conditions import Change
from signals.facts import BINANCE_BTC, Candle, Instrument, Quote
from signals.market import Market
from signals.moments import from_ms
from signals.replay import replay
from storage.database import Database, open_database
from storage.market import load_market, read_candles, save_facts
from storage.retention import Retention
from tests.history import needs_history, november_2025

QUARTER, HOUR, DAY = (timedelta(minutes=n) for n in (15, 60, 1440))
SINCE, UNTIL = datetime(2025, 9, 15, tzinfo=UTC), datetime(2025, 11, 15, tzinfo=UTC)
COIN = Instrument("binance", "SOL/USDT")
KEPT = Retention(quotes=DAY, candles=400 * DAY, outbox=DAY, gauges=DAY, changes=None, fine_candles=90 * DAY)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "aftershock.db")) as db:
        yield db


@needs_history
async def test_the_recorded_weeks_are_judged_alike_when_they_are_old(db: Database) -> None:
    coin = [Candle(COIN, QUARTER, SINCE + n * QUARTER, 1.5, 2.5, 0.5, 1.5, 9.5) for n in range(4 * 24 * 60)]
    recorded = november_2025()
    save_facts(db, [*candles(recorded), *recorded.flows["BTC"], *coin])
    before = judged(db)

    await thin(db, KEPT, UNTIL + 200 * DAY)

    assert judged(db) == before
    assert len(before) > 40
    assert read_candles(db, COIN, QUARTER) == []
    assert len(read_candles(db, COIN, HOUR)) == 24 * 60


def candles(market: Market) -> Iterator[Candle]:
    for track, prices in market.prices.items():
        shapes = market.bars[track]
        columns = (prices.at_ms, shapes.high, shapes.low, prices.price, shapes.volume)
        for at_ms, high, low, close, volume in zip(*(column.tolist() for column in columns), strict=True):
            yield Candle(*track, from_ms(at_ms) - track.step, close, high, low, close, volume)


def judged(db: Database) -> tuple[Change, ...]:
    return replay(load_market(db), SINCE, UNTIL).changes


async def test_the_loop_goes_on_while_old_rows_are_forgotten(db: Database) -> None:
    second = timedelta(seconds=1)
    save_facts(db, [Quote(BINANCE_BTC, SINCE + n * second, 1.5, 2.5, UNTIL) for n in range(5_000)])
    others = 0

    async def somebody_else() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    else_where = asyncio.create_task(somebody_else())
    await forget(db, KEPT, UNTIL)
    else_where.cancel()
    assert others > 2
    assert load_market(db).prices == {}


async def test_bars_stay_as_they_are_where_that_is_wanted(db: Database) -> None:
    bars = [Candle(COIN, QUARTER, SINCE + n * QUARTER, 1.5, 2.5, 0.5, 1.5, 9.5) for n in range(8)]
    save_facts(db, bars)
    await thin(db, Retention(DAY, DAY, DAY, DAY), UNTIL + 200 * DAY)
    assert read_candles(db, COIN, QUARTER) == bars
