"""Liquidations of 24 hours over all exchanges, as CoinGlass adds them up, where a key is set."""

from typing import Any

from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.feeds.leverage import number, read
from signals.gauges import Gauge, Measure, Series

SOURCE, KEY = "coinglass", "COINGLASS_API_KEY"

_URL = "https://open-api-v4.coinglass.com/api/futures/liquidation/exchange-list"


async def fetch_liquidations(http: Http) -> tuple[Gauge, ...]:
    """What was liquidated by side in the last 24 hours.

    Raises:
        FeedError: whatever went wrong.
    """
    headers = {"CG-API-KEY": http.context.keys.get(KEY, "")}
    answer = await http.get_json(SOURCE, _URL, {"range": "24h"}, headers)
    now = http.context.clock()
    sides = read(SOURCE, _sides, answer)
    return tuple(Gauge(Series(SOURCE, "ALL", measure), now, usd, now) for measure, usd in sides.items())


def _sides(answer: Any) -> dict[Measure, float]:
    if answer["code"] != "0":
        kind = FailureKind.RATE_LIMITED if str(answer["code"]) == "429" else FailureKind.PERMANENT
        raise FeedError(SOURCE, kind, f"error {answer['code']!r:.20}")
    [everywhere] = [row for row in answer["data"] if row["exchange"] == "All"]
    return {
        Measure.LIQUIDATED_24H_LONG_USD: number(everywhere["long_liquidation_usd"]),
        Measure.LIQUIDATED_24H_SHORT_USD: number(everywhere["short_liquidation_usd"]),
    }
