"""How near auto-deleveraging is, as Binance rates a symbol and as follows from Bybit's insurance pools.

Binance rates anew about every half hour; Bybit takes a snapshot every minute. A state's `at` is the moment of
the answer: it is what the venue says then, however old its own computation.
"""

import math
from collections.abc import Mapping
from typing import Any

from signals.adl_states import COINS, Risk, state_of
from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http
from signals.gauges import Gauge

BINANCE, BYBIT = "binanceusdm", "bybit"
"""The sources: ccxt's names for Binance's futures host and Bybit."""

_BINANCE_URL = "https://fapi.binance.com/fapi/v1/symbolAdlRisk"
_BYBIT_URL = "https://api.bybit.com/v5/market/adlAlert"
_SYMBOLS = {coin: f"{coin}USDT" for coin in COINS}
_RATINGS = {"LOW": Risk.NONE, "MEDIUM": Risk.RAISED, "HIGH": Risk.HIGH}
_TOO_MANY_REQUESTS = 10006


class UnderWay(dict[str, bool]):
    """Which of Bybit's symbols were in ADL when last asked: it ends by another threshold than it begins."""


async def fetch_binance(http: Http) -> tuple[Gauge, ...]:
    """The rating of both coins' perpetuals.

    Raises:
        FeedError: whatever went wrong, an unknown rating among it.
    """
    states = []
    for coin, symbol in _SYMBOLS.items():
        answer = await http.get_json(BINANCE, _BINANCE_URL, {"symbol": symbol})
        states.append(state_of("binance", coin, read_rating(answer, symbol), http.context.clock()))
    return tuple(states)


def read_rating(answer: Any, symbol: str) -> Risk:
    """Binance's word for a symbol."""
    try:
        said, rating = answer["symbol"], answer["adlRisk"]
    except (TypeError, LookupError) as error:
        raise malformed(BINANCE, "a rating of another shape") from error
    if said != symbol or not isinstance(rating, str) or rating not in _RATINGS:
        raise malformed(BINANCE, f"a rating of {said!r:.20} that is not known: {rating!r:.20}")
    return _RATINGS[rating]


async def fetch_bybit(http: Http, under_way: UnderWay) -> tuple[Gauge, ...]:
    """Whether both coins' perpetuals are in ADL.

    Raises:
        FeedError: whatever went wrong.
    """
    states = []
    for coin, symbol in _SYMBOLS.items():
        pool = read_pool(await http.get_json(BYBIT, _BYBIT_URL, {"symbol": symbol}), symbol)
        under_way[symbol] = is_under_way(pool, was=under_way.get(symbol, False))
        risk = Risk.HIGH if under_way[symbol] else Risk.NONE
        states.append(state_of("bybit", coin, risk, http.context.clock()))
    return tuple(states)


def read_pool(answer: Any, symbol: str) -> Mapping[str, float]:
    """What Bybit says of the insurance pool that stands behind a symbol."""
    try:
        code = answer["retCode"]
        if code != 0:
            kind = FailureKind.RATE_LIMITED if code == _TOO_MANY_REQUESTS else FailureKind.TEMPORARY
            raise FeedError(BYBIT, kind, f"error {code!r:.20}")
        [pool] = [each for each in answer["result"]["list"] if each["symbol"] == symbol]
        return {name: _number(pool[name]) for name in _POOL}
    except (TypeError, LookupError, ValueError, OverflowError) as error:
        raise malformed(BYBIT, f"no pool of {symbol} that can be read") from error


def is_under_way(pool: Mapping[str, float], *, was: bool) -> bool:
    """Whether ADL goes on, from whether it did.

    It begins where the pool is empty, or where it is of some size and has lost too much of its best of eight
    hours to the symbol; then it goes on until that loss is a good deal smaller.
    Source: bybit-exchange.github.io/docs/v5/market/adl-alert
    """
    if pool["balance"] <= 0:
        return True
    drawdown, begins, ends = pool["pnlRatio"], pool["insurancePnlRatio"], pool["adlStopRatio"]
    lost_too_much = drawdown <= ends if was else drawdown < begins
    return pool["balance"] > pool["adlTriggerThreshold"] and lost_too_much


_POOL = ("balance", "adlTriggerThreshold", "pnlRatio", "insurancePnlRatio", "adlStopRatio")


def _number(value: Any) -> float:
    """Numbers come as numbers or as text."""
    if isinstance(value, bool) or not math.isfinite(number := float(value)):
        raise ValueError(value)
    return number
