from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from signals.coins import Coin, candidates
from signals.facts import Instrument
from signals.feeds.coins import HISTORY, CoinFeed, UnknownCoinError, by_venue, fetch_coins
from signals.feeds.exchange import Exchanges
from signals.feeds.failure import FeedError
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

SOL = Coin("SOL", Instrument("binance", "SOL/USDT"), "SOLUSDT")


@pytest.fixture
async def venues() -> AsyncIterator[Venues]:
    async with Venues(lambda: NOW) as venues:
        venues.coins.trade("binance", "SOLUSDT", 143.21)
        venues.coins.trade("binance", "DOGEUSDT", 0.15)
        yield venues


@pytest.fixture
async def feed(venues: Venues) -> AsyncIterator[CoinFeed]:
    async with Exchanges(context(Clock(), venues.base_urls())) as exchanges:
        yield CoinFeed(exchanges)


async def test_a_coin_is_found_with_one_small_request(feed: CoinFeed, venues: Venues):
    assert await feed.find("SOL") == SOL
    assert venues["binance"].requests == ["/api/v3/ticker/bookTicker?symbols=%5B%22SOLUSDT%22%5D"]
    assert venues.asked() == 1


@pytest.mark.parametrize(
    ("source", "market_id", "symbol"),
    [
        ("coinbaseexchange", "ABC-USD", "ABC/USD"),
        ("kraken", "ABCUSD", "ABC/USD"),
        ("binanceusdm", "ABCUSDT", "ABC/USDT:USDT"),
        ("okx", "ABC-USDT", "ABC/USDT"),
        ("okx", "ABC-USDT-SWAP", "ABC/USDT:USDT"),
        ("bybit", "ABCUSDT", "ABC/USDT"),
    ],
)
async def test_every_venue_is_asked_in_turn_and_gives_quotes_and_a_month(
    feed: CoinFeed, venues: Venues, source: str, market_id: str, symbol: str
):
    venues.coins.trade(source, market_id, 7.5)
    coin = await feed.find("ABC")
    assert coin == Coin("ABC", Instrument(source, symbol), market_id)
    [quote] = await fetch_coins(feed.exchanges, source, [coin])
    assert (quote.instrument, quote.mid) == (coin.instrument, 7.5)
    bars = await feed.history(coin, NOW)
    assert timedelta(0) <= bars[0].opened_at - (NOW - HISTORY) <= timedelta(hours=2)
    assert bars[-1].at <= NOW < bars[-1].at + bars[-1].timeframe
    assert all(later.opened_at == earlier.at for earlier, later in pairwise(bars))


async def test_a_perpetual_is_meant_where_it_is_said(feed: CoinFeed, venues: Venues):
    venues.coins.trade("binanceusdm", "SOLUSDT", 143.0)
    coin = await feed.find("SOL/USDT:USDT")
    assert coin == Coin("SOL/USDT:USDT", Instrument("binanceusdm", "SOL/USDT:USDT"), "SOLUSDT")
    assert not venues["binance"].requests


async def test_a_venue_that_is_named_is_the_only_one_asked(feed: CoinFeed, venues: Venues):
    venues.coins.trade("okx", "SOL-USDC", 143.0)
    coin = await feed.find("SOL/USDC@okx")
    assert coin.instrument == Instrument("okx", "SOL/USDC")
    assert venues.asked() == 1


async def test_what_the_bot_watches_anyway_is_asked_for_by_its_own_name(feed: CoinFeed):
    assert await feed.find("BTC@kraken") == Coin("BTC@kraken", Instrument("kraken", "BTC/USD"), "XXBTZUSD")


async def test_what_nobody_trades_is_said_with_names_that_are_near(feed: CoinFeed, venues: Venues):
    with pytest.raises(UnknownCoinError) as unknown:
        await feed.find("DOGGE")
    assert unknown.value.near[0] == "DOGE"
    venues.quiet()
    with pytest.raises(UnknownCoinError):
        await feed.find("DOOGE")
    assert not [path for path in venues["binance"].requests if path.startswith("/api/v3/ticker/price")]


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.RATE_LIMITED, Fault.FORBIDDEN])
async def test_a_venue_that_fails_is_no_proof_that_there_is_no_such_coin(
    feed: CoinFeed, venues: Venues, fault: Fault
):
    venues["kraken"].fault = fault
    with pytest.raises(FeedError):
        await feed.find("ABC")


@pytest.mark.parametrize("name", ["", "A", "a;b", "<B>", "../BTC", "SOL USDT", "B" * 40])
async def test_what_cannot_be_a_name_is_asked_of_nobody(feed: CoinFeed, venues: Venues, name: str):
    assert candidates(name) == ()
    with pytest.raises(UnknownCoinError):
        await feed.find(name)
    assert len(venues["binance"].requests) <= 1


async def test_a_young_coins_history_begins_with_it(feed: CoinFeed, venues: Venues):
    venues.coins.since = NOW - timedelta(days=3)
    bars = await feed.history(SOL, NOW)
    assert timedelta(0) <= bars[0].opened_at - venues.coins.since <= timedelta(minutes=15)


async def test_a_venue_is_asked_once_for_all_of_its_coins(feed: CoinFeed, venues: Venues):
    doge = Coin("DOGE", Instrument("binance", "DOGE/USDT"), "DOGEUSDT")
    quotes = await fetch_coins(feed.exchanges, "binance", [SOL, doge])
    assert [quote.mid for quote in quotes] == [143.21, 0.15]
    assert venues.asked() == 1


async def test_a_coin_that_was_taken_off_silences_no_other(feed: CoinFeed, venues: Venues):
    gone = Coin("LUNA", Instrument("binance", "LUNA/USDT"), "LUNAUSDT")
    [quote] = await fetch_coins(feed.exchanges, "binance", [gone, SOL])
    assert quote.instrument == SOL.instrument
    with pytest.raises(FeedError):
        await fetch_coins(feed.exchanges, "binance", [gone])
    venues["binance"].fault = Fault.BROKEN
    with pytest.raises(FeedError):
        await fetch_coins(feed.exchanges, "binance", [gone, SOL])


def test_coins_are_sorted_by_whom_to_ask():
    perp = Coin("SOL/USDT:USDT", Instrument("okx", "SOL/USDT:USDT"), "SOL-USDT-SWAP")
    assert by_venue([SOL, perp]) == {"binance": [SOL], "okx": [perp]}
