"""How deep the books of BTC are against their own week, as a value of rules."""

from bisect import bisect_left, insort

import numpy as np

from signals.gauges import Gauges
from signals.market import Market
from signals.moments import length_ms
from signals.own.prices import Instruments
from signals.own.values import Values, no_values
from signals.rows import Floats, Ints
from signals.session_report import PERCENT
from signals.thin_book import ThinBookRules, depths


def depth_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """The median over the venues of what stands within 1 % of the price, in percent of each one's week.

    A venue counts as in the warning about thin books: once it has been seen for two days, and for an hour.
    """
    del subject, find
    rules = ThinBookRules()
    stale_ms = length_ms(rules.stale_after)
    begin_ms = since_ms - stale_ms - length_ms(rules.window) - 1
    every = [rows.since(begin_ms).known_by(until_ms) for rows in depths(market).values()]
    every = [rows for rows in every if len(rows)]
    if not every:
        return no_values()
    turns = np.unique(np.concatenate([np.append(rows.known_ms, rows.known_ms + stale_ms) for rows in every]))
    moments = turns[(turns > since_ms) & (turns <= until_ms)]
    shares = np.stack([_held(rows, moments, rules) for rows in every])
    known = ~np.isnan(shares).all(axis=0)
    value = np.full(len(moments), np.nan)
    value[known] = np.round(np.nanmedian(shares[:, known], axis=0) * PERCENT, 6)
    return Values(moments, moments, value)


def _held(rows: Gauges, moments_ms: Ints, rules: ThinBookRules) -> Floats:
    """A venue's share at each moment; NaN before its first row and where the last one is too old."""
    row = rows.known_ms.searchsorted(moments_ms, "right") - 1
    fresh = (row >= 0) & (moments_ms - rows.known_ms[row] < length_ms(rules.stale_after))
    return np.where(fresh, _shares(rows, rules)[row], np.nan)


def _shares(rows: Gauges, rules: ThinBookRules) -> Floats:
    """Each row over the median of the week before it, as `signals.thin_book.usual_at` finds it."""
    shares = np.full(len(rows), np.nan)
    window_ms, seen_ms = length_ms(rules.window), length_ms(rules.seen_for)
    at, value = rows.at_ms.tolist(), rows.value.tolist()
    week: list[float] = []
    first = 0
    for row, at_ms in enumerate(at):
        while at[first] < at_ms - window_ms:
            del week[bisect_left(week, value[first])]
            first += 1
        if first < row and at_ms - at[first] >= seen_ms:
            middle = (week[(len(week) - 1) // 2] + week[len(week) // 2]) / 2
            shares[row] = value[row] / middle if middle > 0 else np.nan
        insort(week, value[row])
    return shares
