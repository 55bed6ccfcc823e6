from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.market import save_facts
from storage.spans import Span, span
from tests.storage.facts import FIVE, NOON, ONE_OF_EACH, candle


def test_nothing_is_stored_at_first(db: Database) -> None:
    assert span(db) == []


def test_every_track_says_what_it_has_and_of_which_time(db: Database) -> None:
    save_facts(db, [*ONE_OF_EACH, candle(NOON + FIVE), candle(NOON + 7 * FIVE)])
    none = timedelta(0)
    midnight = datetime(2025, 11, 3, tzinfo=UTC)
    assert span(db) == [
        Span("candles", "coinbaseexchange BTC/USD", FIVE, NOON + FIVE, NOON + 8 * FIVE, 3),
        Span("funding", "binance BTC/USDT:USDT", none, NOON, NOON, 1),
        Span("quotes", "binance BTC/USDT", none, NOON, NOON, 1),
        Span("etf_flows", "BTC", none, midnight, midnight, 1),
        Span("open_interest_usd", "bybit BTC", none, NOON, NOON, 1),
        Span("notices", "okx announcement", none, NOON, NOON, 1),
    ]
