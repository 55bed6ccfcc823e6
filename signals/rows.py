"""Columns of numbers in order of time, and when each of them could be known."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows(ABC):
    """Columns of one track, one row a moment, ascending in `at_ms`. `known_ms` is never before `at_ms`."""

    at_ms: Ints
    known_ms: Ints

    @abstractmethod
    def columns(self) -> tuple[NDArray[Any], ...]:
        """Every column, in the order in which they are declared."""

    def __len__(self) -> int:
        return len(self.at_ms)

    def since(self, moment_ms: int) -> Self:
        """The rows at or after a moment."""
        return self.rows(slice(int(np.searchsorted(self.at_ms, moment_ms)), None))

    def known_by(self, moment_ms: int) -> Self:
        """The rows that could be known by a moment."""
        return self.rows(self.known_ms <= moment_ms)

    def as_known(self) -> Self:
        """In the order in which they became known, without those that were outdated by then."""
        if (np.diff(self.known_ms) >= 0).all():
            return self
        order = np.lexsort((self.at_ms, self.known_ms))
        newest = np.maximum.accumulate(self.at_ms[order])
        return self.rows(order[self.at_ms[order] >= newest])

    def last_known_row(self, moment_ms: int) -> int | None:
        """The number of the newest row about a moment or before, and known by then."""
        row = int(np.searchsorted(self.at_ms, moment_ms, side="right")) - 1
        while row >= 0 and self.known_ms[row] > moment_ms:
            row -= 1
        return row if row >= 0 else None

    def joined(self, newer: Self) -> Self:
        """Both, in order; at the same moment the newer row replaces the older."""
        if not len(self) or not len(newer):
            return newer if len(newer) else self
        if newer.at_ms[0] <= self.at_ms[-1]:
            both = self.rows(~np.isin(self.at_ms, newer.at_ms)).append(newer)
            return both.rows(np.argsort(both.at_ms, kind="stable"))
        return self.append(newer)

    def append(self, other: Self) -> Self:
        """Both, one after the other, as they are."""
        both = zip(self.columns(), other.columns(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in both))

    def rows(self, rows: slice | Bools | NDArray[np.intp]) -> Self:
        """Some of the rows."""
        return type(self)(*(column[rows] for column in self.columns()))


def columns_of(rows: Iterable[tuple[Any, ...]], floats: int) -> Iterator[Any]:
    """The two columns of moments and so many of numbers, ascending; at one moment the last row stays."""
    unique = sorted({row[0]: row for row in rows}.values())
    columns = zip(*unique, strict=True) if unique else ((),) * (2 + floats)
    for place, column in enumerate(columns):
        yield np.array(column, np.int64 if place < 2 else np.float64)  # noqa: PLR2004  # the moments
