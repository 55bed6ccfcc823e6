import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import storage.market
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    Candle,
    Fact,
    Funding,
    Instrument,
    Quote,
)
from signals.gauges import Measure
from signals.market import QUOTES, Market, Track
from signals.notices import newest_of_each
from storage.database import Database, open_database
from storage.market import load_market, read_candles, read_funding, save_facts
from tests.storage.facts import (
    FIVE,
    NOON,
    ONE_OF_EACH,
    PERPETUAL,
    as_lists,
    candle,
    flow,
    funding,
    gauge,
    notice,
    quote,
)


def test_what_was_saved_is_what_the_market_shows(db: Database) -> None:
    save_facts(db, ONE_OF_EACH)
    market, expected = load_market(db), Market().add(ONE_OF_EACH)
    assert as_lists(market) == as_lists(expected)
    assert market.flows == expected.flows


def test_an_empty_database_is_an_empty_market(db: Database) -> None:
    assert load_market(db) == Market()


def test_saving_nothing_is_no_news(db: Database) -> None:
    assert save_facts(db, []) == 0


def test_saving_the_same_twice_changes_nothing(db: Database) -> None:
    assert save_facts(db, ONE_OF_EACH) == len(ONE_OF_EACH)
    assert save_facts(db, ONE_OF_EACH) == 0


@pytest.mark.parametrize(
    "changed",
    [candle(close=106.0), quote(bid=105.0), funding(rate=-0.0001), flow(total_usd=-577.7e6)],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_that_says_something_else_takes_the_place_of_the_old_one(db: Database, changed: Fact) -> None:
    save_facts(db, ONE_OF_EACH)
    assert save_facts(db, [changed]) == 1
    expected = Market().add([*ONE_OF_EACH, changed])
    assert as_lists(load_market(db)) == as_lists(expected)
    assert load_market(db).flows["BTC"][-1] == expected.flows["BTC"][-1]


def test_a_quote_seen_again_was_known_the_first_time(db: Database) -> None:
    save_facts(db, [quote()])
    assert save_facts(db, [replace(quote(), known_at=NOON + timedelta(minutes=1))]) == 0
    assert as_lists(load_market(db)) == as_lists(Market().add([quote()]))


def test_facts_are_saved_all_or_none(db: Database) -> None:
    broken = replace(flow(), funds_usd={"IBIT": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_facts(db, [candle(), quote(), funding(), broken])
    assert load_market(db) == Market()


def test_another_connection_sees_what_was_saved(db: Database, other: Database) -> None:
    save_facts(db, ONE_OF_EACH)
    assert as_lists(load_market(other)) == as_lists(load_market(db))


def test_the_market_of_a_window_has_both_its_ends(db: Database) -> None:
    opened = [NOON + n * FIVE for n in range(10)]
    save_facts(db, [*(candle(at) for at in opened), *(quote(at) for at in opened)])
    market = load_market(db, since=opened[3], until=opened[6])
    at_ms = [int(at.timestamp() * 1000) for at in opened]
    assert market.track(COINBASE_BTC, FIVE).at_ms.tolist() == at_ms[3:7]
    assert market.track(BINANCE_BTC).at_ms.tolist() == at_ms[3:7]


def test_a_track_without_prices_in_the_window_is_left_out(db: Database) -> None:
    save_facts(db, ONE_OF_EACH)
    assert load_market(db, since=NOON + timedelta(days=1)).prices == {}


def test_flows_come_however_old_if_they_were_known_by_the_end(db: Database) -> None:
    later = NOON + timedelta(days=1)
    save_facts(db, [flow(), flow(total_usd=-1.0e6, known_at=later)])
    market = load_market(db, since=later, until=later - timedelta(seconds=1))
    assert market.flows == {"BTC": (flow(),)}


def test_flows_come_in_the_order_in_which_they_became_known(db: Database) -> None:
    second = flow(total_usd=1.0e6, known_at=NOON + timedelta(hours=1))
    third = flow(total_usd=2.0e6, known_at=NOON + timedelta(hours=2), source="sosovalue")
    save_facts(db, [third, second, flow()])
    assert load_market(db).flows["BTC"] == (flow(), second, third)


def test_the_steps_of_an_instrument_are_kept_apart(db: Database) -> None:
    hour = timedelta(hours=1)
    save_facts(db, [candle(), replace(candle(), timeframe=hour), replace(quote(), instrument=COINBASE_BTC)])
    assert load_market(db).steps(COINBASE_BTC) == [QUOTES, FIVE, hour]


def test_a_year_of_five_minute_candles_is_loaded_in_a_moment(db: Database) -> None:
    save_facts(db, [candle()])
    db.execute(
        """WITH RECURSIVE n (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n < 105119)
           INSERT INTO candles SELECT instrument, timeframe_ms, opened_at + n * timeframe_ms,
                                      open, high, low, close, volume FROM candles, n"""
    )
    began = time.process_time()
    market = load_market(db)
    took = time.process_time() - began
    assert len(market.track(COINBASE_BTC, FIVE)) == len(market.bars[Track(COINBASE_BTC, FIVE)]) == 365 * 288
    # About 0.15 s; a candle turned into an object each would take ten times as long.
    assert took < 1


def test_candles_are_read_by_their_close_oldest_first(db: Database) -> None:
    candles = [candle(NOON + n * FIVE) for n in range(5)]
    save_facts(db, [*reversed(candles), candle(instrument=BINANCE_ETH)])
    assert read_candles(db, COINBASE_BTC, FIVE) == candles
    assert read_candles(db, COINBASE_BTC, FIVE, since=candles[1].at, until=candles[2].at) == candles[1:3]
    assert read_candles(db, COINBASE_BTC, timedelta(hours=1)) == []


@pytest.mark.usefixtures("path")
def test_of_a_year_of_candles_only_those_that_are_wanted_are_read(db: Database) -> None:
    """Every round of bars is compared with those that are there."""
    plan = [step for *_, step in db.rows(f"EXPLAIN QUERY PLAN {storage.market._CANDLES}", ("", "", 1, 2, 3))]
    how = "SEARCH candles USING PRIMARY KEY (instrument=? AND timeframe_ms=? AND opened_at>? AND opened_at<?)"
    assert how in plan


def test_funding_is_read_back(db: Database) -> None:
    save_facts(db, [funding()])
    assert read_funding(db, PERPETUAL) == [funding()]
    assert read_funding(db, PERPETUAL, since=NOON + FIVE) == []
    assert read_funding(db, BINANCE_BTC) == []


def test_funding_that_was_imported_is_a_gauge_of_the_market(db: Database) -> None:
    hourly = Funding(Instrument("hyperliquid", "BTC/USDC:USDC"), NOON, 0.00001, timedelta(hours=1))
    save_facts(db, [funding(), hourly])
    market = load_market(db)
    assert market.gauge("binance", "BTC", Measure.FUNDING_8H).value.tolist() == [0.0001]
    assert market.gauge("hyperliquid", "BTC", Measure.FUNDING_8H).value.tolist() == pytest.approx([0.00008])
    assert market.sources_of("BTC", Measure.FUNDING_8H) == ["binance", "hyperliquid"]
    assert as_lists(market) == as_lists(Market().add([funding(), hourly]))


def test_a_notice_that_says_something_else_is_kept_beside_the_first(db: Database) -> None:
    hour = timedelta(hours=1)
    again, revised = notice(known_at=NOON + hour), notice("Revised", NOON + 2 * hour)
    assert [save_facts(db, [each]) for each in (notice(), again, revised)] == [1, 0, 1]
    assert load_market(db).notices == (notice(), revised)
    assert load_market(db, until=NOON + hour).notices == (notice(),)
    assert newest_of_each(load_market(db).notices) == [revised]


prices = st.floats(min_value=1e-6, max_value=1e9)
moments = st.integers(0, 3_000).map(lambda n: NOON + n * timedelta(milliseconds=100))
instruments = st.sampled_from([COINBASE_BTC, BINANCE_BTC, BINANCE_ETH])
timeframes = st.sampled_from([timedelta(minutes=1), FIVE])
quotes = st.builds(
    lambda instrument, at, bid, ask: Quote(instrument, at, bid, ask, at + FIVE),
    instruments,
    moments,
    prices,
    prices,
)
numbers = st.builds(gauge, prices, moments)
candles = st.builds(Candle, instruments, timeframes, moments, prices, prices, prices, prices, prices)
some_facts = st.lists(quotes | candles | numbers, max_size=30)


@given(some_facts, some_facts)
@settings(max_examples=50, deadline=None)
def test_a_loaded_market_is_the_market_of_its_facts(first: list[Fact], then: list[Fact]) -> None:
    with closing(open_database(":memory:")) as db:
        save_facts(db, first)
        save_facts(db, then)
        assert as_lists(load_market(db)) == as_lists(Market().add(first).add(then))


@given(some_facts)
@settings(max_examples=50, deadline=None)
def test_what_a_market_was_loaded_from_is_no_news(facts: list[Fact]) -> None:
    with closing(open_database(":memory:")) as db:
        save_facts(db, facts)
        before = as_lists(load_market(db))
        for fact in facts:
            save_facts(db, [fact])
        save_facts(db, facts)
        assert as_lists(load_market(db)) == before
