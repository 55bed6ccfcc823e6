"""ETF flows from Farside's pages: a table of funds by session, in millions of dollars, typed by hand.

Its traps, each held by a test: the row of tickers names the columns, and they come and go; a dash is "not
reported", not zero; the total is the sum of the cells filled so far, and stands there before the last fund
has reported; holidays are rows of dashes; below the sessions stand totals and averages.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import NamedTuple

from signals.facts import EtfFlow
from signals.feeds.etf_flows import wanted
from signals.feeds.failure import malformed
from signals.feeds.http import Http

SOURCE = "farside"

_SHORT_PAGE = timedelta(days=10)
"""How far back the short page surely reaches."""
_SHORT = {"BTC": "https://farside.co.uk/btc/", "ETH": "https://farside.co.uk/eth/"}
_WHOLE = {
    "BTC": "https://farside.co.uk/bitcoin-etf-flow-all-data/",
    "ETH": "https://farside.co.uk/ethereum-etf-flow-all-data/",
}

_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
_TICKER = re.compile(r"[A-Z]{3,5}")
_AMOUNT = re.compile(r"\d[\d,]*(\.\d+)?")
_NOT_REPORTED = {"", "-"}
_TOTAL = {"", "Total"}
_MILLION = 1_000_000
_LOOK_BACK = 10
"""A fund that reported in so many rows before is waited for."""
_ROUNDING_USD_M = 0.15
"""What the total may differ from the sum of its funds by, in millions."""
_FEWEST_FUNDS = 2


class Row(NamedTuple):
    """One session as it stands on the page, in millions of dollars; None is not reported."""

    session: date
    funds: Mapping[str, float | None]
    total: float | None


async def fetch_flows(http: Http, asset: str, since: date) -> tuple[EtfFlow, ...]:
    """The complete flows of every session from `since` on.

    Raises:
        FeedError: whatever went wrong.
    """
    pages = _SHORT if http.context.clock().date() - since <= _SHORT_PAGE else _WHOLE
    page = await http.get_text(SOURCE, pages[asset])
    return complete_flows(read_page(page), asset, since, http.context.clock())


def complete_flows(rows: Sequence[Row], asset: str, since: date, known_at: datetime) -> tuple[EtfFlow, ...]:
    """The flows of those sessions that every fund has reported that is waited for.

    Raises:
        FeedError: no session adds up: a column of the table is not where we look for it.
    """
    if rows and not any(_adds_up(row) for row in rows):
        raise malformed(SOURCE, "no total is the sum of its funds")
    return tuple(
        _flow(row, asset, known_at)
        for index, row in enumerate(rows)
        if wanted(asset, row.session, since) and _is_complete(row, rows[max(0, index - _LOOK_BACK) : index])
    )


def read_page(page: str) -> list[Row]:
    """The sessions on a page, oldest first.

    Raises:
        FeedError: there is no such table, or its rows do not fit its heading.
    """
    table = _Table()
    table.feed(page)
    table.close()
    columns = _columns(table.rows)
    return sorted(_row(cells, columns) for cells in table.rows if cells and _DATE.fullmatch(cells[0]))


def _flow(row: Row, asset: str, known_at: datetime) -> EtfFlow:
    funds_usd = {ticker: round(flow * _MILLION) for ticker, flow in _reported(row).items()}
    total_usd = round((row.total or 0.0) * _MILLION)
    return EtfFlow(asset, row.session, SOURCE, total_usd, known_at, funds_usd=funds_usd)


def _is_complete(row: Row, before: Sequence[Row]) -> bool:
    awaited = {ticker for earlier in before for ticker in _reported(earlier)}
    reported = _reported(row)
    return bool(reported) and not awaited - reported.keys() and _adds_up(row)


def _adds_up(row: Row) -> bool:
    return row.total is not None and abs(row.total - sum(_reported(row).values())) <= _ROUNDING_USD_M


def _reported(row: Row) -> dict[str, float]:
    return {ticker: flow for ticker, flow in row.funds.items() if flow is not None}


def _columns(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The row of tickers: something over the dates, at least two tickers, nothing or `Total` at the end."""
    for cells in rows:
        tickers = cells[1:-1]
        if len(tickers) >= _FEWEST_FUNDS and all(_TICKER.fullmatch(cell) for cell in tickers):
            if cells[-1] not in _TOTAL or len(set(tickers)) < len(tickers):
                break
            return cells
    raise malformed(SOURCE, "no table of funds")


def _row(cells: Sequence[str], columns: Sequence[str]) -> Row:
    if len(cells) != len(columns):
        raise malformed(SOURCE, f"{cells[0]} has {len(cells)} cells under a heading of {len(columns)}")
    try:
        session = datetime.strptime(cells[0], "%d %b %Y").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise malformed(SOURCE, f"not a date: {cells[0]}") from error
    amounts = [_amount(cell) for cell in cells[1:]]
    return Row(session, dict(zip(columns[1:-1], amounts[:-1], strict=True)), amounts[-1])


def _amount(cell: str) -> float | None:
    """`1,119.9` is an inflow, `(44.5)` an outflow."""
    if cell in _NOT_REPORTED:
        return None
    outflow = cell.startswith("(") and cell.endswith(")")
    digits = cell[1:-1] if outflow else cell.removeprefix("-")
    if not _AMOUNT.fullmatch(digits):
        raise malformed(SOURCE, f"not an amount: {cell!r:.20}")
    amount = float(digits.replace(",", ""))
    return -amount if outflow or cell.startswith("-") else amount


class _Table(HTMLParser):
    """The cells of every table row, as text. Rows and cells that are not closed end where the next begins."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        self._in_cell = bool(self.rows) and (tag in ("td", "th") or (self._in_cell and tag != "tr"))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] = " ".join((self.rows[-1][-1] + data).split())
