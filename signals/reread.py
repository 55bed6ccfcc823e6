"""A market that is read anew while facts come in: the new one, and what came meanwhile.

Whoever reads is some facts behind when it is done. What has come to the market that was in use until then is
all that is missing: it is told by comparing that market with itself, as it was when reading began.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from signals.gauges import Series
from signals.market import Market, Track
from signals.rows import Rows

_K = TypeVar("_K", Track, Series)
_R = TypeVar("_R", bound=Rows)
_F = TypeVar("_F")


def caught_up(read: Market, before: Market, now: Market) -> Market:
    """The market that was read, with what came between `before` and `now`; at one moment what came counts."""
    assets = {**read.flows, **now.flows}
    return Market(
        _with_rows(read.prices, before.prices, now.prices),
        {a: _with_facts(*(some.flows.get(a, ()) for some in (read, before, now))) for a in assets},
        _with_rows(read.bars, before.bars, now.bars),
        _with_facts(read.levels, before.levels, now.levels),
        _with_rows(read.gauges, before.gauges, now.gauges),
        _with_facts(read.notices, before.notices, now.notices),
    )


def _with_facts(read: Sequence[_F], before: Sequence[_F], now: Sequence[_F]) -> tuple[_F, ...]:
    """Those that are the very same were there before; of the few others some may have been read."""
    known = set(map(id, before))
    came = [fact for fact in now if id(fact) not in known]
    return (*read, *(fact for fact in came if fact not in read))


def _with_rows(read: Mapping[_K, _R], before: Mapping[_K, _R], now: Mapping[_K, _R]) -> dict[_K, _R]:
    # Facts that come leave all rows of other tracks the very same.
    turned = {key: rows for key, rows in now.items() if rows is not before.get(key)}
    came = {key: _new_rows(before[key], rows) if key in before else rows for key, rows in turned.items()}
    joined = {key: read[key].joined(rows) if key in read else rows for key, rows in came.items() if len(rows)}
    return {**read, **joined}


def _new_rows(before: _R, now: _R) -> _R:
    """The rows that were not there before, or said something else."""
    if not len(before):
        return now
    place = before.at_ms.searchsorted(now.at_ms).clip(max=len(before) - 1)
    columns = zip(before.columns(), now.columns(), strict=True)
    return now.rows(~np.logical_and.reduce([old[place] == new for old, new in columns]))
