"""What the Fed lends in repo operations, and SOFR, as values of rules."""

from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import DAY_MS
from signals.own.prices import Instruments
from signals.own.values import Values, lapsing
from signals.repo import FED, SOURCE, operations

_STANDS_MS = 5 * DAY_MS
"""Over a long weekend and a holiday."""


def sofr_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """SOFR in percent a year, from when it was published."""
    del subject, find
    return _values(market.gauge(SOURCE, FED, Measure.SOFR_PCT), since_ms, until_ms)


def repo_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """Dollars that the Fed lent in repo operations, the sum of the day so far."""
    del subject, find
    return _values(operations(market), since_ms, until_ms)


def _values(rows: Gauges, since_ms: int, until_ms: int) -> Values:
    rows = rows.since(since_ms - 2 * _STANDS_MS).known_by(until_ms).as_known()
    values = lapsing(rows.at_ms, rows.known_ms, rows.value, rows.at_ms + _STANDS_MS - rows.known_ms, until_ms)
    return values.between(since_ms, until_ms)
