from dataclasses import replace
from datetime import timedelta

from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC
from signals.moments import length_ms, to_ms
from storage.database import Database
from storage.market import save_facts
from storage.tracks import bar_tracks, oldest_quotes
from tests.storage.facts import FIVE, NOON, candle, funding, quote

HOUR = timedelta(hours=1)


def test_every_length_of_bars_is_found_with_its_oldest(db: Database) -> None:
    bars = [candle(NOON + n * FIVE, instrument=i) for i in (COINBASE_BTC, BINANCE_ETH) for n in (2, 1, 3)]
    save_facts(db, [funding(), *bars, replace(candle(), timeframe=HOUR), quote()])
    found = [(each.instrument, each.timeframe_ms, each.oldest_ms) for each in bar_tracks(db)]
    assert sorted(found) == [
        (BINANCE_ETH, length_ms(FIVE), to_ms(NOON + FIVE)),
        (COINBASE_BTC, length_ms(FIVE), to_ms(NOON + FIVE)),
        (COINBASE_BTC, length_ms(HOUR), to_ms(NOON)),
    ]


def test_who_has_quotes_is_found_with_the_oldest(db: Database) -> None:
    save_facts(db, [candle(), quote(NOON + FIVE), quote(NOON), quote(NOON + HOUR)])
    assert [(instrument, oldest) for _, instrument, oldest in oldest_quotes(db)] == [
        (BINANCE_BTC, to_ms(NOON))
    ]


def test_nothing_is_found_in_an_empty_database(db: Database) -> None:
    assert bar_tracks(db) == []
    assert oldest_quotes(db) == []
