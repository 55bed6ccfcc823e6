"""ETF flows as values of rules: the last session whose number is final, and the run that it belongs to."""

from collections.abc import Callable, Sequence
from itertools import takewhile

import numpy as np

from signals.calendar import session_after
from signals.etf_flow import final_by, final_ms, settled_at
from signals.facts import EtfFlow
from signals.market import Market
from signals.moments import DAY_MS, to_ms
from signals.own.prices import Instruments
from signals.own.values import Values, lapsing, no_values

_MILLION = 1e6
_LOOK_BACK_MS = 7 * DAY_MS
"""The last session before any moment was final within so long, or is stale by then."""


def etf_values(market: Market, asset: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """The net flow of the last final session, in millions of dollars."""
    del find
    return _values(market, asset, since_ms, until_ms, lambda final: final[-1].total_usd / _MILLION)


def etf_streak_values(market: Market, asset: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """How many final sessions in a row had no outflow; negative: had one."""
    del find
    return _values(market, asset, since_ms, until_ms, _streak)


def _streak(final: Sequence[EtfFlow]) -> float:
    is_out = final[-1].total_usd < 0
    count = sum(1 for _ in takewhile(lambda flow: (flow.total_usd < 0) == is_out, reversed(final)))
    return float(-count if is_out else count)


def _values(
    market: Market, asset: str, since_ms: int, until_ms: int, of: Callable[[Sequence[EtfFlow]], float]
) -> Values:
    """A number stands until that of the next session is overdue."""
    flows = market.flows.get(asset, ())
    moments = sorted({ms for flow in flows if since_ms - _LOOK_BACK_MS < (ms := final_ms(flow)) <= until_ms})
    settled = settled_at(flows, moments)
    if not settled:
        return no_values()
    lasts = [final[-1] for final in settled.values()]
    known = np.array(moments, np.int64)
    closed = np.array([to_ms(final_by(last.session)) for last in lasts], np.int64)
    overdue = np.array([to_ms(final_by(session_after(last.session).day)) for last in lasts], np.int64)
    value = np.array([of(final) for final in settled.values()], np.float64)
    values = lapsing(np.minimum(closed, known), known, value, overdue - known - 1, until_ms)
    return values.between(since_ms, until_ms)
