"""Order books of BTC over plain HTTP: ccxt would sort and check ten thousand levels one by one.

Coinbase gives its whole book, the others their best levels up to a number. Amounts of Binance and Bybit are
coins; OKX counts contracts of a hundredth of a bitcoin. Reading a large book takes some hundredths of a
second, so it is done beside the event loop.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signals.book import PERCENTS, Book, depth_of
from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http
from signals.gauges import Gauge, Measure, Series

COIN = "BTC"
OKX_CONTRACT = 0.01
"""Bitcoins in a contract of BTC-USDT-SWAP."""
_BEYOND = PERCENTS[-1] + 0.5
"""Of levels farther from the best one than this, in percent, only the last counts: a book reaches so far."""

_WITHIN = {1.0: Measure.DEPTH_1PCT_USD, 2.0: Measure.DEPTH_2PCT_USD}

Sides = Callable[[Any], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class BookSource:
    """Where a venue gives its book, and how to find the bids and asks in the answer.

    `contract` is what one unit of an amount is in bitcoin. `fallback` is the source and address to ask where
    the venue refuses our country.
    """

    venue: str
    url: str
    params: Mapping[str, str]
    sides: Sides
    contract: float = 1.0
    fallback: tuple[str, str] | None = None


def _plain(answer: Any) -> tuple[Any, Any]:
    return answer["bids"], answer["asks"]


def _of_okx(answer: Any) -> tuple[Any, Any]:
    if answer["code"] != "0":
        raise ValueError(f"error {answer['code']!r:.20}")
    return _plain(answer["data"][0])


def _of_bybit(answer: Any) -> tuple[Any, Any]:
    if answer["retCode"] != 0:
        raise ValueError(f"error {answer['retCode']!r:.20}")
    return answer["result"]["b"], answer["result"]["a"]


SOURCES = (
    BookSource(
        "coinbaseexchange",
        "https://api.exchange.coinbase.com/products/BTC-USD/book",
        {"level": "2"},
        _plain,
    ),
    BookSource(
        "binance",
        "https://api.binance.com/api/v3/depth",
        {"symbol": "BTCUSDT", "limit": "5000"},
        _plain,
        fallback=("binance_vision", "https://data-api.binance.vision/api/v3/depth"),
    ),
    BookSource(
        "binanceusdm",
        "https://fapi.binance.com/fapi/v1/depth",
        {"symbol": "BTCUSDT", "limit": "1000"},
        _plain,
    ),
    BookSource(
        "okx",
        "https://www.okx.com/api/v5/market/books-full",
        {"instId": "BTC-USDT-SWAP", "sz": "5000"},
        _of_okx,
        contract=OKX_CONTRACT,
    ),
    BookSource(
        "bybit",
        "https://api.bybit.com/v5/market/orderbook",
        {"category": "linear", "symbol": "BTCUSDT", "limit": "500"},
        _of_bybit,
    ),
)
"""Whose books are looked at: two spot markets, then three perpetuals."""


async def fetch_depth(http: Http, source: BookSource) -> tuple[Gauge, ...]:
    """How deep a venue's book is now. Its `at` is when the answer came: not every venue says a time.

    Raises:
        FeedError: whatever went wrong.
    """
    answer = await _asked(http, source)
    now = http.context.clock()
    return await asyncio.to_thread(_gauges, source, answer, now)


async def _asked(http: Http, source: BookSource) -> Any:
    try:
        return await http.get_json(source.venue, source.url, source.params)
    except FeedError as error:
        if error.kind is not FailureKind.GEO_BLOCKED or source.fallback is None:
            raise
    name, url = source.fallback
    return await http.get_json(name, url, source.params)


def _gauges(source: BookSource, answer: Any, now: datetime) -> tuple[Gauge, ...]:
    depth = depth_of(read_book(source, answer))
    numbers = {_WITHIN[percent]: usd for percent, usd in depth.within_usd.items()}
    numbers |= {Measure.DEPTH_COVERED_PCT: depth.covered_pct, Measure.DEPTH_SEEN_USD: depth.seen_usd}
    return tuple(
        Gauge(Series(source.venue, COIN, measure), now, value, known_at=now)
        for measure, value in numbers.items()
        if value is not None
    )


def read_book(source: BookSource, answer: Any) -> Book:
    """The book in a venue's answer.

    Raises:
        FeedError: it holds no book that can be one.
    """
    try:
        bids, asks = source.sides(answer)
        return Book(tuple(_levels(bids, source.contract)), tuple(_levels(asks, source.contract)))
    except (TypeError, LookupError, ValueError, OverflowError) as error:
        raise malformed(source.venue, f"no book that can be read: {error!s:.60}") from error


def _levels(rows: Any, contract: float) -> Iterator[tuple[float, float]]:
    """The levels near the best one, and the last of all, which says how far the book reaches."""
    best = float(rows[0][0])
    for row in rows:
        price = float(row[0])
        if abs(price / best - 1) * 100 > _BEYOND:
            yield float(rows[-1][0]), float(rows[-1][1]) * contract
            return
        yield price, float(row[1]) * contract
