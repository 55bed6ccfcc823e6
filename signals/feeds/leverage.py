"""Open interest and funding of the USDT perpetuals of BTC and ETH, as three venues say them now.

Open interest is turned into dollars of one side, funding into a rate per eight hours. Plain HTTP: ccxt gives
Bybit's open interest of both sides and OKX's in contracts. Perpetuals margined in coins are left out.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http
from signals.gauges import Gauge, Measure, Series, funding_8h

COINS = ("BTC", "ETH")
EIGHT_HOURS = timedelta(hours=8)

BINANCE_HOST = "https://fapi.binance.com"
OKX_HOST = "https://www.okx.com"
BYBIT_HOST = "https://api.bybit.com"

_TOO_MANY = {"50011", "10006", "10018"}


@dataclass(frozen=True, slots=True)
class Position:
    """What a venue says of a perpetual: dollars of one side, a rate per eight hours as a fraction."""

    open_interest_usd: float
    funding_8h: float


T = TypeVar("T")


async def fetch_binance(http: Http) -> tuple[Gauge, ...]:
    """Binance's: open interest is coins there, worth the mark price.

    Funding is paid every eight hours: Binance lists the perpetuals that differ, and these two do not.

    Raises:
        FeedError: whatever went wrong.
    """
    found = {}
    for coin in COINS:
        symbol = {"symbol": f"{coin}USDT"}
        mark = await http.get_json("binanceusdm", f"{BINANCE_HOST}/fapi/v1/premiumIndex", symbol)
        interest = await http.get_json("binanceusdm", f"{BINANCE_HOST}/fapi/v1/openInterest", symbol)
        found[coin] = read("binanceusdm", of_binance, mark, interest)
    return _gauges(http, "binance", found)


def of_binance(mark: Any, interest: Any) -> Position:
    """A position out of Binance's two answers."""
    coins = number(interest["openInterest"])
    return Position(
        coins * number(mark["markPrice"]), funding_8h(number(mark["lastFundingRate"]), EIGHT_HOURS)
    )


async def fetch_okx(http: Http) -> tuple[Gauge, ...]:
    """OKX's: it says contracts, coins and dollars. The interval is the one between its two times.

    Raises:
        FeedError: whatever went wrong.
    """
    found = {}
    for coin in COINS:
        contract = {"instId": f"{coin}-USDT-SWAP"}
        rate = await http.get_json("okx", f"{OKX_HOST}/api/v5/public/funding-rate", contract)
        interest = await http.get_json(
            "okx", f"{OKX_HOST}/api/v5/public/open-interest", {"instType": "SWAP", **contract}
        )
        found[coin] = read("okx", of_okx, rate, interest)
    return _gauges(http, "okx", found)


def of_okx(rate: Any, interest: Any) -> Position:
    """A position out of OKX's two answers."""
    rates, interests = okx_data(rate), okx_data(interest)
    paid_ms = number(rates[0]["nextFundingTime"]) - number(rates[0]["fundingTime"])
    funding = funding_8h(number(rates[0]["fundingRate"]), _between_payments(timedelta(milliseconds=paid_ms)))
    return Position(number(interests[0]["oiUsd"]), funding)


async def fetch_bybit(http: Http) -> tuple[Gauge, ...]:
    """Bybit's: its open interest counts both sides, unless it says that it is the single one.

    Raises:
        FeedError: whatever went wrong.
    """
    found = {}
    for coin in COINS:
        contract = {"category": "linear", "symbol": f"{coin}USDT"}
        ticker = await http.get_json("bybit", f"{BYBIT_HOST}/v5/market/tickers", contract)
        found[coin] = read("bybit", of_bybit, ticker)
    return _gauges(http, "bybit", found)


def of_bybit(ticker: Any) -> Position:
    """A position out of Bybit's answer."""
    [row] = bybit_result(ticker)["list"]
    hours = number(row["fundingIntervalHour"])
    funding = funding_8h(number(row["fundingRate"]), _between_payments(timedelta(hours=hours)))
    return Position(single(row, "singleOpenInterestValue", "openInterestValue"), funding)


def _between_payments(interval: timedelta) -> timedelta:
    """The time that a rate is for, where it can be: one below zero would turn its sign."""
    if not timedelta(0) < interval <= timedelta(days=1):
        raise ValueError(interval)
    return interval


def single(row: Mapping[str, Any], one_side: str, both_sides: str) -> float:
    """The one side's number; where it is not said, half of both sides'."""
    return number(row[one_side]) if row.get(one_side) else number(row[both_sides]) / 2


def okx_data(answer: Any) -> Any:
    """What OKX answered, or the failure that it names."""
    return _checked("okx", answer["code"], "0", answer["data"])


def bybit_result(answer: Any) -> Any:
    """What Bybit answered, or the failure that it names."""
    return _checked("bybit", answer["retCode"], 0, answer["result"])


def _checked(source: str, code: Any, good: Any, data: Any) -> Any:
    if not isinstance(code, type(good)):
        raise TypeError(code)
    if code != good:
        kind = FailureKind.RATE_LIMITED if str(code) in _TOO_MANY else FailureKind.TEMPORARY
        raise FeedError(source, kind, f"error {code!r:.20}")
    return data


def number(value: Any) -> float:
    """A number that venues write as text. Raises ValueError where it is none."""
    if isinstance(value, bool) or not math.isfinite(found := float(value)):
        raise ValueError(value)
    return found


def read(source: str, reading: Callable[..., T], *answers: Any) -> T:
    """What a reading of answers gives.

    Raises:
        FeedError: the answer has another shape.
    """
    try:
        return reading(*answers)
    except (TypeError, LookupError, ValueError, ZeroDivisionError, AttributeError, OverflowError) as error:
        raise malformed(source, "open interest or funding of another shape") from error


def _gauges(http: Http, venue: str, found: Mapping[str, Position]) -> tuple[Gauge, ...]:
    return tuple(_of(http, venue, found))


def _of(http: Http, venue: str, found: Mapping[str, Position]) -> Iterator[Gauge]:
    """Both numbers of each coin; their moment is that of the answer."""
    now = http.context.clock()
    for coin, position in found.items():
        if position.open_interest_usd <= 0 or abs(position.funding_8h) > 1:
            raise malformed(venue, f"open interest or funding of {coin} that cannot be")
        yield Gauge(Series(venue, coin, Measure.OPEN_INTEREST_USD), now, position.open_interest_usd, now)
        yield Gauge(Series(venue, coin, Measure.FUNDING_8H), now, position.funding_8h, now)
