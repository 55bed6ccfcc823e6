"""What stands beside prices, each as one curve over the verdict: open interest, funding, liquidations, depth.

A sum over venues is drawn only where all of those are there that are there at its end: else a venue that
comes or goes would look like a move.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from bot.charts.curves import curve
from bot.charts.drawing import draw_last, draw_line
from bot.charts.frame import Frame
from bot.charts.scene import Scene
from bot.charts.strip import draw_strip
from signals.gauges import Gauges, Measure
from signals.leverage import VENUES, funding_along, interest_along, mean_along
from signals.liquidations import ALL
from signals.liquidations import VENUES as HEARD
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, length_ms
from signals.rows import Floats, Ints
from signals.thin_book import VENUES as BOOKS

_BN, _M, _PERCENT = 1e-9, 1e-6, 100.0
_STALE_MS = length_ms(timedelta(minutes=90))


class Beside(NamedTuple):
    """What is drawn of a subject: its samples, the digits of its marks, and what they are multiplied by."""

    samples: Callable[[Market], tuple[Ints, Floats]]
    digits: int
    scale: float


def paint(subject: str, scene: Scene) -> bytes:
    """The picture."""
    told = BESIDE[subject]
    frame = Frame(scene)
    at_ms, value = told.samples(scene.market)
    steps = np.full(len(at_ms), HOUR_MS // 2, np.int64)
    drawn = curve(at_ms, steps, value * told.scale, scene.since_ms, scene.until_ms)
    if not len(drawn):
        frame.say(scene.words.no_data)
        return frame.png()
    plot, strip = frame.plot_over_strip()
    number = partial(scene.words.number, digits=told.digits)
    frame.mark_values(plot, drawn.low_end, drawn.high_end, number)
    draw_line(plot, drawn, frame.theme.line)
    draw_last(frame, plot, drawn.last, number(drawn.last[1]), frame.theme.line)
    draw_strip(frame, strip, "verdict")
    return frame.png()


def open_interest(market: Market) -> tuple[Ints, Floats]:
    """BTC's, in dollars of one side, over the venues."""
    return _together(market, VENUES, "BTC", Measure.OPEN_INTEREST_USD, np.sum)


def funding(market: Market) -> tuple[Ints, Floats]:
    """BTC's, the mean over the venues as `/leverage` tells it, as a fraction per eight hours.

    It is of the venues that are there at its end, and weighted by open interest all along or nowhere, as
    there: to go from one mean to another would look like a move.
    """
    there = [rows.known_ms for venue in VENUES if len(rows := market.gauge(venue, "BTC", Measure.FUNDING_8H))]
    if not there:
        return np.array((), np.int64), np.array(())
    at_ms = np.unique(np.concatenate(there))
    interest, rates = interest_along(market, "BTC", at_ms), funding_along(market, "BTC", at_ms)
    rates[np.isnan(rates[:, -1])] = np.nan
    means = mean_along(interest, rates)
    drawn = [
        (moment, mean.rate)
        for moment, mean in zip(at_ms.tolist(), means, strict=True)
        if mean and means[-1] and mean[1:] == means[-1][1:]
    ]
    return np.array([at for at, _ in drawn], np.int64), np.array([rate for _, rate in drawn])


def depth(market: Market) -> tuple[Ints, Floats]:
    """What stands within 1 %, in dollars, over the books that are seen so far."""
    return _together(market, BOOKS, "BTC", Measure.DEPTH_1PCT_USD, np.sum)


def liquidated(market: Market) -> tuple[Ints, Floats]:
    """What was liquidated in the 24 hours before each moment at which a venue was heard, in dollars."""
    heard = [market.gauge(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS) for venue in HEARD]
    at_ms = np.unique(np.concatenate([rows.at_ms for rows in heard]))
    total = np.zeros(len(at_ms))
    for venue in HEARD:
        for measure in (Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD):
            rows = market.gauge(venue, ALL, measure)
            so_far = np.concatenate(([0.0], rows.value.cumsum()))
            ends = rows.at_ms.searchsorted(at_ms, "right")
            begins = rows.at_ms.searchsorted(at_ms - DAY_MS, "right")
            total += so_far[ends] - so_far[begins]
    return at_ms, total


def _together(
    market: Market, venues: Sequence[str], subject: str, measure: Measure, join: Callable[..., Floats]
) -> tuple[Ints, Floats]:
    """One value at each moment at which all venues are known that are at the end."""
    there = [rows for venue in venues if len(rows := market.gauge(venue, subject, measure))]
    if not there:
        return np.array((), np.int64), np.array(())
    newest_ms = max(int(rows.at_ms[-1]) for rows in there)
    present = [rows for rows in there if newest_ms - rows.at_ms[-1] <= _STALE_MS]
    at_ms = np.unique(np.concatenate([rows.at_ms for rows in present]))
    values = np.stack([_at(rows, at_ms) for rows in present])
    known = ~np.isnan(values).any(axis=0)
    return at_ms[known], join(values[:, known], axis=0)


def _at(rows: Gauges, at_ms: Ints) -> Floats:
    """The newest value at each moment; NaN before the first one, and where it is long ago."""
    row = rows.at_ms.searchsorted(at_ms, "right") - 1
    fresh = (row >= 0) & (at_ms - rows.at_ms[row] <= 9 * HOUR_MS)
    return np.where(fresh, rows.value[row], np.nan)


BESIDE: Mapping[str, Beside] = {
    "leverage": Beside(open_interest, 2, _BN),
    "funding": Beside(funding, 4, _PERCENT),
    "liquidations": Beside(liquidated, 0, _M),
    "depth": Beside(depth, 1, _M),
}
"""The subjects, by the words of `/chart`."""
