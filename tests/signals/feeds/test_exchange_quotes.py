import asyncio
from datetime import timedelta
from math import isnan

import pytest

from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_ETH,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_ETH,
    KRAKEN_USDT,
    Instrument,
)
from signals.feeds.exchange import Exchanges
from signals.feeds.failure import GEO_BLOCK, FailureKind, FeedError
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

VENUES = {
    "coinbaseexchange": {COINBASE_BTC, COINBASE_USDT, COINBASE_ETH},
    "binance": {BINANCE_BTC, BINANCE_ETH},
    "kraken": {KRAKEN_BTC, KRAKEN_USDT, KRAKEN_ETH},
}
ANY_VENUE = pytest.mark.parametrize("venue", VENUES)


@pytest.mark.parametrize(("venue", "instruments"), VENUES.items())
async def test_the_best_bid_and_ask_of_every_instrument_come_in_one_go(
    venue: str, instruments: set[Instrument], exchanges: Exchanges, venues: Venues
) -> None:
    for instrument in instruments:
        venues.price(instrument, "1.5", "1.75")

    quotes = await exchanges.fetch_quotes(venue)

    assert {quote.instrument for quote in quotes} == instruments
    assert {(quote.bid, quote.ask) for quote in quotes} == {(1.5, 1.75)}


@ANY_VENUE
async def test_a_quote_is_of_the_moment_it_reached_us_not_of_the_last_trade(
    venue: str, exchanges: Exchanges
) -> None:
    quotes = await exchanges.fetch_quotes(venue)

    assert {(quote.at, quote.known_at) for quote in quotes} == {(NOW, NOW)}


async def test_no_list_of_markets_is_ever_asked_for(exchanges: Exchanges, venues: Venues) -> None:
    for venue in VENUES:
        await exchanges.fetch_quotes(venue)

    assert [request.partition("?")[0] for request in venues["binance"].requests] == [
        "/api/v3/ticker/bookTicker"
    ]
    assert venues["kraken"].requests == ["/0/public/Ticker?pair=XXBTZUSD%2CUSDTZUSD%2CXETHZUSD"]
    assert sorted(venues["coinbaseexchange"].requests) == [
        "/products/BTC-USD/ticker",
        "/products/ETH-USD/ticker",
        "/products/USDT-USD/ticker",
    ]


@with_faults(Fault.FORBIDDEN, Fault.BANNED, Fault.CLOSED)
@ANY_VENUE
async def test_whatever_goes_wrong_is_a_failure_of_its_kind(
    venue: str, fault: Fault, kind: FailureKind, exchanges: Exchanges, venues: Venues
) -> None:
    venues[venue].fault = venues["binance_vision"].fault = fault

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_quotes(venue)

    assert caught.value.kind is kind
    assert caught.value.feed == venue
    assert len(str(caught.value)) < 200


@ANY_VENUE
async def test_a_venue_slower_than_the_timeout_has_failed_for_now(
    venue: str, clock: Clock, venues: Venues
) -> None:
    venues[venue].fault = Fault.SLOW
    async with Exchanges(context(clock, venues.base_urls(), timeout_s=0.2)) as exchanges:
        with pytest.raises(FeedError) as caught:
            await exchanges.fetch_quotes(venue)

    assert caught.value.kind is FailureKind.TEMPORARY


@ANY_VENUE
async def test_a_venue_that_cannot_be_reached_has_failed_for_now(venue: str, clock: Clock) -> None:
    nobody = dict.fromkeys((*VENUES, "binance_vision"), "http://127.0.0.1:9")
    async with Exchanges(context(clock, nobody)) as exchanges:
        with pytest.raises(FeedError) as caught:
            await exchanges.fetch_quotes(venue)

    assert caught.value.kind is FailureKind.TEMPORARY


@pytest.mark.parametrize(("fault", "wait_s"), [(Fault.RATE_LIMITED, 45), (Fault.BANNED, 120)])
async def test_a_rate_limit_says_how_long_to_wait(
    fault: Fault, wait_s: int, exchanges: Exchanges, venues: Venues
) -> None:
    venues["binance"].fault = fault

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_quotes("binance")

    assert caught.value.retry_after == timedelta(seconds=wait_s)


@pytest.mark.parametrize("price", ["", "0", "0.00000000"])
async def test_an_instrument_without_a_price_takes_nothing_from_the_others(
    price: str, exchanges: Exchanges, venues: Venues
) -> None:
    venues.price(KRAKEN_USDT, price, price)

    quotes = {quote.instrument: quote for quote in await exchanges.fetch_quotes("kraken")}

    assert quotes[KRAKEN_BTC].bid == 106_920.0
    assert isnan(quotes[KRAKEN_USDT].bid)


async def test_an_answer_without_any_price_is_malformed(exchanges: Exchanges, venues: Venues) -> None:
    for instrument in (KRAKEN_USDT, KRAKEN_BTC, KRAKEN_ETH):
        venues.price(instrument, "", "")

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_quotes("kraken")

    assert caught.value.kind is FailureKind.MALFORMED


async def test_a_crossed_book_is_passed_on_for_the_screen_to_reject(
    exchanges: Exchanges, venues: Venues
) -> None:
    venues.price(KRAKEN_BTC, 200.0, 100.0)

    crossed = next(q for q in await exchanges.fetch_quotes("kraken") if q.instrument == KRAKEN_BTC)

    assert (crossed.bid, crossed.ask) == (200.0, 100.0)


@pytest.mark.parametrize("fault", [Fault.GEO_BLOCKED, Fault.CHALLENGE])
async def test_binance_goes_to_its_other_host_where_it_is_geo_blocked(
    fault: Fault, exchanges: Exchanges, venues: Venues
) -> None:
    venues["binance"].fault = fault

    quotes = await exchanges.fetch_quotes("binance")

    assert {quote.instrument for quote in quotes} == {BINANCE_BTC, BINANCE_ETH}
    assert venues["binance_vision"].requests == venues["binance"].requests


async def test_two_requests_that_are_refused_at_once_both_go_to_the_other_host(
    exchanges: Exchanges, venues: Venues
) -> None:
    venues["binance"].fault = Fault.GEO_BLOCKED
    venues["binance"].barrier = asyncio.Barrier(2)

    both = await asyncio.gather(exchanges.fetch_quotes("binance"), exchanges.fetch_quotes("binance"))

    assert [len(quotes) for quotes in both] == [2, 2]


async def test_the_blocked_host_is_not_tried_each_time_but_again_after_hours(
    exchanges: Exchanges, venues: Venues, clock: Clock
) -> None:
    venues["binance"].fault = Fault.GEO_BLOCKED
    await exchanges.fetch_quotes("binance")
    clock.now += GEO_BLOCK - timedelta(seconds=1)
    await exchanges.fetch_quotes("binance")
    assert (len(venues["binance"].requests), len(venues["binance_vision"].requests)) == (1, 2)

    venues["binance"].fault = None
    clock.now += timedelta(seconds=1)
    await exchanges.fetch_quotes("binance")

    assert (len(venues["binance"].requests), len(venues["binance_vision"].requests)) == (2, 2)


async def test_where_both_hosts_are_blocked_the_venue_is_left_alone_for_hours(
    exchanges: Exchanges, venues: Venues
) -> None:
    venues["binance"].fault = venues["binance_vision"].fault = Fault.GEO_BLOCKED

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_quotes("binance")

    assert caught.value.retry_after == GEO_BLOCK


async def test_kraken_says_too_many_requests_within_a_good_answer(
    exchanges: Exchanges, venues: Venues
) -> None:
    venues["kraken"].body = '{"error":["EGeneral:Too many requests"]}'

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_quotes("kraken")

    assert caught.value.kind is FailureKind.RATE_LIMITED


async def test_every_connection_is_closed_and_opened_anew_when_needed(
    exchanges: Exchanges, venues: Venues
) -> None:
    await exchanges.fetch_quotes("kraken")
    await exchanges.close()

    assert await exchanges.fetch_quotes("kraken")
    assert len(venues["kraken"].requests) == 2
