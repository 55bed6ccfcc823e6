from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from signals.facts import BINANCE_BTC, Candle, Instrument
from signals.moments import to_ms
from signals.thinning import Thinning
from storage.database import Database
from storage.market import read_candles, save_facts
from storage.thinning import stretches, thin_candles

QUARTER, HOUR, DAY = (timedelta(minutes=n) for n in (15, 60, 1440))
NIGHT = datetime(2025, 11, 4, 2, tzinfo=UTC)
COIN, OTHER = Instrument("binance", "SOL/USDT"), Instrument("kraken", "XMR/USD")
THINNING = Thinning(frozenset({BINANCE_BTC}))


def bars(instrument: Instrument, count: int, since: datetime = NIGHT) -> list[Candle]:
    return [
        Candle(instrument, QUARTER, since + n * QUARTER, 100.5, 110.5 + n, 90.5, 101.5 + n, 2.5)
        for n in range(count)
    ]


def choose(candles: Sequence[Candle]) -> list[Candle]:
    return [fate.coarser for fate in THINNING.decide(candles) if fate.coarser]


def thin(db: Database, before: datetime, limit: int = 2_000) -> list[int]:
    return list(thin_candles(db, before, THINNING.step_of, choose, limit))


def test_old_bars_become_hours_and_younger_ones_and_ours_stay(db: Database) -> None:
    save_facts(db, [*bars(COIN, 4 * 30), *bars(OTHER, 4 * 30), *bars(BINANCE_BTC, 4 * 30)])
    assert sum(thin(db, NIGHT + DAY + timedelta(minutes=20))) == 2 * 4 * 24
    for instrument in (COIN, OTHER):
        assert read_candles(db, instrument, QUARTER) == bars(instrument, 4 * 30)[4 * 24 :]
        hours = read_candles(db, instrument, HOUR)
        assert [hour.opened_at for hour in hours] == [NIGHT + n * HOUR for n in range(24)]
        assert hours[1] == Candle(instrument, HOUR, NIGHT + HOUR, 100.5, 117.5, 90.5, 108.5, 10.0)
    assert read_candles(db, BINANCE_BTC, QUARTER) == bars(BINANCE_BTC, 4 * 30)
    assert sum(thin(db, NIGHT + DAY)) == 0


def test_steps_are_as_small_as_they_should_be_and_come_to_the_same(db: Database) -> None:
    save_facts(db, [bar for bar in bars(COIN, 4 * 30) if bar.opened_at != NIGHT + 9 * QUARTER])
    steps = thin(db, NIGHT + 30 * HOUR, limit=10)
    assert max(steps) == 8
    assert sum(steps) == 4 * 29
    assert len(read_candles(db, COIN, QUARTER)) == 3


def test_what_the_venue_said_of_an_hour_itself_stays(db: Database) -> None:
    told = Candle(COIN, HOUR, NIGHT, 100.5, 120.5, 80.5, 104.5, 11.0)
    save_facts(db, [told, *bars(COIN, 8)])
    thin(db, NIGHT + DAY)
    assert read_candles(db, COIN, HOUR)[0] == told
    assert read_candles(db, COIN, QUARTER) == []


def test_stopped_in_between_the_rest_is_done_the_next_time(db: Database, other: Database) -> None:
    save_facts(db, bars(COIN, 4 * 30))
    steps = thin_candles(db, NIGHT + 30 * HOUR, THINNING.step_of, choose, limit=20)
    assert next(steps) == 16
    del steps
    assert len(read_candles(other, COIN, HOUR)) == 4
    assert sum(thin(other, NIGHT + 30 * HOUR)) == 4 * 26
    assert len(read_candles(db, COIN, HOUR)) == 30


def test_hours_without_a_gap_go_by_one_statement() -> None:
    quarters = bars(COIN, 12)
    assert stretches([*quarters[:4], *quarters[6:7], *quarters[8:]]) == [
        (to_ms(NIGHT + since * QUARTER), to_ms(NIGHT + until * QUARTER))
        for since, until in ((0, 4), (6, 7), (8, 12))
    ]
