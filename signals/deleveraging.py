"""`deleveraging`: the rule by which a forced deleveraging is told from an ordinary fall.

Within 24 hours BTC fell from its high, and far more was traded than in the 24 hours before: positions are
being closed, not opened. Price and volume are those of Binance's spot BTC/USDT. Open interest and the side of
the liquidations would tell more; nothing collects them yet, and `KNOWN` says what is.
"""

from dataclasses import dataclass

import numpy as np

from signals.bars import BarStream, bar_stream, sums
from signals.market import BINANCE_BTC, Market
from signals.moments import DAY_MS
from signals.rows import Bools, Floats, Ints

INSTRUMENT = BINANCE_BTC
"""Whose price and volume are judged: the deepest spot market."""

CRITERIA = ("price", "volume", "open_interest", "liquidation_side")
"""What a forced deleveraging shows in."""

KNOWN = ("price", "volume")
"""What of it is known here."""


@dataclass(frozen=True, slots=True)
class DeleveragingRules:
    """The thresholds; the defaults are the design's."""

    fall: float = 0.04
    """How far below the high of the 24 hours before, as a share."""
    volume: float = 0.8
    """How much more is traded than in the 24 hours before, as a share."""
    coverage: float = 0.9
    """The share of each 24 hours that needs bars; volumes are compared for the time that has them."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the 24 hours of each bar show: columns, one row a bar. NaN where there are too few bars to say."""

    bars: BarStream
    """All bars that were looked at; the first `first` of them only lie in a window."""
    first: int
    fall: Floats
    """How far its low is below the highest bar before, as a share; looked at only where volume is high."""
    volume_change: Floats
    """Volume against the 24 hours before, as a share: 1.03 is 103 % more."""
    forced: Bools
    """The rule holds."""
    high_row: Ints
    """The row in `bars` of the highest bar before; -1 where it was not looked for."""


def read_signs(market: Market, after_ms: int, until_ms: int, rules: DeleveragingRules) -> Signs:
    """The signs of each bar that closed after one moment and was known by another."""
    bars = bar_stream(market, INSTRUMENT, after_ms - 2 * DAY_MS, until_ms)
    first = int(np.searchsorted(bars.at_ms, after_ms, side="right"))
    change = _volume_change(bars, first, rules.coverage)
    fall, high_row = np.full(len(change), np.nan), np.full(len(change), -1, np.int64)
    for row in np.flatnonzero(change >= rules.volume).tolist():
        high_row[row], fall[row] = fall_before(bars, first + row)
    return Signs(bars, first, fall, change, fall >= rules.fall, high_row)


def _volume_change(bars: BarStream, first: int, coverage: float) -> Floats:
    at = bars.at_ms[first:]
    now = np.arange(first + 1, len(bars) + 1)
    day, before = bars.rows_after(at - DAY_MS), bars.rows_after(at - 2 * DAY_MS)
    told = np.concatenate(([0], bars.step_ms.cumsum()))
    today, yesterday = told[now] - told[day], told[day] - told[before]
    enough = np.minimum(today, yesterday) >= coverage * DAY_MS
    traded, traded_before = sums(bars.volume, day, now), sums(bars.volume, before, day)
    change = np.full(len(at), np.nan)
    enough &= traded_before > 0
    rate, rate_before = traded[enough] / today[enough], traded_before[enough] / yesterday[enough]
    change[enough] = rate / rate_before - 1
    return change


def fall_before(bars: BarStream, row: int) -> tuple[int, float]:
    """The highest bar of the 24 hours before a bar, and how far this bar's low is below it.

    Only bars before count: within one bar nobody knows whether high or low came first.
    """
    start = int(np.searchsorted(bars.at_ms, bars.at_ms[row] - DAY_MS, side="right"))
    if start == row:
        return -1, float("nan")
    high_row = start + int(bars.high[start:row].argmax())
    return high_row, float(1 - bars.low[row] / bars.high[high_row])
