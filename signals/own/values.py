"""A reading over time: a value stands from the moment it is known until the next, or until it has lapsed."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from signals.rows import Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Values(Rows):
    """Columns of one reading, one row a turn, ascending in `known_ms`; NaN: from then on nothing is known.

    `at_ms` is the moment a value is about, never after `known_ms`. What was known late stands when it became
    known, so that a row is only ever used from then on.
    """

    value: Floats

    def columns(self) -> tuple[Ints, Ints, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.value

    def between(self, since_ms: int, until_ms: int) -> Self:
        """The rows that became known after one moment and up to another."""
        first, last = self.known_ms.searchsorted((since_ms, until_ms), "right")
        return self.rows(slice(int(first), int(last)))


def no_values() -> Values:
    """Nothing."""
    return Values(np.array((), np.int64), np.array((), np.int64), np.array((), np.float64))


def lapsing(at_ms: Ints, known_ms: Ints, value: Floats, stands_ms: Ints | int, until_ms: int) -> Values:
    """Values that stand for so long after becoming known: a row of NaN where that ended before the next."""
    if not len(known_ms):
        return no_values()
    last = np.append(np.diff(known_ms) > 0, True)
    stands = np.broadcast_to(np.asarray(stands_ms, np.int64), at_ms.shape)[last]
    at_ms, known_ms, value = at_ms[last], known_ms[last], value[last]
    ends = known_ms + stands + 1
    gone = ends < np.append(known_ms[1:], until_ms + 1)
    value = np.where(stands < 0, np.nan, value)
    gone &= ~np.isnan(value)
    at = np.concatenate((at_ms, ends[gone]))
    known = np.concatenate((known_ms, ends[gone]))
    every = np.concatenate((value, np.full(int(gone.sum()), np.nan)))
    order = np.argsort(known, kind="stable")
    return Values(at[order], known[order], every[order])
