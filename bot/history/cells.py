"""One cell of a history file to one value, or a sentence that says what is wrong with it."""

import math
import re
from datetime import UTC, date, datetime, timedelta

from signals.moments import from_ms, next_open, to_ms

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf(inity)?)", re.IGNORECASE)
_LIKE_A_TIME = re.compile(r"[+-]?\d", re.ASCII)

_EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)  # the first block
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_OTHER_CLOCKS = {"seconds": 1_000.0, "microseconds": 1 / 1_000, "nanoseconds": 1 / 1_000_000}
_LONGEST_SHOWN = 40


class CellError(ValueError):
    """What is wrong with a cell, as a sentence."""


def quoted(cell: str) -> str:
    """A cell as it can stand in a one-line message, however long and whatever is in it."""
    shown = cell if len(cell) <= _LONGEST_SHOWN else f"{cell[: _LONGEST_SHOWN - 1]}…"
    return '"' + "".join(c if c.isprintable() else "�" for c in shown) + '"'


def is_heading(cells: list[str]) -> bool:
    """Whether a row names columns: it does not begin like a time, and nothing in it is a number."""
    return not _LIKE_A_TIME.match(cells[0].strip()) and not any(
        _NUMBER.fullmatch(cell) or _NOT_FINITE.fullmatch(cell) for cell in map(str.strip, cells)
    )


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number."""
    return bool(_NUMBER.fullmatch(cell.strip())) and math.isfinite(float(cell.strip()))


def to_number(name: str, cell: str) -> float:
    """A finite number.

    Raises:
        CellError: it is none; digits of other scripts, underscores, NaN and infinity are none either.
    """
    if not is_number(cell):
        raise CellError(f"{name} is not a number: {quoted(cell)}")
    return float(cell.strip())


def to_moment(cell: str) -> datetime:
    """A moment from ISO-8601 in UTC, or from milliseconds since the Unix epoch.

    Raises:
        CellError: it is neither, or is not said to be UTC, or lies before 2009 or after 2099.
    """
    text = cell.strip()
    return _from_epoch(text) if _INTEGER.fullmatch(text) else _from_iso(text)


def to_date(cell: str) -> date:
    """A date written as YYYY-MM-DD.

    Raises:
        CellError: it is none.
    """
    text = cell.strip()
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CellError(f"the session is not a date such as 2025-11-03: {quoted(cell)}")


def check_aligned(opened_at: datetime, timeframe: timedelta) -> None:
    """A bar opens at a multiple of its timeframe.

    Raises:
        CellError: this one does not.
    """
    if next_open(opened_at, timeframe) != opened_at:
        raise CellError(f"the time {opened_at:%Y-%m-%d %H:%M:%S} is not a multiple of the timeframe")


def _from_epoch(text: str) -> datetime:
    number = int(text) if len(text) <= _LONGEST_SHOWN else 0
    if to_ms(_EARLIEST) <= number < to_ms(_LATEST):
        return from_ms(number)
    for unit, factor in _OTHER_CLOCKS.items():
        if to_ms(_EARLIEST) <= number * factor < to_ms(_LATEST):
            raise CellError(f"the time is in {unit}, write milliseconds or ISO-8601 in UTC: {quoted(text)}")
    raise CellError(f"the time is not in milliseconds since 1970, nor ISO-8601 in UTC: {quoted(text)}")


def _from_iso(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CellError(
            f"the time is not ISO-8601 such as 2025-11-03T14:30:00Z, nor milliseconds: {quoted(text)}"
        ) from None
    if moment.tzinfo is None:
        raise CellError(f"the time has no time zone, write a Z for UTC: {quoted(text)}")
    if moment.utcoffset():
        raise CellError(f"the time is not in UTC: {quoted(text)}")
    if not _EARLIEST <= moment < _LATEST:
        raise CellError(f"the time is before 2009 or after 2099: {quoted(text)}")
    return moment.astimezone(UTC)
