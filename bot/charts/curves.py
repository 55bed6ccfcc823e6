"""Curves out of samples: as many points as a picture can show, and a hole wherever samples are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from signals.facts import Instrument
from signals.market import NO_PRICES, QUOTES, Market
from signals.moments import MINUTE_MS, length_ms
from signals.rows import Floats, Ints

_POINTS = 700
"""About one for each pixel of the plot's width; more would only be smeared."""
_TOLERATED = 2.5
"""How many steps may lie between two samples of an unbroken curve."""
_OUTLIERS = 0.01
"""The share of points at either end that may fall out of sight."""
_AIR_FOR_OUTLIERS = 0.75
"""They stay in sight if they are no further out than this share of what the others span."""
_SHORTEST_GAP_MS = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Curve:
    """Columns for drawing. `value` is NaN in a hole; `low` and `high` span the samples behind a point."""

    at_ms: Floats
    value: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.at_ms)

    @property
    def last(self) -> tuple[float, float]:
        """The newest point. Raises IndexError where there is none."""
        return float(self.at_ms[-1]), float(self.value[-1])

    @property
    def low_end(self) -> float:
        """The lowest sample."""
        return float(np.nanmin(self.low))

    @property
    def high_end(self) -> float:
        """The highest sample."""
        return float(np.nanmax(self.high))

    def extremes(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The highest and the lowest sample, each at about its moment."""
        top, bottom = int(np.nanargmax(self.high)), int(np.nanargmin(self.low))
        highest = float(self.at_ms[top]), float(self.high[top])
        return highest, (float(self.at_ms[bottom]), float(self.low[bottom]))

    def sight(self) -> tuple[float, float]:
        """The range worth seeing: all of it, unless a few points far out would flatten the rest."""
        there = self.value[~np.isnan(self.value)]
        low, high = np.quantile(there, (_OUTLIERS, 1 - _OUTLIERS))
        air = (high - low) * _AIR_FOR_OUTLIERS
        return float(max(self.low_end, low - air)), float(min(self.high_end, high + air))

    def begins_above(self, value: float) -> bool:
        """Whether the first quarter of the points is rather above a value than below."""
        return bool(np.nanmean(self.value[: len(self) // 4 + 1]) > value)

    def lonely(self) -> Self:
        """The points with a hole on both sides, which no line would show."""
        there = np.concatenate(([False], ~np.isnan(self.value), [False]))
        alone = there[1:-1] & ~there[:-2] & ~there[2:]
        return type(self)(self.at_ms[alone], self.value[alone], self.low[alone], self.high[alone])


def curve(at_ms: Ints, step: Ints, value: Floats, since_ms: int, until_ms: int) -> Curve:
    """The samples of a stretch of time as a curve; `step` is how long each stands for, in milliseconds."""
    inside = slice(*np.searchsorted(at_ms, (since_ms, until_ms + 1)))
    at, steps, values = at_ms[inside], step[inside], value[inside]
    if len(at) > 2 * _POINTS:
        bin_ms = max((until_ms - since_ms) // _POINTS, 1)
        return _with_holes(*_thinned(at, steps, values, bin_ms))
    return _with_holes(at.astype(np.float64), steps, values, values, values)


def price_curve(market: Market, instruments: Iterable[Instrument], since_ms: int, until_ms: int) -> Curve:
    """The prices of the first of some instruments that has any in a stretch of time."""
    for instrument in instruments:
        drawn = curve(*_all_prices(market.since(since_ms), instrument), since_ms, until_ms)
        if len(drawn):
            return drawn
    return curve(*_all_prices(Market(), instrument), since_ms, until_ms)


def _all_prices(market: Market, instrument: Instrument) -> tuple[Ints, Ints, Floats]:
    """Every price of an instrument whatever its step, the finer one where two are of the same moment."""
    rows, steps = NO_PRICES, NO_PRICES
    for step in reversed(market.steps(instrument)):
        track = market.track(instrument, step)
        stands_ms = MINUTE_MS if step == QUOTES else length_ms(step)
        rows = rows.joined(track)
        # The same merge, with the step in the price's place.
        steps = steps.joined(type(track)(track.at_ms, track.known_ms, np.full(len(track), float(stands_ms))))
    return rows.at_ms, steps.price.astype(np.int64), rows.price


def _thinned(at: Ints, step: Ints, value: Floats, bin_ms: int) -> tuple[Floats, Ints, Floats, Floats, Floats]:
    """One point a bin, the mean of its samples, with their extremes; the newest sample stays as it is."""
    bins = at // bin_ms
    bins[-1] += 1
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    counts = np.diff(starts, append=len(at))
    return (
        np.add.reduceat(at.astype(np.float64), starts) / counts,
        np.maximum(np.maximum.reduceat(step, starts), bin_ms),
        np.add.reduceat(value, starts) / counts,
        np.minimum.reduceat(value, starts),
        np.maximum.reduceat(value, starts),
    )


def _with_holes(at: Floats, step: Ints, value: Floats, low: Floats, high: Floats) -> Curve:
    longest = np.maximum(step[1:], step[:-1]) * _TOLERATED
    holes = np.flatnonzero(np.diff(at) > np.maximum(longest, _SHORTEST_GAP_MS)) + 1
    middle = (at[holes] + at[holes - 1]) / 2
    return Curve(
        np.insert(at, holes, middle),
        np.insert(value, holes, np.nan),
        np.insert(low, holes, np.nan),
        np.insert(high, holes, np.nan),
    )
