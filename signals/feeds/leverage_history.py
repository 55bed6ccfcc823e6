"""Open interest of before, from the venues' history endpoints, and the funding beside it.

Of the last two days open interest comes in steps of five minutes, of the time before in steps of an hour:
rules that look back so far ask for days. Bybit's is coins of both sides and is worth its own bars' closes.
What a venue keeps limits how far back it goes: Binance a month.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from signals.feeds.funding_history import fetch_funding
from signals.feeds.http import Http
from signals.feeds.leverage import (
    BINANCE_HOST,
    BYBIT_HOST,
    COINS,
    OKX_HOST,
    bybit_result,
    number,
    okx_data,
    read,
    single,
)
from signals.gauges import Gauge, Measure, Series
from signals.moments import from_ms, to_ms

_FINE_FOR = timedelta(days=2)
_FIVE, _HOUR = timedelta(minutes=5), timedelta(hours=1)

Row = tuple[int, float]
"""A moment in milliseconds, and a number."""


class Page(NamedTuple):
    """One request's worth: a coin, a step, and a stretch of time in milliseconds."""

    coin: str
    step: timedelta
    first_ms: int
    last_ms: int


Ask = Callable[[Http, Page], Awaitable[list[Row]]]


async def fetch_binance(http: Http, since: datetime) -> tuple[Gauge, ...]:
    """Binance's open interest and settled funding. Raises FeedError."""
    keeps = http.context.clock() - timedelta(days=29)
    interest = await _interest(http, "binance", max(since, keeps), 500, _ask_binance)
    return (*interest, *await fetch_funding(http, "binance", since))


async def _ask_binance(http: Http, page: Page) -> list[Row]:
    answer = await http.get_json(
        "binanceusdm",
        f"{BINANCE_HOST}/futures/data/openInterestHist",
        {
            "symbol": f"{page.coin}USDT",
            "period": "5m" if page.step == _FIVE else "1h",
            "limit": "500",
            "startTime": str(page.first_ms),
            "endTime": str(page.last_ms),
        },
    )
    return read(
        "binanceusdm", lambda: [(int(r["timestamp"]), number(r["sumOpenInterestValue"])) for r in answer]
    )


async def fetch_okx(http: Http, since: datetime) -> tuple[Gauge, ...]:
    """OKX's open interest and settled funding. Raises FeedError."""
    interest = await _interest(http, "okx", since, 100, _ask_okx)
    return (*interest, *await fetch_funding(http, "okx", since))


async def _ask_okx(http: Http, page: Page) -> list[Row]:
    """Rows of time, contracts, coins and dollars, the newest first."""
    answer = await http.get_json(
        "okx",
        f"{OKX_HOST}/api/v5/rubik/stat/contracts/open-interest-history",
        {
            "instId": f"{page.coin}-USDT-SWAP",
            "period": "5m" if page.step == _FIVE else "1H",
            "limit": "100",
            "begin": str(page.first_ms),
            "end": str(page.last_ms),
        },
        gap=timedelta(seconds=0.5),
    )
    return read("okx", lambda: [(int(row[0]), number(row[3])) for row in okx_data(answer)])


async def fetch_bybit(http: Http, since: datetime) -> tuple[Gauge, ...]:
    """Bybit's open interest and settled funding. Raises FeedError."""
    interest = await _interest(http, "bybit", since, 200, _ask_bybit)
    return (*interest, *await fetch_funding(http, "bybit", since))


async def _ask_bybit(http: Http, page: Page) -> list[Row]:
    contract = {"category": "linear", "symbol": f"{page.coin}USDT"}
    times = {"startTime": str(page.first_ms), "endTime": str(page.last_ms), "limit": "200"}
    step = "5min" if page.step == _FIVE else "1h"
    coins = await http.get_json(
        "bybit", f"{BYBIT_HOST}/v5/market/open-interest", {**contract, **times, "intervalTime": step}
    )
    bars = await http.get_json(
        "bybit",
        f"{BYBIT_HOST}/v5/market/kline",
        {
            **contract,
            "interval": "5" if page.step == _FIVE else "60",
            "start": times["startTime"],
            "end": times["endTime"],
            "limit": "200",
        },
    )
    return read("bybit", lambda: list(_worth(bybit_result(coins)["list"], bybit_result(bars)["list"])))


def _worth(interest: Any, bars: Any) -> Iterator[Row]:
    """Coins at the price that the bar of their moment opened at; without a bar they are left out."""
    price = {int(bar[0]): number(bar[1]) for bar in bars}
    for row in interest:
        at_ms = int(row["timestamp"])
        if at_ms in price:
            yield at_ms, single(row, "singleOpenInterest", "openInterest") * price[at_ms]


async def _interest(http: Http, venue: str, since: datetime, rows: int, ask: Ask) -> list[Gauge]:
    gauges = []
    for coin in COINS:
        series = Series(venue, coin, Measure.OPEN_INTEREST_USD)
        for page in _pages(coin, since, http.context.clock(), rows):
            found = await ask(http, page)
            moments = read(venue, lambda rows: [(from_ms(at), usd) for at, usd in rows], found)
            gauges += [Gauge(series, at, usd, at) for at, usd in moments if usd > 0]
    return gauges


def _pages(coin: str, since: datetime, now: datetime, rows: int) -> Iterator[Page]:
    fine = max(since, now - _FINE_FOR)
    for step, begin, end in ((_HOUR, since, fine), (_FIVE, fine, now)):
        first = begin
        while first < end:
            until = min(first + (rows - 1) * step, end)
            yield Page(coin, step, to_ms(first), to_ms(until))
            first = until
