"""Funding of before, as three venues settled it: every page of it, as far back as they keep it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from signals.feeds.http import Http
from signals.feeds.leverage import (
    BINANCE_HOST,
    BYBIT_HOST,
    COINS,
    EIGHT_HOURS,
    OKX_HOST,
    bybit_result,
    number,
    okx_data,
    read,
)
from signals.gauges import Gauge, Measure, Series, funding_8h
from signals.moments import from_ms, length_ms, to_ms

Payment = tuple[int, float, timedelta]
"""A settlement of funding: when in milliseconds, the rate, and the time that it is for."""
Settled = Callable[[Http, str, int], Awaitable[list[Payment]]]
Page = Callable[[int], Awaitable[dict[int, float]]]
"""Asks for the rates before a moment, or from one on, by their moments."""


async def fetch_funding(http: Http, venue: str, since: datetime) -> list[Gauge]:
    """The settlements of both coins from a moment on.

    Raises:
        FeedError: whatever went wrong.
    """
    gauges = []
    for coin in COINS:
        series = Series(venue, coin, Measure.FUNDING_8H)
        for at_ms, rate, interval in await _VENUES[venue](http, coin, to_ms(since)):
            at, rate_8h = read(venue, from_ms, at_ms), read(venue, funding_8h, rate, interval)
            gauges.append(Gauge(series, at, rate_8h, at))
    return gauges


async def _of_binance(http: Http, coin: str, since_ms: int) -> list[Payment]:
    """A page begins with its oldest row: the next one begins after its newest."""
    rows, first_ms = dict[int, float](), since_ms
    while True:
        params = {"symbol": f"{coin}USDT", "startTime": str(first_ms), "limit": "1000"}
        answer = await http.get_json("binanceusdm", f"{BINANCE_HOST}/fapi/v1/fundingRate", params)
        page = read(
            "binanceusdm", lambda a: {int(r["fundingTime"]): number(r["fundingRate"]) for r in a}, answer
        )
        rows |= page
        newest_ms = max(page, default=0)
        if len(page) < 1000 or newest_ms < first_ms:  # noqa: PLR2004  # the most of one answer
            return [(at_ms, rate, EIGHT_HOURS) for at_ms, rate in rows.items()]
        first_ms = newest_ms + 1


async def _of_okx(http: Http, coin: str, since_ms: int) -> list[Payment]:
    async def ask(before_ms: int) -> dict[int, float]:
        params = {"instId": f"{coin}-USDT-SWAP", "after": str(before_ms), "limit": "100"}
        address = f"{OKX_HOST}/api/v5/public/funding-rate-history"
        answer = await http.get_json("okx", address, params, gap=timedelta(seconds=0.5))
        return read(
            "okx", lambda a: {int(r["fundingTime"]): number(r["realizedRate"]) for r in okx_data(a)}, answer
        )

    return read("okx", paid_since_the_one_before, await _back_to(since_ms, http, ask, 100))


async def _of_bybit(http: Http, coin: str, since_ms: int) -> list[Payment]:
    async def ask(before_ms: int) -> dict[int, float]:
        times = {"startTime": str(since_ms), "endTime": str(before_ms - 1), "limit": "200"}
        params = {"category": "linear", "symbol": f"{coin}USDT", **times}
        answer = await http.get_json("bybit", f"{BYBIT_HOST}/v5/market/funding/history", params)
        return read(
            "bybit",
            lambda a: {
                int(r["fundingRateTimestamp"]): number(r["fundingRate"]) for r in bybit_result(a)["list"]
            },
            answer,
        )

    return read("bybit", paid_since_the_one_before, await _back_to(since_ms, http, ask, 200))


async def _back_to(since_ms: int, http: Http, ask: Page, limit: int) -> list[tuple[int, float]]:
    """Pages of `limit` rows that begin with their newest, each before the oldest of the one before."""
    rows, before_ms = dict[int, float](), to_ms(http.context.clock()) + 1
    while True:
        page = await ask(before_ms)
        rows |= page
        oldest_ms = min(page, default=since_ms)
        # A venue that repeats itself must not hold us for ever.
        if len(page) < limit or not since_ms < oldest_ms < before_ms:
            return sorted(row for row in rows.items() if row[0] >= since_ms)
        before_ms = oldest_ms


def paid_since_the_one_before(paid: Sequence[tuple[int, float]]) -> list[Payment]:
    """Settlements, ascending, with the time since the one before; the first's is that of the second."""
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(paid)]
    gaps = [*gaps[:1], *gaps] or [length_ms(EIGHT_HOURS)] * len(paid)
    return [(at, rate, timedelta(milliseconds=gap)) for (at, rate), gap in zip(paid, gaps, strict=True)]


_VENUES: Mapping[str, Settled] = {
    "binance": _of_binance,
    "okx": _of_okx,
    "bybit": _of_bybit,
}
