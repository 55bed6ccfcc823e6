import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from signals.feeds import coinmarketcap, farside, sosovalue
from signals.feeds.context import FeedContext
from signals.feeds.exchange import Exchanges
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

SECRET = "soso-secret-key"
KEYS = {sosovalue.KEY: SECRET}
SINCE = NOW.date() - timedelta(days=9)
FETCH = {
    "sosovalue": sosovalue.fetch_flows,
    "coinmarketcap": coinmarketcap.fetch_flows,
    "farside": farside.fetch_flows,
}
ANY_SOURCE = pytest.mark.parametrize("source", FETCH)


@with_faults(Fault.FORBIDDEN, Fault.UNAUTHORIZED, Fault.CLOSED)
@ANY_SOURCE
async def test_whatever_goes_wrong_is_a_failure_of_its_kind(
    source: str, fault: Fault, kind: FailureKind, venues: Venues, clock: Clock
) -> None:
    venues[source].fault = fault
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        with pytest.raises(FeedError) as caught:
            await FETCH[source](http, "BTC", SINCE)

    assert (caught.value.feed, caught.value.kind) == (source, kind)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(http.context)


@ANY_SOURCE
async def test_a_source_slower_than_the_timeout_has_failed_for_now(
    source: str, venues: Venues, clock: Clock
) -> None:
    venues[source].fault = Fault.SLOW
    async with Http(context(clock, venues.base_urls(), keys=KEYS, timeout_s=0.2)) as http:
        with pytest.raises(FeedError) as caught:
            await FETCH[source](http, "BTC", SINCE)

    assert caught.value.kind is FailureKind.TEMPORARY


async def test_a_rate_limit_says_how_long_to_wait(venues: Venues, clock: Clock) -> None:
    venues["sosovalue"].fault = Fault.RATE_LIMITED
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        with pytest.raises(FeedError) as caught:
            await sosovalue.fetch_flows(http, "BTC", SINCE)

    assert caught.value.retry_after == timedelta(seconds=45)


async def test_sosovalue_is_asked_at_most_every_six_and_a_half_seconds(venues: Venues, clock: Clock) -> None:
    venues.publish("BTC", SINCE, {"IBIT": 1.0})
    venues.publish("ETH", SINCE, {"ETHA": 1.0})
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        await asyncio.gather(*(sosovalue.fetch_flows(http, asset, SINCE) for asset in ("BTC", "ETH")))

    assert len(venues["sosovalue"].requests) == 4
    assert clock.slept == [6.5, 6.5, 6.5]


async def test_a_source_that_was_left_alone_for_long_is_asked_at_once(venues: Venues, clock: Clock) -> None:
    venues.publish("BTC", SINCE, {"IBIT": 1.0})
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        await sosovalue.fetch_flows(http, "BTC", SINCE)
        clock.slept.clear()
        clock.now += timedelta(minutes=15)
        await sosovalue.fetch_flows(http, "BTC", SINCE)

    assert clock.slept == [6.5]


def test_a_base_url_replaces_scheme_and_host_and_keeps_the_path() -> None:
    to = FeedContext(Clock(), {"farside": "http://127.0.0.1:8080/"})

    assert to.address("farside", "https://farside.co.uk/btc/?a=b") == "http://127.0.0.1:8080/btc/?a=b"
    assert to.address("kraken", "https://api.kraken.com/0/public") == "https://api.kraken.com/0/public"


@asynccontextmanager
async def proxy_server() -> AsyncIterator[tuple[str, list[str]]]:
    """A forward proxy that refuses everybody; and what it was asked."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_every_source_is_reached_through_the_proxy_whose_password_nobody_repeats(clock: Clock) -> None:
    async with proxy_server() as (host, asked):
        to = context(clock, {}, keys=KEYS, proxy=f"http://user:proxy-secret@{host}")
        failures = []
        async with Http(to) as http, Exchanges(to) as exchanges:
            for fetch in (
                lambda: sosovalue.fetch_flows(http, "BTC", SINCE),
                lambda: coinmarketcap.fetch_flows(http, "BTC", SINCE),
                lambda: farside.fetch_flows(http, "BTC", SINCE),
                lambda: exchanges.fetch_quotes("coinbaseexchange"),
                lambda: exchanges.fetch_quotes("binance"),
                lambda: exchanges.fetch_quotes("kraken"),
            ):
                with pytest.raises(FeedError) as caught:
                    await fetch()
                failures.append(caught.value)

    assert {line.split()[1] for line in asked} == {
        "openapi.sosovalue.com:443",
        "api.coinmarketcap.com:443",
        "farside.co.uk:443",
        "api.exchange.coinbase.com:443",
        "api.binance.com:443",
        "api.kraken.com:443",
    }
    assert {failure.kind for failure in failures} == {FailureKind.TEMPORARY}
    assert not [failure for failure in failures if "proxy-secret" in str(failure)]


async def test_an_address_on_loopback_is_not_asked_for_through_the_proxy(
    venues: Venues, clock: Clock
) -> None:
    async with proxy_server() as (host, asked):
        to = context(clock, venues.base_urls(), proxy=f"http://{host}")
        async with Exchanges(to) as exchanges:
            assert await exchanges.fetch_quotes("kraken")

    assert asked == []
