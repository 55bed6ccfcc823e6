"""What the running bot stores on one day, made up: the rows of each table in the order in which they come in.

Values are random, and no venue contradicts another: only how many there are, how long they are, and in which
order they come, is true to life. The order decides how full the pages of a tree get, and a table's.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from signals.moments import DAY_MS, HOUR_MS

Rows = Iterator[tuple[Any, ...]]
_Ints = NDArray[np.int64]


class Every(NamedTuple):
    """The numbers of instruments or series that come together, so often."""

    numbers: Sequence[int]
    ms: int


def bars(groups: Sequence[Every], day_ms: int, chance: np.random.Generator) -> Rows:
    """Rows of `candles`: the bars that open on the day, by when they close."""
    number, step, at = _comings(groups, day_ms, wait_for_end=True)
    prices = chance.uniform(100, 101, (5, len(at))).round(2)
    return zip(*(column.tolist() for column in (number, step, at, *prices)), strict=True)


def gauges(groups: Sequence[Every], day_ms: int, chance: np.random.Generator) -> Rows:
    """Rows of `gauges`."""
    number, _, at = _comings(groups, day_ms)
    values = chance.uniform(1e6, 1e9, len(at)).round(2)
    return zip(*(column.tolist() for column in (number, at, values, at + 213)), strict=True)


def quotes(groups: Sequence[Every], hour_ms: int, chance: np.random.Generator) -> Rows:
    """Rows of `quotes`, those of an hour."""
    number, _, at = _comings(groups, hour_ms, HOUR_MS)
    bid = chance.uniform(100, 101, len(at)).round(2)
    return zip(*(column.tolist() for column in (number, at, bid, bid + 0.01, at + 87)), strict=True)


def _comings(
    groups: Sequence[Every], since_ms: int, length_ms: int = DAY_MS, *, wait_for_end: bool = False
) -> tuple[_Ints, _Ints, _Ints]:
    """Number, step and moment of everything that comes in a time, in the order in which it does."""
    grids = [_grid(group, since_ms, length_ms) for group in groups]
    number, step, at = (np.concatenate(columns) for columns in zip(*grids, strict=True))
    order = np.argsort(at + step if wait_for_end else at, kind="stable")
    return number[order], step[order], at[order]


def _grid(group: Every, since_ms: int, length_ms: int) -> tuple[_Ints, _Ints, _Ints]:
    moments = np.arange(since_ms, since_ms + length_ms, group.ms, dtype=np.int64)
    numbers = np.tile(np.array(group.numbers, dtype=np.int64), len(moments))
    return numbers, np.full(len(numbers), group.ms), np.repeat(moments, len(group.numbers))
