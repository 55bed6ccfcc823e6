"""Volume: how much more of BTC was traded in 24 hours than in those before, as several venues tell.

No venue is believed alone where another one is known: volume is a number that any venue can make up. What
Binance says counts where one of the others shows a good part of it, and what two others show counts without
it. In each fall of the recorded weeks Coinbase's volume rose too, by half of the threshold or more.
"""

from typing import NamedTuple

import numpy as np

from signals.bars import BarStream, bar_stream, sums
from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.moments import DAY_MS
from signals.quorum import VENUES_OF
from signals.rows import Floats, Ints

CONFIRMS = 0.5
"""The share of the threshold that another venue has to show, for its own crowd is another one."""
_OTHERS = tuple(venue for venue in VENUES_OF["BTC"] if venue != BINANCE_BTC)
_TWO = 2


class VolumeChange(NamedTuple):
    """Columns, one row a moment: the change that is believed, as a share, and how many venues were known.

    1.03 is 103 % more than in the 24 hours before; NaN where no venue has bars enough to say.
    """

    change: Floats
    venues: Ints


def volume_change(market: Market, bars: BarStream, first: int, rise: float, coverage: float) -> VolumeChange:
    """The change at each of Binance's bars from the row `first` on.

    `rise`: the threshold above which it matters who says it. `coverage`: the share of both days that needs
    bars.
    """
    at_ms = bars.at_ms[first:]
    own = change_of(bars, at_ms, coverage)
    if not len(at_ms):
        return VolumeChange(own, np.array((), np.int64))
    span = int(at_ms[0]) - 2 * DAY_MS, int(at_ms[-1])
    others = np.stack([change_of(bar_stream(market, venue, *span), at_ms, coverage) for venue in _OTHERS])
    known = (~np.isnan(others)).sum(axis=0)
    most, least = np.fmax.reduce(others), np.fmin.reduce(others)
    confirmed = (own >= rise) & ((known == 0) | (most >= rise * CONFIRMS))
    outvoted = (least >= rise) & ((known >= _TWO) | np.isnan(own))
    # A rise that nobody else shows is not shown either: what the others saw is.
    lone = np.where((own >= rise) & ~confirmed, most, own)
    change = np.where(confirmed, own, np.where(outvoted | np.isnan(own), least, lone))
    return VolumeChange(change, known + ~np.isnan(own))


def change_of(bars: BarStream, at_ms: Ints, coverage: float) -> Floats:
    """What one venue's bars say at each moment."""
    now, day, before = (bars.rows_after(at_ms - back) for back in (0, DAY_MS, 2 * DAY_MS))
    told = np.concatenate(([0], bars.step_ms.cumsum()))
    today, yesterday = told[now] - told[day], told[day] - told[before]
    enough = np.minimum(today, yesterday) >= coverage * DAY_MS
    traded, traded_before = sums(bars.volume, day, now), sums(bars.volume, before, day)
    change = np.full(len(at_ms), np.nan)
    enough &= traded_before > 0
    rate, rate_before = traded[enough] / today[enough], traded_before[enough] / yesterday[enough]
    change[enough] = rate / rate_before - 1
    return change
