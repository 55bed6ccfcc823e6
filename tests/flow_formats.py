"""ETF flows as each source writes them, from dollars by fund; None is not reported yet."""

from datetime import UTC, date, datetime, time
from typing import Any

Funds = dict[str, float | None]
Flows = dict[date, Funds]


def total(funds: Funds) -> float:
    """What has been reported so far."""
    return sum(flow for flow in funds.values() if flow is not None)


def sosovalue_chart(flows: Flows) -> list[dict[str, Any]]:
    """Newest first, but for two neighbours that are swapped, as in the recording."""
    rows = [
        {"date": day.isoformat(), "totalNetInflow": total(flows[day])} for day in sorted(flows, reverse=True)
    ]
    if len(rows) > 3:
        rows[2], rows[3] = rows[3], rows[2]
    return rows


def sosovalue_metrics(flows: Flows) -> dict[str, Any]:
    """The newest session; a fund that has not reported still shows the session before."""
    if not flows:
        return {"dailyNetInflow": {"value": None, "lastUpdateDate": None, "status": "0"}, "list": []}
    *_, newest = sorted(flows)
    earlier = [day for day in sorted(flows) if day < newest]
    return {
        "dailyNetInflow": _metric(total(flows[newest]), newest),
        "list": [
            {
                "ticker": ticker,
                "institute": "Somebody ",
                "dailyNetInflow": _metric(flow or 0.0, newest if flow is not None else earlier[-1]),
            }
            for ticker, flow in flows[newest].items()
        ],
    }


def points(flows: Flows, since: date) -> list[dict[str, Any]]:
    """CoinMarketCap's points, a day each."""
    return [
        {
            "value": total(flows[day]),
            "cryptoPrice": 1,
            "timestamp": str(int(datetime.combine(day, time(), UTC).timestamp() * 1000)),
        }
        for day in sorted(flows)
        if day >= since
    ]


def farside_page(flows: Flows) -> str:
    """Farside's table: three rows of heading, sessions, and rows of statistics below."""
    tickers = list(dict.fromkeys(ticker for funds in flows.values() for ticker in funds))
    heading = "".join(_cell("th", ticker) for ticker in ["", *tickers, ""])
    logos = "".join(_cell("th", text) for text in ["", *("" for _ in tickers), "Total"])
    fees = "".join(_cell("th", text) for text in ["Fee", *("0.25%" for _ in tickers), ""])
    rows = "".join(_session(day, flows[day], tickers) for day in sorted(flows))
    footer = "".join(
        "<tr>"
        + "".join(_cell("td", text) for text in [name, *("1,119.9" for _ in tickers), "99.9"])
        + "</tr>"
        for name in ("Total", "Average", "Maximum", "Minimum")
    )
    return (
        f'<html><body><table class="etf"><thead><tr>{logos}</tr><tr>{heading}</tr><tr>{fees}</tr></thead>'
        f"<tbody>{rows}{footer}</tbody></table></body></html>"
    )


def millions(usd: float | None) -> str:
    """A cell of Farside's."""
    if usd is None:
        return "-"
    text = f"{abs(usd) / 1e6:,.1f}"
    return f'<span class="redFont">({text})</span>' if usd < 0 else text


def _session(day: date, funds: Funds, tickers: list[str]) -> str:
    texts = [f"{day:%d %b %Y}", *(millions(funds.get(ticker)) for ticker in tickers), millions(total(funds))]
    # As on the page, not every row is closed.
    return "<tr>" + "".join(_cell("td", text) for text in texts)


def _cell(tag: str, text: str) -> str:
    return f'<{tag}><div align="right"><span class="tabletext">  {text}</span></div></{tag}>'


def _metric(value: float, day: date) -> dict[str, str]:
    return {"value": f"{value:.16f}", "lastUpdateDate": day.isoformat(), "status": "1"}
