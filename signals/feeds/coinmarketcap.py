"""ETF flows from the chart of CoinMarketCap's pages: no key, no documentation, nothing about completeness.

Each point is a day's total of all funds, its moment the midnight UTC that the day begins with: its ETH flow
of 16 June 2025 is SoSoValue's of that day. Its BTC flow is 5 % larger, hence sources are never mixed.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from signals.calendar import session_on
from signals.facts import EtfFlow
from signals.feeds.etf_flows import usd, wanted
from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http
from signals.moments import from_ms

SOURCE = "coinmarketcap"

_URL = "https://api.coinmarketcap.com/data-api/v3/etf/overview/netflow/chart"
_US_DOLLAR = "2781"
_SHORT = timedelta(days=29)


async def fetch_flows(http: Http, asset: str, since: date) -> tuple[EtfFlow, ...]:
    """The flows of every session from `since` on, at most of the last 90 days.

    Raises:
        FeedError: whatever went wrong.
    """
    now = http.context.clock()
    span = "30d" if now.date() - since <= _SHORT else "90d"
    params = {"category": asset.lower(), "range": span, "convertId": _US_DOLLAR}
    return read_chart(await http.get_json(SOURCE, _URL, params), asset, since, http.context.clock())


def read_chart(answer: Any, asset: str, since: date, known_at: datetime) -> tuple[EtfFlow, ...]:
    """The sessions of a chart, oldest first. Days without a session are padded with zeros and left out."""
    try:
        code = str(answer["status"]["error_code"])
        if code != "0":
            # "System is busy" is what it says now and then, and means it.
            raise FeedError(SOURCE, FailureKind.TEMPORARY, f"error {code:.20}")
        data = answer["data"]
        if data.get("aggregation", "daily") != "daily":
            raise malformed(SOURCE, f"a chart by {data['aggregation']!r:.20}, not by day")
        points = {_day(point["timestamp"]): point["value"] for point in data["points"]}
    except (TypeError, LookupError, AttributeError, ValueError, OverflowError) as error:
        raise malformed(SOURCE, "a chart of another shape") from error
    if not points:
        raise malformed(SOURCE, "a chart without points")
    return tuple(
        EtfFlow(asset, session, SOURCE, usd(SOURCE, value), known_at, complete=False)
        for session, value in sorted(points.items())
        if wanted(asset, session, since) and session_on(session) and value is not None
    )


def _day(timestamp_ms: Any) -> date:
    return from_ms(int(timestamp_ms)).astimezone(UTC).date()
