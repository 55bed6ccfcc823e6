"""Two prices of the same moment, side by side: what the premium and ETH/BTC are both made of.

The finest step that both tracks have is used; a coarser bar is built from finer ones only where all of them
are there. Every pair says how long it stands for, so that an hour is never counted twice when steps mix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from signals.facts import Instrument
from signals.market import NO_PRICES, QUOTES, Market, Prices
from signals.moments import MINUTE_MS, SECOND_MS, length_ms
from signals.rows import Floats, Ints

BARS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""The steps at which history is paired."""

SAME_MOMENT_MS = 2 * SECOND_MS
"""Two live quotes further apart than this are not of the same moment (crypto moves within seconds)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Columns, one row a moment, strictly ascending in `at_ms` and ascending in `known_ms`."""

    at_ms: Ints
    known_ms: Ints
    step_ms: Ints
    a: Floats
    b: Floats

    def __len__(self) -> int:
        return len(self.at_ms)

    @property
    def ratio(self) -> Floats:
        """The first price over the second."""
        return self.a / self.b

    def rows(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Some of the rows."""
        at, known, step, a, b = self.columns()
        return type(self)(at[rows], known[rows], step[rows], a[rows], b[rows])

    def columns(self) -> tuple[Ints, Ints, Ints, Floats, Floats]:
        """The five columns."""
        return self.at_ms, self.known_ms, self.step_ms, self.a, self.b


def pairs(market: Market, a: Instrument, b: Instrument) -> Pairs:
    """The one stream of pairs of two instruments, in the order in which they became known."""
    return _in_order(_joined([_live(market, a, b), *_bars(market, a, b)]))


def prices_of(market: Market, instrument: Instrument) -> Prices:
    """The one stream of prices of an instrument, in the order of `pairs`: its pairs with itself."""
    own = pairs(market, instrument, instrument)
    return Prices(own.at_ms, own.known_ms, own.a)


def known_bars(market: Market, instrument: Instrument, step: timedelta) -> Prices:
    """The closes of one step: the venue's own bars, and those that its finer bars make up completely."""
    bars = market.track(instrument, step)
    for finer in market.steps(instrument):
        if QUOTES < finer < step and step % finer == timedelta(0):
            bars = _built(market.track(instrument, finer), finer, step).joined(bars)
    return bars


def _built(finer: Prices, fine: timedelta, step: timedelta) -> Prices:
    fine_ms, coarse_ms = length_ms(fine), length_ms(step)
    needed = coarse_ms // fine_ms
    closes = finer.at_ms % coarse_ms == 0
    last = np.flatnonzero(closes)
    last = last[last >= needed - 1]
    # Rows are distinct and ascending: if the row `needed - 1` places back is exactly that far away in
    # time, every bar between is there.
    whole = finer.at_ms[last] - finer.at_ms[last - needed + 1] == coarse_ms - fine_ms
    return finer.rows(last[whole])


def _live(market: Market, a: Instrument, b: Instrument) -> Pairs:
    """One sample a minute: the newest pair of quotes of one moment that is known when the minute ends."""
    left = market.track(a).as_known()
    right = left if a == b else market.track(b).as_known()
    if not len(left) or not len(right):
        return NO_PAIRS
    left_row, right_row, known = _met(left, right)
    apart = np.abs(left.at_ms[left_row] - right.at_ms[right_row])
    live = (apart <= SAME_MOMENT_MS) & (known - left.at_ms[left_row] < MINUTE_MS)
    minute = -(-known[live] // MINUTE_MS) * MINUTE_MS
    last = np.append(np.diff(minute) > 0, True)[: len(minute)]
    left, right, minute = left.rows(left_row[live][last]), right.rows(right_row[live][last]), minute[last]
    return Pairs(minute, minute, np.full(len(minute), MINUTE_MS, np.int64), left.price, right.price)


def _met(left: Prices, right: Prices) -> tuple[Ints, Ints, Ints]:
    """Each time either side becomes known, the newest known row of both: rows left and right, known_ms."""
    # A stable sort merges two ascending runs in one pass; counting along it says how far each side has come.
    every = np.concatenate((left.known_ms, right.known_ms))
    order = np.argsort(every, kind="stable")
    known, is_left = every[order], order < len(left)
    left_row, right_row = np.cumsum(is_left) - 1, np.cumsum(~is_left) - 1
    last = np.append(known[1:] != known[:-1], True)
    both = last & (left_row >= 0) & (right_row >= 0)
    return left_row[both], right_row[both], known[both]


def _bars(market: Market, a: Instrument, b: Instrument) -> Iterator[Pairs]:
    finer = NO_PAIRS
    for step in BARS:
        left = known_bars(market, a, step)
        right = left if a == b else known_bars(market, b, step)
        of_step = _side_by_side(left, right, length_ms(step))
        yield _not_told(of_step, finer)
        finer = of_step


def _side_by_side(left: Prices, right: Prices, step_ms: int) -> Pairs:
    """The bars of the moments that both have."""
    if len(left) == len(right) and np.array_equal(left.at_ms, right.at_ms):
        both = left, right
    else:
        _, i, j = np.intersect1d(left.at_ms, right.at_ms, assume_unique=True, return_indices=True)
        both = left.rows(i), right.rows(j)
    a, b = both
    known = np.maximum(a.known_ms, b.known_ms)
    return Pairs(a.at_ms, known, np.full(len(a), step_ms, np.int64), a.price, b.price)


def _not_told(coarse: Pairs, finer: Pairs) -> Pairs:
    """Without pairs whose moment a finer one had told: they would be sorted in only to be passed over."""
    if not len(finer):
        return coarse
    row = np.searchsorted(finer.at_ms, coarse.at_ms).clip(max=len(finer) - 1)
    told = (finer.at_ms[row] == coarse.at_ms) & (finer.known_ms[row] <= coarse.known_ms)
    return coarse.rows(~told)


def _joined(parts: list[Pairs]) -> Pairs:
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:  # noqa: PLR2004
        return filled[0] if filled else NO_PAIRS
    at, known, step, a, b = zip(*(part.columns() for part in filled), strict=True)
    every = Pairs(*map(np.concatenate, (at, known, step)), *map(np.concatenate, (a, b)))
    return every.rows(np.lexsort((every.at_ms, every.step_ms, every.known_ms)))


def _in_order(every: Pairs) -> Pairs:
    """Without pairs older than one already known; each stands for its step, at most since the last."""
    if not len(every):
        return every
    newest = np.maximum.accumulate(every.at_ms)
    kept = every.rows(np.append(True, every.at_ms[1:] > newest[:-1]))
    since_last = np.diff(kept.at_ms, prepend=kept.at_ms[0] - kept.step_ms[0])
    return Pairs(kept.at_ms, kept.known_ms, np.minimum(kept.step_ms, since_last), kept.a, kept.b)


NO_PAIRS = Pairs(
    NO_PRICES.at_ms, NO_PRICES.known_ms, np.array((), np.int64), NO_PRICES.price, NO_PRICES.price
)
