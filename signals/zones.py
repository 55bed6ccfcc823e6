"""Where BTC stands to a zone of its levels, moment by moment, and what happened there.

A price that crosses the border of a zone back and forth is one visit: whoever has entered has left only where
the price is farther outside than a margin. numpy finds the moments at which anything changes; a rule walks
along these few.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from signals.conditions import Standing
from signals.levels import Band, Levels, LevelsSet, levels_in_force
from signals.market import Prices
from signals.moments import length_ms, to_ms
from signals.rows import Bools, Floats, Ints
from signals.silence import silences


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """The thresholds."""

    margin: float = 0.01
    """A zone is left where the price is farther from it than this share of its border."""
    stale_after: timedelta = timedelta(hours=6)
    """Without a price for so long, where it was before says nothing any more."""

    @property
    def back_ms(self) -> int:
        """How old a price may be that tells where BTC stands, or where it closed."""
        return 2 * length_ms(self.stale_after)


class Place(IntEnum):
    """Where a price stands to a zone, from below to above."""

    UNSEEN = -1
    """There is no price, or no zone."""
    BELOW = 0
    JUST_BELOW = 1
    """Outside, but by less than the margin."""
    INSIDE = 2
    JUST_ABOVE = 3
    ABOVE = 4


class Glance(NamedTuple):
    """BTC and its levels at one moment. `anew`: other levels count than a moment before."""

    at_ms: int
    place: Place
    price_usd: float
    levels: Levels | None
    anew: bool


class Span(NamedTuple):
    """The moments to be judged, after one and up to another, and the thresholds to judge them by.

    `seen_ms`: when the newest price that was judged before became known.
    """

    after_ms: int
    until_ms: int
    seen_ms: int | None
    rules: ZoneRules

    @classmethod
    def of(cls, standing: Standing, until_ms: int, rules: ZoneRules) -> Self:
        """From where a warning stands."""
        return cls(standing.judged_ms, until_ms, standing.seen_ms, rules)


Zone = Callable[[Levels], Band]
"""Which of the levels' zones a rule looks at."""


def glances(
    facts: Sequence[LevelsSet], prices: Prices, zone: Zone, span: Span, also_ms: Iterable[int] = ()
) -> Iterator[Glance]:
    """One glance at the first moment of a span, and one wherever the place or the levels change.

    There is one at each moment of `also_ms` as well. `prices` are those of `signals.pairs.prices_of`.
    """
    changed_ms = [to_ms(fact.known_at) for fact in facts]
    silent_ms = silences(prices.known_ms, span.seen_ms, span.until_ms, span.rules.stale_after)
    kept_ms = np.array([*changed_ms, *also_ms, *silent_ms], np.int64)
    moments = np.unique(np.concatenate((prices.known_ms, kept_ms)))
    moments = moments[(moments > span.after_ms) & (moments <= span.until_ms)]
    price = _price_at(prices, moments, span.rules)
    before = _levels(facts, span.after_ms)
    for levels, rows in _stretches(facts, moments):
        place = _places(price[rows], zone(levels) if levels else None, span.rules)
        for row in _turning(place, np.isin(moments[rows], kept_ms)):
            at_ms, price_usd = int(moments[rows][row]), float(price[rows][row])
            yield Glance(at_ms, Place(place[row]), price_usd, levels, anew=levels != before)
            before = levels


def _levels(facts: Iterable[LevelsSet], by_ms: int) -> Levels | None:
    fact = levels_in_force(facts, by_ms)
    return fact.levels if fact else None


def _stretches(facts: Sequence[LevelsSet], moments: Ints) -> Iterator[tuple[Levels | None, slice]]:
    """The levels in force and the rows of the moments at which they are, in order of time."""
    changed = moments.searchsorted([to_ms(fact.known_at) for fact in facts]).tolist() if facts else []
    for first, last in pairwise(sorted({0, *changed, len(moments)})):
        yield _levels(facts, int(moments[first])), slice(first, last)


def _price_at(prices: Prices, moments: Ints, rules: ZoneRules) -> Floats:
    """The newest price known at each moment; NaN where there is none or it is too old."""
    if not len(prices):
        return np.full(len(moments), np.nan)
    row = prices.known_ms.searchsorted(moments, side="right") - 1
    fresh = (row >= 0) & (moments - prices.known_ms[row] < length_ms(rules.stale_after))
    return np.where(fresh, prices.price[row], np.nan)


def _places(price: Floats, band: Band | None, rules: ZoneRules) -> Ints:
    if band is None:
        return np.full(len(price), Place.UNSEEN, np.int64)
    low, high = band.low_usd, band.high_usd
    past = [price >= low * (1 - rules.margin), price >= low, price > high, price > high * (1 + rules.margin)]
    return np.where(np.isnan(price), Place.UNSEEN, np.sum(past, axis=0))


def _turning(place: Ints, kept: Bools) -> list[int]:
    """The rows at which the place is another one than before, the first one, and those to be kept."""
    another = np.append(True, place[1:] != place[:-1])
    rows: list[int] = np.flatnonzero(another | kept).tolist()
    return rows
