"""Kinds of feeds: how often each kind is asked, for how long, and how it is tried again."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from signals.feeds.books import BookSource, fetch_depth
from signals.feeds.connections import Connections
from signals.feeds.feed import Brings, Facts, Feed, Retry, of_now
from signals.feeds.http import Http
from signals.feeds.liquidation_frames import Stream
from signals.feeds.venues import VENUES

FetchFlows = Callable[[Http, str, date], Awaitable[Facts]]

BAR = timedelta(minutes=5)
"""The bars that are kept: fine enough for a session's samples, coarse enough to fetch half a month of."""
QUARTER = timedelta(minutes=15)


def quote_feed(venue: str) -> Feed:
    """The best bid and ask of a venue's instruments."""
    every = timedelta(seconds=10)
    fetch = of_now(lambda to: to.exchanges.fetch_quotes(venue))
    # The next look comes soon enough: trying again would only delay it.
    return Feed(f"{venue} quotes", venue, Brings.QUOTES, fetch, every, every / 2, Retry(attempts=1))


def candle_feed(venue: str) -> Feed:
    """The bars of a venue's instruments."""

    async def fetch(to: Connections, since: datetime) -> Facts:
        instruments = VENUES[venue].market_ids
        bars = [await to.exchanges.fetch_candles(instrument, BAR, since) for instrument in instruments]
        return tuple(bar for bars_of_one in bars for bar in bars_of_one)

    return Feed(
        f"{venue} candles",
        venue,
        Brings.CANDLES,
        fetch,
        interval=BAR,
        within=timedelta(minutes=4),
        retry=Retry(attempts=4),
        look_back=6 * BAR,
    )


def flow_feed(
    source: str,
    asset: str,
    fetch: FetchFlows,
    interval: timedelta,
    *,
    attempts: int,
    needs: str | None = None,
) -> Feed:
    """What the US spot funds of an asset took in, by session."""
    return Feed(
        f"{source} {asset} flows",
        source,
        Brings.ETF_FLOWS,
        lambda to, since: fetch(to.http, asset, since.date()),
        interval,
        within=timedelta(minutes=10),
        retry=Retry(attempts, first_wait=timedelta(seconds=10)),
        # The last five sessions are read again for corrections, over a weekend and a holiday.
        look_back=timedelta(days=9),
        rest=interval * 0.9,
        needs=needs,
    )


def adl_feed(venue: str, source: str, fetch: Callable[[Connections], Awaitable[Facts]]) -> Feed:
    """How near auto-deleveraging is on a venue."""
    every = timedelta(minutes=1)
    # As with quotes, the next look comes soon enough.
    return Feed(f"{venue} ADL", source, Brings.ADL_STATES, of_now(fetch), every, every / 2, Retry(attempts=1))


def announcements_feed(name: str, source: str, fetch: Callable[[Http], Awaitable[Facts]]) -> Feed:
    """What a venue announces: a page of the newest goes back for weeks."""
    return Feed(
        name,
        source,
        Brings.ANNOUNCEMENTS,
        of_now(lambda to: fetch(to.http)),
        interval=timedelta(minutes=10),
        within=timedelta(minutes=2),
        retry=Retry(attempts=2),
        rest=timedelta(minutes=9),
    )


def depth_feed(source: BookSource) -> Feed:
    """How much stands near the price in a book."""
    fetch = of_now(lambda to: fetch_depth(to.http, source))
    name, within = f"{source.venue} depth", timedelta(minutes=2)
    return Feed(name, source.venue, Brings.DEPTH, fetch, QUARTER, within, Retry(attempts=2))


def leverage_feed(
    venue: str,
    source: str,
    fetch: Callable[[Http], Awaitable[Facts]],
    fill: Callable[[Http, datetime], Awaitable[Facts]],
) -> Feed:
    """Open interest and funding on a venue, now and before."""
    return Feed(
        f"{venue} leverage",
        source,
        Brings.LEVERAGE,
        of_now(lambda to: fetch(to.http)),
        interval=BAR,
        within=timedelta(minutes=4),
        retry=Retry(attempts=2),
        fill=lambda to, since: fill(to.http, since),
    )


def liquidation_feed(stream: Stream) -> Feed:
    """What was heard of liquidations since the last time; the listener itself takes up the line again."""
    every = timedelta(minutes=1)
    return Feed(
        f"{stream.venue} liquidations",
        stream.source,
        Brings.LIQUIDATIONS,
        of_now(lambda to: to.listeners[stream.venue].totals()),
        interval=every,
        within=every / 2,
        retry=Retry(attempts=1),
    )
