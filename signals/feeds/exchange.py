"""Quotes and candles of the exchanges, over ccxt's REST clients.

A quote's `at` is the moment it reached us. None of the three venues says when its best bid and ask stood:
Binance and Kraken send no time with them, and Coinbase's `time` is that of the last trade, perhaps long ago.
"""

import asyncio
import importlib
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Self

from signals.facts import Candle, Instrument, Quote
from signals.feeds.context import FeedContext
from signals.feeds.failure import malformed
from signals.feeds.venue_client import VenueClient
from signals.feeds.venues import ALL_VENUES, Venue
from signals.moments import from_ms, length_ms, next_open, to_ms

TIMEFRAMES = {timedelta(minutes=5): "5m", timedelta(minutes=15): "15m", timedelta(hours=1): "1h"}
"""The bars that every venue has, by ccxt's names for them."""


def load_library() -> ModuleType:
    """Import ccxt, which takes a second and 100 MB, for it brings a hundred exchanges along.

    Done when an exchange is first asked, or before, and beside the event loop, which goes on meanwhile.
    """
    return importlib.import_module("ccxt.async_support")


class Exchanges:
    """The venues, each connected when it is first asked."""

    def __init__(self, context: FeedContext) -> None:
        self.context = context
        self._clients: dict[str, VenueClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; a later request opens it anew."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.close() for client in clients.values()))

    async def fetch_quotes(
        self, venue_id: str, market_ids: Mapping[Instrument, str] | None = None
    ) -> tuple[Quote, ...]:
        """The best bid and ask of the given instruments of a venue, else of its own, taken in one go.

        Raises:
            FeedError: whatever went wrong.
        """
        client = await self._client(venue_id)
        asked = market_ids or client.venue.market_ids
        client.know(asked)
        quotes: tuple[Quote, ...] = await client.call(
            lambda ccxt: _quotes(ccxt, client.venue, asked, self.context.clock)
        )
        return quotes

    async def fetch_candles(
        self,
        instrument: Instrument,
        timeframe: timedelta,
        since: datetime,
        until: datetime | None = None,
        market_id: str | None = None,
    ) -> tuple[Candle, ...]:
        """The bars that opened from `since` on and have closed, oldest first.

        A venue whose history does not reach that far back gives what it has. `market_id`: the venue's own
        name of an instrument that is not one of those it is always asked for.

        Raises:
            FeedError: whatever went wrong.
        """
        client = await self._client(instrument.venue)
        if market_id:
            client.know({instrument: market_id})
        if client.venue.keeps:
            since = max(since, self.context.clock() - client.venue.keeps * timeframe)
        cursor, step = to_ms(next_open(since, timeframe)), length_ms(timeframe)
        candles: list[Candle] = []
        while cursor + step <= to_ms(min(until or self.context.clock(), self.context.clock())):
            new = await client.call(_page(instrument, timeframe, cursor, client.venue))
            candles += [candle for candle in new if candle.at <= client.present()]
            # An empty page is a stretch without trades or an outage of the venue: look behind it.
            cursor = to_ms(new[-1].at) if new else cursor + client.venue.page * step
        return tuple(candle for candle in candles if not until or candle.at <= until)

    async def fetch_names(self, venue_id: str, quoted_in: str) -> tuple[str, ...]:
        """The coins that a venue trades against a dollar token, from its list of all prices.

        Raises:
            FeedError: whatever went wrong.
        """
        client = await self._client(venue_id)
        prices = await client.call(lambda ccxt: ccxt.public_get_ticker_price())
        symbols = (str(price["symbol"]) for price in prices)
        return tuple(s.removesuffix(quoted_in) for s in symbols if s.endswith(quoted_in))

    async def _client(self, venue_id: str) -> VenueClient:
        if venue_id not in self._clients:
            ccxt = await asyncio.to_thread(load_library)
            self._clients.setdefault(venue_id, VenueClient(ccxt, ALL_VENUES[venue_id], self.context))
        return self._clients[venue_id]


async def _quotes(
    ccxt: Any, venue: Venue, market_ids: Mapping[Instrument, str], clock: Callable[[], datetime]
) -> tuple[Quote, ...]:
    symbols = [instrument.symbol for instrument in market_ids]
    if venue.together:
        tickers = await getattr(ccxt, venue.together)(symbols)
    elif venue.book:
        books = await _all(getattr(ccxt, venue.book)({"symbol": id_}) for id_ in market_ids.values())
        tickers = dict(zip(symbols, map(_of_book, books), strict=True))
    else:
        tickers = dict(zip(symbols, await _all(ccxt.fetch_ticker(s) for s in symbols), strict=True))
    now = clock()
    quotes = [_quote(instrument, tickers.get(instrument.symbol), now) for instrument in market_ids]
    if all(math.isnan(quote.mid) for quote in quotes):
        raise malformed(venue.id, "no bid and ask of anything")
    return tuple(quotes)


async def _all(requests: Iterable[Awaitable[Any]]) -> list[Any]:
    """Every answer. Where one request fails the others still run to their end: none is left behind."""
    answers = await asyncio.gather(*requests, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers


def _of_book(book: Any) -> Any:
    return {"bid": book["bidPrice"], "ask": book["askPrice"]}


def _quote(instrument: Instrument, ticker: Any, now: datetime) -> Quote:
    """What is missing is not a number, for the screen to reject: it takes nothing from the other instruments.

    ccxt leaves out prices of zero.
    """
    prices = [ticker[side] if ticker else None for side in ("bid", "ask")]
    bid, ask = (math.nan if price is None else float(price) for price in prices)
    return Quote(instrument, now, bid, ask, known_at=now)


def _page(
    instrument: Instrument, timeframe: timedelta, since_ms: int, venue: Venue
) -> Callable[[Any], Awaitable[list[Candle]]]:
    async def fetch(ccxt: Any) -> list[Candle]:
        rows = await ccxt.fetch_ohlcv(instrument.symbol, TIMEFRAMES[timeframe], since_ms, venue.page)
        # A coin that nobody vouches for may be younger than the stretch that is asked for.
        if not rows and not venue.gaps and instrument in venue.market_ids:
            raise malformed(venue.id, f"no bars of {instrument.symbol}, not even the open one")
        return [_candle(instrument, timeframe, row) for row in rows if row[0] >= since_ms]

    return fetch


def _candle(instrument: Instrument, timeframe: timedelta, row: Sequence[Any]) -> Candle:
    prices = [float(price) for price in row[1:5]]
    opened, high, low, close = prices
    sane = all(math.isfinite(price) and price > 0 for price in prices) and low <= min(opened, close)
    if not sane or max(opened, close) > high:
        raise malformed(instrument.venue, f"a bar of {instrument.symbol} that cannot be: {prices}")
    return Candle(instrument, timeframe, from_ms(row[0]), opened, high, low, close, volume=float(row[5]))
