"""History files: CSV in, facts out, all of a file or nothing.

    lines of text -> rows -> facts, each checked -> one transaction

A file is refused whole at its first bad row, by line number and with what is wrong, so that it can be
mended and imported again; importing the same file twice changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from bot.history.cells import CellError, check_aligned, is_number, to_date, to_moment, to_number
from bot.history.rows import Advance, HistoryError, Row, read_lines, read_rows
from signals.calendar import session_on
from signals.etf_final import known_as_history
from signals.facts import Candle, EtfFlow, Fact, Funding, Instrument
from storage.database import Database
from storage.market import save_facts

SOURCE = "import"

_CANDLE = ("time", "open", "high", "low", "close", "volume")
_FLOW = ("session", "total")
_FUNDING = ("time", "rate")

_DOLLARS_PER_MILLION = 1_000_000
_FUND_SUFFIX = "_musd"
_NO_FUND = ("total", "sum")

# Beyond these a number is right in another unit: dollars for millions of dollars, percent for a fraction.
_LARGEST_FLOW_MUSD = 100_000
_LARGEST_FUNDING_RATE = 0.1
_LEAST_PRICE, _MOST_PRICE = 1e-12, 1e12

_F = TypeVar("_F", bound=Fact)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many rows a file had, and how many of them told something new."""

    rows: int
    new: int


def parse_candles(lines: Iterable[str], instrument: Instrument, timeframe: timedelta) -> list[Candle]:
    """Candles of rows of opening time, open, high, low, close and volume; further columns are ignored.

    Raises:
        HistoryError: the first row that is no candle, or two candles that differ and open at the same time.
    """
    return _parse(
        lines, _CANDLE, lambda row: _candle(row, instrument, timeframe), lambda found: found.opened_at
    )


def parse_etf_flows(lines: Iterable[str], asset: str) -> list[EtfFlow]:
    """Flows of rows of session date and total in US$ millions; further columns are funds, by their headings.

    They are final, and known, at 13:30 UTC on the day after the session; when they really were, nobody wrote.

    Raises:
        HistoryError: the first row that is no flow, or two flows that differ and are of the same session.
    """
    return _parse(lines, _FLOW, lambda row: _flow(row, asset), lambda found: found.session)


def parse_funding(lines: Iterable[str], instrument: Instrument, interval: timedelta) -> list[Funding]:
    """Funding of rows of settlement time and rate as a fraction per interval; further columns are ignored.

    Raises:
        HistoryError: the first row that is no funding, or two rates that differ and settle at the same time.
    """
    return _parse(lines, _FUNDING, lambda row: _funding(row, instrument, interval), lambda found: found.at)


def import_candles(
    db: Database, path: Path, instrument: Instrument, timeframe: timedelta, advance: Advance | None = None
) -> ImportResult:
    """Take in a file of candles.

    Raises:
        HistoryError: the file cannot be read, or has a bad row; nothing of it is stored.
        StorageError: the database cannot be written; nothing of the file is stored.
    """
    return _save(db, parse_candles(read_lines(path, advance), instrument, timeframe))


def import_etf_flows(db: Database, path: Path, asset: str, advance: Advance | None = None) -> ImportResult:
    """Take in a file of ETF flows. Raises as `import_candles` does."""
    return _save(db, parse_etf_flows(read_lines(path, advance), asset))


def import_funding(
    db: Database, path: Path, instrument: Instrument, interval: timedelta, advance: Advance | None = None
) -> ImportResult:
    """Take in a file of funding rates. Raises as `import_candles` does."""
    return _save(db, parse_funding(read_lines(path, advance), instrument, interval))


def _save(db: Database, facts: Sequence[Fact]) -> ImportResult:
    return ImportResult(rows=len(facts), new=save_facts(db, facts))


def _parse(
    lines: Iterable[str], columns: Sequence[str], read: Callable[[Row], _F], moment: Callable[[_F], date]
) -> list[_F]:
    """One fact a moment; the same row again is passed over."""
    found: dict[date, tuple[int, _F]] = {}
    for row in read_rows(lines, columns):
        try:
            fact = read(row)
        except CellError as error:
            raise HistoryError(str(error), row.line) from None
        first_line, first = found.setdefault(moment(fact), (row.line, fact))
        if fact != first:
            raise HistoryError(f"line {first_line} says something else about the same time", row.line)
    if not found:
        raise HistoryError("there are no rows in the file")
    return [fact for _, fact in found.values()]


def _candle(row: Row, instrument: Instrument, timeframe: timedelta) -> Candle:
    opened_at = to_moment(row.cells[0])
    check_aligned(opened_at, timeframe)
    opened, high, low, closed, volume = (
        to_number(name, cell) for name, cell in zip(_CANDLE[1:], row.cells[1:], strict=False)
    )
    _check_prices(opened, high, low, closed)
    if volume < 0:
        raise CellError(f"volume is negative: {volume:.15g}")
    return Candle(instrument, timeframe, opened_at, opened, high, low, closed, volume)


def _check_prices(opened: float, high: float, low: float, closed: float) -> None:
    if low > high:
        raise CellError(f"low {low:.15g} is above high {high:.15g}")
    if low <= 0:
        raise CellError(f"low is not above zero: {low:.15g}")
    if low < _LEAST_PRICE or high > _MOST_PRICE:
        # The ratio of two such prices would be no number any more.
        raise CellError(f"prices from {low:.15g} to {high:.15g} are of no market")
    for name, price in (("open", opened), ("close", closed)):
        if price > high:
            raise CellError(f"{name} {price:.15g} is above high {high:.15g}")
        if price < low:
            raise CellError(f"{name} {price:.15g} is below low {low:.15g}")


def _flow(row: Row, asset: str) -> EtfFlow:
    session = to_date(row.cells[0])
    if session_on(session) is None:
        raise CellError(f"{session} is no US session: the exchange was closed")
    total_musd = to_number("total", row.cells[1])
    if abs(total_musd) > _LARGEST_FLOW_MUSD:
        raise CellError(f"total is not in millions of dollars: {row.cells[1].strip()}")
    known_at = known_as_history(session)
    return EtfFlow(
        asset, session, SOURCE, _dollars(total_musd), known_at, final_at=known_at, funds_usd=_funds(row)
    )


def _funds(row: Row) -> dict[str, float]:
    """What single funds did, where it is there: evidence for people, no rule rests on it."""
    named = zip(row.headings[2:], row.cells[2:], strict=False)
    return {
        name: _dollars(float(cell.strip()))
        for heading, cell in named
        if is_number(cell) and (name := heading.strip().removesuffix(_FUND_SUFFIX)) and _is_fund(name)
    }


def _is_fund(name: str) -> bool:
    """Not a total, nor another column that somebody worked out."""
    return "_" not in name and not name.casefold().startswith(_NO_FUND)


def _dollars(musd: float) -> float:
    # To the cent: 259.9 millions are 259,900,000 dollars, not 259,899,999.99999997.
    return round(musd * _DOLLARS_PER_MILLION, 2)


def _funding(row: Row, instrument: Instrument, interval: timedelta) -> Funding:
    rate = to_number("rate", row.cells[1])
    if abs(rate) > _LARGEST_FUNDING_RATE:
        raise CellError(
            f"rate is not a fraction per interval, such as 0.0001 for 0.01 %: {row.cells[1].strip()}"
        )
    return Funding(instrument, to_moment(row.cells[0]), rate, interval)
