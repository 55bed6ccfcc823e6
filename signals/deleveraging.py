"""`deleveraging`: the rule by which a forced deleveraging is told from an ordinary fall.

Within 24 hours BTC fell from its high, and far more was traded than in the 24 hours before: positions are
being closed, not opened. Prices are those of Binance's spot BTC/USDT, its volume counts where another venue
shows it too (`signals.volume`). Open interest that did not shrink, or liquidations that were not of longs,
contradict it where they are known; where they are not, they hold up nothing, and `Signs.known` says what was.
"""

from dataclasses import dataclass

import numpy as np

from signals.bars import BarStream, bar_stream
from signals.facts import BINANCE_BTC
from signals.forced import interest_change, long_share
from signals.market import Market
from signals.moments import DAY_MS
from signals.rows import Bools, Floats, Ints
from signals.volume import volume_change

INSTRUMENT = BINANCE_BTC
"""Whose prices are judged: the deepest spot market."""

CRITERIA = ("price", "volume", "open_interest", "liquidation_side")
"""What a forced deleveraging shows in."""


@dataclass(frozen=True, slots=True)
class DeleveragingRules:
    """The thresholds; the defaults are the design's."""

    fall: float = 0.04
    """How far below the high of the 24 hours before, as a share."""
    volume: float = 0.8
    """How much more is traded than in the 24 hours before, as a share."""
    interest_fall: float = 0.03
    """How much open interest has to shrink in 24 hours, as a share, where it is known."""
    long_share: float = 0.75
    """Which share of what was liquidated in 24 hours has to be long, where that is known."""
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
    volume_venues: Ints
    """How many venues that could be told by."""
    forced: Bools
    """The rule holds."""
    high_row: Ints
    """The row in `bars` of the highest bar before; -1 where it was not looked for."""
    interest_change: Floats
    """Open interest against 24 hours before, as a share; looked at only where price and volume tell of it."""
    long_share: Floats
    """Of what was liquidated in 24 hours the longs' share; looked at only there too."""

    def known(self, row: int) -> tuple[str, ...]:
        """Which of `CRITERIA` were known at a row, counted from `first`."""
        others = {"open_interest": self.interest_change[row], "liquidation_side": self.long_share[row]}
        return ("price", "volume", *(name for name, value in others.items() if not np.isnan(value)))


def read_signs(market: Market, after_ms: int, until_ms: int, rules: DeleveragingRules) -> Signs:
    """The signs of each bar that closed after one moment and was known by another."""
    bars = bar_stream(market, INSTRUMENT, after_ms - 2 * DAY_MS, until_ms)
    first = int(np.searchsorted(bars.at_ms, after_ms, side="right"))
    change, venues = volume_change(market, bars, first, rules.volume, rules.coverage)
    fall, high_row = np.full(len(change), np.nan), np.full(len(change), -1, np.int64)
    for row in np.flatnonzero(change >= rules.volume).tolist():
        high_row[row], fall[row] = fall_before(bars, first + row)
    forced = fall >= rules.fall
    interest, longs = np.full(len(change), np.nan), np.full(len(change), np.nan)
    for row in np.flatnonzero(forced).tolist():
        at_ms = int(bars.at_ms[first + row])
        interest[row] = _or_nan(interest_change(market, at_ms))
        longs[row] = _or_nan(long_share(market, at_ms))
    # A comparison with what is not known is false: it contradicts nothing.
    forced &= ~(interest > -rules.interest_fall) & ~(longs < rules.long_share)
    return Signs(bars, first, fall, change, venues, forced, high_row, interest, longs)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def fall_before(bars: BarStream, row: int) -> tuple[int, float]:
    """The highest bar of the 24 hours before a bar, and how far this bar's low is below it.

    Only bars before count: within one bar nobody knows whether high or low came first.
    """
    start = int(np.searchsorted(bars.at_ms, bars.at_ms[row] - DAY_MS, side="right"))
    if start == row:
        return -1, float("nan")
    high_row = start + int(bars.high[start:row].argmax())
    return high_row, float(1 - bars.low[row] / bars.high[high_row])
