"""Coins that people's rules need: polled while they do, one request a venue, within what sources allow."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.coins import CoinNotAskedError, Coins, NoSuchCoinError, NoVenueError, TooManyCoinsError
from bot.intake.fetching import Collector
from bot.intake.schedule import JOBS, Work, look_at_coin_bars, look_at_coins
from signals.coins import Coin
from signals.facts import Candle, Fact, Instrument, Quote
from signals.feeds.coins import CoinFeed
from signals.market import Market
from signals.own.rule import Ref
from storage.coins import read_coins
from storage.database import Database, open_database
from storage.feed_runs import read_feeds
from tests.bot.intake.round import new_collector
from tests.bot.test_source_limits import RETENTION
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues, leave_at_once

SOL = Coin("SOL", Instrument("binance", "SOL/USDT"), "SOLUSDT")
DOGE = Coin("DOGE", Instrument("binance", "DOGE/USDT"), "DOGEUSDT")
ABC = Coin("ABC", Instrument("kraken", "ABC/USD"), "ABCUSD")


@dataclass
class Round:
    venues: Venues
    collector: Collector
    db: Database
    needed: list[Coin] = field(default_factory=list)
    heard: list[Fact] = field(default_factory=list)

    async def look(self) -> None:
        async def hear(facts: tuple[Fact, ...]) -> None:
            self.heard += facts

        await look_at_coins(Work(self.collector, hear, RETENTION, coins_to_poll=lambda: self.needed))

    def coins(self) -> Coins:
        return Coins(self.db, CoinFeed(self.collector.connections.exchanges))


@pytest.fixture
async def looking(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Round]:
    leave_at_once(monkeypatch)
    clock, db = Clock(), open_database(":memory:")
    async with Venues(clock) as venues, (collector := new_collector(db, clock, venues)).connections:
        for coin, price in ((SOL, 143.0), (DOGE, 0.15), (ABC, 7.0)):
            venues.coins.trade(coin.instrument.venue, coin.market_id, price)
        yield Round(venues, collector, db)
    db.close()


async def test_nobody_is_asked_while_no_rule_needs_a_coin(looking: Round):
    await looking.look()
    assert looking.venues.asked() == 0
    assert looking.heard == []


async def test_each_venue_is_asked_once_for_all_that_is_needed(looking: Round):
    looking.needed = [SOL, DOGE, ABC]
    await looking.look()
    assert looking.venues.asked() == 2
    prices = {fact.instrument: fact.mid for fact in looking.heard if isinstance(fact, Quote)}
    assert prices == {SOL.instrument: 143.0, DOGE.instrument: 0.15, ABC.instrument: 7.0}


async def test_bars_are_asked_for_as_well_since_quotes_are_not_kept_for_long(looking: Round):
    async def hear(facts: tuple[Fact, ...]) -> None:
        looking.heard += facts

    looking.needed = [SOL, ABC]
    await look_at_coin_bars(Work(looking.collector, hear, RETENTION, coins_to_poll=lambda: looking.needed))
    assert looking.venues.asked() == 2
    bars = {fact.instrument: fact.timeframe for fact in looking.heard if isinstance(fact, Candle)}
    assert bars == {SOL.instrument: timedelta(minutes=15), ABC.instrument: timedelta(hours=1)}


async def test_a_venue_that_fails_is_counted_until_it_is_not_needed_any_more(looking: Round):
    looking.needed = [SOL]
    looking.venues["binance"].fault = Fault.BROKEN
    await looking.look()
    assert read_feeds(looking.db)["binance coins"].failures_in_a_row == 1
    looking.needed = []
    await looking.look()
    assert "binance coins" not in read_feeds(looking.db)


async def test_a_price_that_cannot_be_is_not_believed(looking: Round):
    looking.needed = [SOL, DOGE]
    looking.venues.coins.trade("binance", "SOLUSDT", -5.0)
    await looking.look()
    assert [fact.instrument for fact in looking.heard if isinstance(fact, Quote)] == [DOGE.instrument]


def test_polling_a_hundred_coins_of_one_venue_is_within_what_it_allows():
    [job] = [job for job in JOBS if job.name == "coins"]
    rounds_a_minute = 60 / job.interval.total_seconds()
    # Coinbase and the perpetuals are asked a coin at a time; Kraken, which allows one a second, is not.
    assert 100 * rounds_a_minute <= 600
    assert 1 * rounds_a_minute <= 60 - 2 * 60 / 10


async def test_what_a_coin_is_is_settled_once_and_survives_a_restart(looking: Round):
    coins = looking.coins()
    await coins.settle([Ref("price", "SOL"), Ref("price", "BTC"), Ref("sofr")], Market())
    assert read_coins(looking.db) == {"SOL": SOL}
    looking.venues.quiet()
    again = looking.coins()
    await again.settle([Ref("change_24h", "SOL")], Market())
    assert looking.venues.asked() == 0
    assert again.instrument("SOL") == SOL.instrument
    again.polled = frozenset({"SOL", "DOGE"})
    assert again.to_poll() == [SOL]


async def test_a_month_is_fetched_for_a_preview_and_not_again_at_once(looking: Round):
    coins = looking.coins()
    await coins.settle([Ref("price", "SOL")], Market())
    bars = await coins.past([Ref("price", "SOL")], NOW)
    assert len(bars) == 30 * 96 - 1
    looking.venues.quiet()
    assert await coins.past([Ref("price", "SOL")], NOW) == bars
    assert looking.venues.asked() == 0


async def test_a_history_that_cannot_be_had_is_none(looking: Round):
    coins = looking.coins()
    await coins.settle([Ref("price", "SOL")], Market())
    looking.venues["binance"].fault = Fault.BROKEN
    assert await coins.past([Ref("price", "SOL")], NOW) == ()


async def test_why_a_coin_cannot_be_used_is_told_apart(looking: Round):
    coins = looking.coins()
    with pytest.raises(NoSuchCoinError) as unknown:
        await coins.settle([Ref("price", "DOGGE")], Market())
    assert unknown.value.near == ("DOGE",)
    looking.venues["kraken"].fault = Fault.BROKEN
    with pytest.raises(CoinNotAskedError):
        await coins.settle([Ref("price", "XYZ")], Market())
    coins.polled = frozenset(f"C{n}" for n in range(100))
    with pytest.raises(TooManyCoinsError):
        await coins.settle([Ref("price", "SOL")], Market())
    with pytest.raises(NoVenueError):
        await Coins(looking.db).settle([Ref("price", "SOL")], Market())
