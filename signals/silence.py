"""Silence: where facts stopped coming for so long that what they said before says nothing any more."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from signals.moments import length_ms
from signals.rows import Ints


def silences(known_ms: Ints, seen_ms: int | None, until_ms: int, after: timedelta) -> Iterator[int]:
    """The moments, up to `until_ms`, at which nothing had become known for `after`; `known_ms` ascends."""
    known = known_ms[known_ms <= until_ms]
    if seen_ms is not None and not (len(known) and known[0] <= seen_ms):
        known = np.concatenate(([seen_ms], known))
    if not len(known):
        return
    limit_ms = length_ms(after)
    gaps = np.diff(known, append=until_ms + 1)
    yield from (known[gaps > limit_ms] + limit_ms).tolist()


def newest_known(known_ms: Ints, until_ms: int, seen_ms: int | None) -> int | None:
    """When the newest fact known by `until_ms` became known."""
    known = known_ms[known_ms <= until_ms]
    return int(known[-1]) if len(known) else seen_ms
