"""Liquidations of 24 hours as values of rules: a lower bound, as far as three venues told."""

import numpy as np

from signals.gauges import Gauges, Measure
from signals.liquidations import ALL, VENUES, LiquidationRules
from signals.market import Market
from signals.moments import DAY_MS, length_ms
from signals.own.values import Values, lapsing, no_values
from signals.rows import Floats, Ints

_SIDES = {
    "long": (Measure.LIQUIDATED_LONG_USD,),
    "short": (Measure.LIQUIDATED_SHORT_USD,),
    "both": (Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD),
}


def liquidated_values(market: Market, subject: str, side: str, since_ms: int, until_ms: int) -> Values:
    """Dollars in the 24 hours before each moment at which a venue was heard; NaN after an hour of none."""
    stale_ms = length_ms(LiquidationRules().stale_after)
    heard = [market.gauge(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS) for venue in VENUES]
    parts = [rows.since(since_ms - DAY_MS).known_by(until_ms) for rows in heard]
    known = np.concatenate([rows.known_ms for rows in parts])
    if not len(known):
        return no_values()
    about = np.concatenate([rows.at_ms for rows in parts])
    order = np.lexsort((about, known))
    known, about = known[order], np.maximum.accumulate(about[order])
    moments = known[known > since_ms - 2 * stale_ms]
    if not len(moments):
        return no_values()
    total = np.sum(
        [
            _sums(market.gauge(venue, subject, measure), moments)
            for venue in VENUES
            for measure in _SIDES[side]
        ],
        axis=0,
    )
    about = about[len(about) - len(moments) :]
    values = lapsing(about, moments, np.round(total, 2), about + stale_ms - moments, until_ms)
    return values.between(since_ms, until_ms)


def _sums(rows: Gauges, moments_ms: Ints) -> Floats:
    """What lies in the day before each moment and was known by then: what has come in, less what has left."""
    rows = rows.since(int(moments_ms[0]) - DAY_MS)
    came = _added(rows.known_ms, rows.value, moments_ms)
    left = _added(np.maximum(rows.at_ms + DAY_MS, rows.known_ms), rows.value, moments_ms)
    return came - left


def _added(at_ms: Ints, value: Floats, moments_ms: Ints) -> Floats:
    order = at_ms.argsort(kind="stable")
    added = np.append(0.0, np.cumsum(value[order]))
    sums: Floats = added[at_ms[order].searchsorted(moments_ms, "right")]
    return sums
