"""ETF flows from SoSoValue's free API (needs a key): totals of some 300 sessions, and each fund's newest day.

Version 2 of the API is asked: https://sosovalue.gitbook.io (historicalInflowChart, currentEtfDataMetrics).
The chart tells nothing of completeness, and its rows come unsorted. The metrics say of every fund which day
its number is of, so that a session is complete when all of them have reached it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from signals.facts import EtfFlow
from signals.feeds.etf_flows import day, usd, wanted
from signals.feeds.failure import FailureKind, FeedError, malformed
from signals.feeds.http import Http

SOURCE = "sosovalue"
KEY = "SOSOVALUE_API_KEY"

GAP = timedelta(seconds=6.5)
"""Between two calls: 20 a minute are documented, but ten calls 3.2 s apart were refused."""

_URL = "https://openapi.sosovalue.com/openapi/v2/etf/"
_TYPES = {"BTC": "us-btc-spot", "ETH": "us-eth-spot"}
_UPDATED = "1"
_RATE_LIMITED = {42901, 402901}  # both are documented, for the same thing
_SAME_USD = 1.0
_DORMANT = timedelta(days=14)
"""A fund whose number stands so long before the others' was wound up; nobody waits for it."""


class Newest(NamedTuple):
    """The newest session by the metrics: its total, its funds, and whether all of them have reached it."""

    session: date
    total_usd: float
    funds_usd: Mapping[str, float]
    complete: bool


async def fetch_flows(http: Http, asset: str, since: date) -> tuple[EtfFlow, ...]:
    """The flows of every session from `since` on.

    Raises:
        FeedError: whatever went wrong.
    """
    newest = read_metrics(await _ask(http, "currentEtfDataMetrics", asset))
    chart = await _ask(http, "historicalInflowChart", asset)
    return read_chart(chart, asset, since, newest, http.context.clock())


def read_chart(
    data: Any, asset: str, since: date, newest: Newest | None, known_at: datetime
) -> tuple[EtfFlow, ...]:
    """The sessions of a chart's data, oldest first."""
    rows = data.get("list") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not rows:
        raise malformed(SOURCE, "a chart without rows")
    flows = {flow.session: flow for flow in (_flow(row, asset, newest, known_at) for row in rows)}
    return tuple(flows[session] for session in sorted(flows) if wanted(asset, session, since))


def read_metrics(data: Any) -> Newest | None:
    """The newest session of the metrics' data, or None where it has no total yet."""
    try:
        total, funds = data["dailyNetInflow"], data["list"]
        if total["value"] is None or total["lastUpdateDate"] is None:
            return None
        session = day(SOURCE, total["lastUpdateDate"])
        flows = [(fund["ticker"].strip(), fund["dailyNetInflow"]) for fund in funds]
        awaited = [flow for _, flow in flows if not _is_dormant(flow, session)]
        reported = {ticker: flow for ticker, flow in flows if _is_of(flow, session)}
        return Newest(
            session,
            usd(SOURCE, total["value"]),
            {ticker: usd(SOURCE, flow["value"]) for ticker, flow in reported.items()},
            complete=_is_of(total, session) and bool(awaited) and all(_is_of(f, session) for f in awaited),
        )
    except (TypeError, LookupError, AttributeError) as error:
        raise malformed(SOURCE, "metrics of another shape") from error


async def _ask(http: Http, call: str, asset: str) -> Any:
    key = http.context.keys.get(KEY)
    if not key:
        raise FeedError(SOURCE, FailureKind.PERMANENT, f"{KEY} is not set")
    body, headers = {"type": _TYPES[asset]}, {"x-soso-api-key": key}
    return _data(await http.post_json(SOURCE, _URL + call, body, headers, GAP))


def _data(answer: Any) -> Any:
    """What is in the envelope. It comes with status 200 around errors as well."""
    if not isinstance(answer, dict) or "code" not in answer:
        raise malformed(SOURCE, "an answer without a code")
    code = answer["code"]
    if isinstance(code, int) and code in _RATE_LIMITED:
        raise FeedError(SOURCE, FailureKind.RATE_LIMITED, f"code {code}")
    if code != 0:
        raise FeedError(SOURCE, FailureKind.PERMANENT, f"code {code!r:.20}: {answer.get('msg')!r:.80}")
    return answer.get("data")


def _flow(row: Any, asset: str, newest: Newest | None, known_at: datetime) -> EtfFlow:
    if not isinstance(row, dict):
        raise malformed(SOURCE, "a chart's row of another shape")
    session, total_usd = day(SOURCE, row.get("date")), usd(SOURCE, row.get("totalNetInflow"))
    if newest and session == newest.session:
        # Where the two calls disagree, one of them is behind.
        complete = newest.complete and abs(total_usd - newest.total_usd) <= _SAME_USD
        return EtfFlow(asset, session, SOURCE, total_usd, known_at, None, complete, newest.funds_usd)
    earlier = newest is not None and session < newest.session
    return EtfFlow(asset, session, SOURCE, total_usd, known_at, complete=earlier)


def _is_of(flow: Mapping[str, Any], session: date) -> bool:
    return bool(flow["lastUpdateDate"] == session.isoformat() and flow["status"] == _UPDATED)


def _is_dormant(flow: Mapping[str, Any], session: date) -> bool:
    updated = flow["lastUpdateDate"]
    return updated is None or day(SOURCE, updated) < session - _DORMANT
