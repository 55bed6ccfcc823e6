"""Every feed, one row each. Its name is that of its source and of what it brings."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Self

from signals.contagion import LOOKED
from signals.facts import Fact
from signals.feeds import (
    adl_ratings,
    announcements,
    books,
    coinglass,
    coinmarketcap,
    defillama,
    farside,
    leverage,
    leverage_history,
    newyorkfed,
    okx_adl,
    sosovalue,
)
from signals.feeds.context import FeedContext
from signals.feeds.exchange import Exchanges
from signals.feeds.http import Http
from signals.feeds.liquidation_frames import STREAMS, Stream
from signals.feeds.liquidations import Listener
from signals.feeds.venues import VENUES
from signals.gauges import Gauge

FetchFlows = Callable[[Http, str, date], Awaitable[tuple[Fact, ...]]]

BAR = timedelta(minutes=5)
"""The bars that are kept: fine enough for a session's samples, coarse enough to fetch half a month of."""


class Connections:
    """The open connections that feeds fetch through."""

    def __init__(self, context: FeedContext) -> None:
        self.context = context
        self.http = Http(context)
        self.exchanges = Exchanges(context)
        self.bybit_adl = adl_ratings.UnderWay()
        self.okx_adl = okx_adl.OkxAdl(context)
        self.listeners = {stream.venue: Listener(stream, context, self.http) for stream in STREAMS}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close them all."""
        await asyncio.gather(*(listener.close() for listener in self.listeners.values()))
        await self.http.close()
        await self.exchanges.close()
        await self.okx_adl.close()


class Brings(StrEnum):
    """What a feed brings."""

    QUOTES = "quotes"
    CANDLES = "candles"
    ETF_FLOWS = "ETF flows"
    ADL_STATES = "ADL states"
    ANNOUNCEMENTS = "announcements"
    DEPTH = "depth"
    LEVERAGE = "open interest and funding"
    LIQUIDATIONS = "liquidations"
    EXPLOITS = "exploits"
    MACRO = "repo operations and SOFR"


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a failure that may pass is tried again, with waits that double up to the longest."""

    attempts: int
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed.

    `fetch(connections, since)` brings its facts about the time from `since` on; quotes are of now.
    `look_back`: how much before the last good answer is asked for again, for sources add and correct.
    All tries together take at most `within`; `rest` is the least time between two rounds of them, restarts
    included. `needs` names the setting without which the feed is off.
    """

    name: str
    source: str
    brings: Brings
    fetch: Callable[[Connections, datetime], Awaitable[tuple[Fact, ...]]]
    interval: timedelta
    within: timedelta
    retry: Retry
    look_back: timedelta = timedelta(0)
    rest: timedelta = timedelta(0)
    needs: str | None = None
    fill: Callable[[Connections, datetime], Awaitable[tuple[Fact, ...]]] | None = None
    """Brings the past, from a moment on, where that is another request than for the present."""


async def _quotes(venue_id: str, to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    return await to.exchanges.fetch_quotes(venue_id)


async def _candles(venue_id: str, to: Connections, since: datetime) -> tuple[Fact, ...]:
    instruments = VENUES[venue_id].market_ids
    bars = [await to.exchanges.fetch_candles(instrument, BAR, since) for instrument in instruments]
    return tuple(bar for bars_of_one in bars for bar in bars_of_one)


def _quote_feed(venue: str) -> Feed:
    every = timedelta(seconds=10)
    # The next look comes soon enough: trying again would only delay it.
    return Feed(
        f"{venue} quotes", venue, Brings.QUOTES, partial(_quotes, venue), every, every / 2, Retry(attempts=1)
    )


def _candle_feed(venue: str) -> Feed:
    return Feed(
        f"{venue} candles",
        venue,
        Brings.CANDLES,
        partial(_candles, venue),
        interval=BAR,
        within=timedelta(minutes=4),
        retry=Retry(attempts=4),
        look_back=6 * BAR,
    )


def _flow_feed(
    source: str,
    asset: str,
    fetch: FetchFlows,
    interval: timedelta,
    *,
    attempts: int,
    needs: str | None = None,
) -> Feed:
    async def fetch_facts(to: Connections, since: datetime) -> tuple[Fact, ...]:
        return await fetch(to.http, asset, since.date())

    return Feed(
        f"{source} {asset} flows",
        source,
        Brings.ETF_FLOWS,
        fetch_facts,
        interval,
        within=timedelta(minutes=10),
        retry=Retry(attempts, first_wait=timedelta(seconds=10)),
        # The last five sessions are read again for corrections, over a weekend and a holiday.
        look_back=timedelta(days=9),
        rest=interval * 0.9,
        needs=needs,
    )


async def _binance_adl(to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    return await adl_ratings.fetch_binance(to.http)


async def _bybit_adl(to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    return await adl_ratings.fetch_bybit(to.http, to.bybit_adl)


async def _okx_adl(to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    return await to.okx_adl.states()


def _adl_feed(
    venue: str, source: str, fetch: Callable[[Connections, datetime], Awaitable[tuple[Fact, ...]]]
) -> Feed:
    every = timedelta(minutes=1)
    # As with quotes, the next look comes soon enough.
    return Feed(f"{venue} ADL", source, Brings.ADL_STATES, fetch, every, every / 2, Retry(attempts=1))


def _announcements_feed(name: str, source: str, fetch: Callable[[Http], Awaitable[tuple[Fact, ...]]]) -> Feed:
    async def fetch_facts(to: Connections, since: datetime) -> tuple[Fact, ...]:
        # A page of the newest ones goes back for weeks.
        del since
        return await fetch(to.http)

    every = timedelta(minutes=10)
    within, rest = timedelta(minutes=2), every * 0.9
    return Feed(name, source, Brings.ANNOUNCEMENTS, fetch_facts, every, within, Retry(attempts=2), rest=rest)


def _depth_feed(source: books.BookSource) -> Feed:
    async def fetch_facts(to: Connections, since: datetime) -> tuple[Fact, ...]:
        del since
        return await books.fetch_depth(to.http, source)

    name, within = f"{source.venue} depth", timedelta(minutes=2)
    return Feed(name, source.venue, Brings.DEPTH, fetch_facts, _QUARTER, within, Retry(attempts=2))


def _leverage_feed(
    venue: str,
    source: str,
    fetch: Callable[[Http], Awaitable[tuple[Fact, ...]]],
    fill: Callable[[Http, datetime], Awaitable[tuple[Fact, ...]]],
) -> Feed:
    async def fetch_now(to: Connections, since: datetime) -> tuple[Fact, ...]:
        del since
        return await fetch(to.http)

    async def fetch_past(to: Connections, since: datetime) -> tuple[Fact, ...]:
        return await fill(to.http, since)

    name, within = f"{venue} leverage", timedelta(minutes=4)
    return Feed(name, source, Brings.LEVERAGE, fetch_now, BAR, within, Retry(attempts=2), fill=fetch_past)


def _liquidation_feed(stream: Stream) -> Feed:
    async def fetch_totals(to: Connections, since: datetime) -> tuple[Fact, ...]:
        del since
        return await to.listeners[stream.venue].totals()

    name, every = f"{stream.venue} liquidations", timedelta(minutes=1)
    # The listener itself takes up the line again.
    return Feed(name, stream.source, Brings.LIQUIDATIONS, fetch_totals, every, every / 2, Retry(attempts=1))


async def _coinglass(to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    return await coinglass.fetch_liquidations(to.http)


async def _exploits(to: Connections, since: datetime) -> tuple[Fact, ...]:
    del since
    told = await defillama.fetch_exploits(to.http)
    now = to.context.clock()
    return (*told, *await defillama.fetch_locked(to.http, told), Gauge(LOOKED, now, 1.0, now))


async def _macro(to: Connections, since: datetime) -> tuple[Fact, ...]:
    return await newyorkfed.fetch_macro(to.http, since)


_QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)

FEEDS: tuple[Feed, ...] = (
    _quote_feed("coinbaseexchange"),
    _quote_feed("binance"),
    _quote_feed("kraken"),
    _candle_feed("coinbaseexchange"),
    _candle_feed("binance"),
    _candle_feed("kraken"),
    _flow_feed("sosovalue", "BTC", sosovalue.fetch_flows, _QUARTER, attempts=3, needs=sosovalue.KEY),
    _flow_feed("sosovalue", "ETH", sosovalue.fetch_flows, _QUARTER, attempts=3, needs=sosovalue.KEY),
    _flow_feed("coinmarketcap", "BTC", coinmarketcap.fetch_flows, _QUARTER, attempts=3),
    _flow_feed("coinmarketcap", "ETH", coinmarketcap.fetch_flows, _QUARTER, attempts=3),
    _flow_feed("farside", "BTC", farside.fetch_flows, _HOUR, attempts=1),
    _flow_feed("farside", "ETH", farside.fetch_flows, _HOUR, attempts=1),
    _adl_feed("binance", adl_ratings.BINANCE, _binance_adl),
    _adl_feed("bybit", adl_ratings.BYBIT, _bybit_adl),
    _adl_feed("okx", okx_adl.SOURCE, _okx_adl),
    # Each language by itself: where one is refused, the other still tells.
    *(
        _announcements_feed(
            f"okx announcements {language}",
            announcements.OKX,
            partial(announcements.fetch_okx, language=language),
        )
        for language in ("en-US", "zh-CN")
    ),
    *(
        _announcements_feed(
            f"bybit announcements {locale}",
            announcements.BYBIT,
            partial(announcements.fetch_bybit, locale=locale),
        )
        for locale in ("en-US", "zh-TW")
    ),
    _announcements_feed("binance announcements", announcements.BINANCE, announcements.fetch_binance),
    *map(_depth_feed, books.SOURCES),
    *map(_liquidation_feed, STREAMS),
    Feed(
        "defillama exploits",
        defillama.SOURCE,
        Brings.EXPLOITS,
        _exploits,
        interval=_HOUR,
        within=timedelta(minutes=5),
        retry=Retry(attempts=2),
        rest=_HOUR * 0.9,
    ),
    Feed(
        "newyorkfed macro",
        newyorkfed.SOURCE,
        Brings.MACRO,
        _macro,
        interval=_QUARTER,
        within=timedelta(minutes=5),
        retry=Retry(attempts=2),
        look_back=timedelta(days=5),
        fill=_macro,
    ),
    Feed(
        "coinglass liquidations",
        coinglass.SOURCE,
        Brings.LIQUIDATIONS,
        _coinglass,
        interval=timedelta(minutes=1),
        within=timedelta(seconds=30),
        retry=Retry(attempts=1),
        rest=timedelta(minutes=9),
        needs=coinglass.KEY,
    ),
    _leverage_feed("binance", "binanceusdm", leverage.fetch_binance, leverage_history.fetch_binance),
    _leverage_feed("okx", "okx", leverage.fetch_okx, leverage_history.fetch_okx),
    _leverage_feed("bybit", "bybit", leverage.fetch_bybit, leverage_history.fetch_bybit),
)
