"""One stream of bars of an instrument, out of tracks of several steps, and what windows over it hold."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from signals.facts import Instrument
from signals.market import NO_BARS, Bars, Market, Track
from signals.moments import length_ms
from signals.pairs import BARS
from signals.rows import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class BarStream:
    """Columns, one row a bar by the moment of its close, ascending; none overlap. Volume in the base coin."""

    at_ms: Ints
    step_ms: Ints
    high: Floats
    low: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.at_ms)

    def rows(self, rows: slice | Bools | NDArray[np.intp]) -> Self:
        """Some of the rows."""
        return type(self)(
            self.at_ms[rows], self.step_ms[rows], self.high[rows], self.low[rows], self.volume[rows]
        )

    def rows_after(self, moments_ms: Ints) -> NDArray[np.intp]:
        """The first row after each moment."""
        return np.searchsorted(self.at_ms, moments_ms, side="right")


def newest_bar(market: Market, instrument: Instrument) -> int | None:
    """The close of an instrument's newest bar, without a look at any other row."""
    tracks = (market.bars.get(Track(instrument, step), NO_BARS) for step in BARS)
    return max((int(rows.at_ms[-1]) for rows in tracks if len(rows)), default=None)


def bar_stream(market: Market, instrument: Instrument, after_ms: int, until_ms: int) -> BarStream:
    """The bars that closed after one moment and were known by another.

    The finest counts. A coarser bar is left out where finer ones tell a part of its time, even if not all of
    it: otherwise a bar that closes would take back what had been judged by the finer ones.
    """
    stream = _stream(NO_BARS, 0)
    for step in BARS:
        rows = market.bars.get(Track(instrument, step), NO_BARS).since(after_ms + 1).known_by(until_ms)
        stream = _with_coarser(stream, _stream(rows, length_ms(step)))
    return stream


def _stream(bars: Bars, step: int) -> BarStream:
    return BarStream(bars.at_ms, np.full(len(bars), step, np.int64), bars.high, bars.low, bars.volume)


def _with_coarser(finer: BarStream, coarser: BarStream) -> BarStream:
    inside = finer.rows_after(coarser.at_ms) - finer.rows_after(coarser.at_ms - coarser.step_ms)
    kept = coarser.rows(inside == 0)
    if not len(finer) or not len(kept):
        return finer if len(finer) else kept
    both = BarStream(
        np.concatenate((finer.at_ms, kept.at_ms)),
        np.concatenate((finer.step_ms, kept.step_ms)),
        np.concatenate((finer.high, kept.high)),
        np.concatenate((finer.low, kept.low)),
        np.concatenate((finer.volume, kept.volume)),
    )
    return both.rows(np.argsort(both.at_ms, kind="stable"))


def sums(column: Floats, first: NDArray[np.intp], last: NDArray[np.intp]) -> Floats:
    """The sum of `column[first:last]` for each pair; ascending both.

    Each is added up by itself: with a running sum the same bars would come to another number, in the last
    digits, from another beginning.
    """
    if not len(first):
        return np.array((), np.float64)
    edges = np.stack((first, last), axis=1).ravel()
    added = np.add.reduceat(np.append(column, 0.0), edges)[::2]
    return np.where(first < last, added, 0.0)
