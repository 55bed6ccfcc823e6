"""An order book as a venue gave it, and how many dollars stand near its middle."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

PERCENTS = (1.0, 2.0)
"""How far from the middle is looked at, in percent."""


@dataclass(frozen=True, slots=True)
class Book:
    """Levels as (price in dollars, amount in the base coin), the best first, on both sides."""

    bids: Sequence[tuple[float, float]]
    asks: Sequence[tuple[float, float]]

    def __post_init__(self) -> None:
        """Raises ValueError: a side is empty or out of order, a number is none, or the sides cross."""
        for side, sign in ((self.bids, -1), (self.asks, 1)):
            numbers = [number for level in side for number in level]
            if not side or not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise ValueError("a side that is empty or holds what is no number")
            if any(sign * worse[0] <= sign * better[0] for better, worse in pairwise(side)):
                raise ValueError("levels that are not in order")
        if not 0 < self.bids[0][0] < self.asks[0][0]:
            raise ValueError("bids and asks that cross")

    @property
    def middle(self) -> float:
        """Halfway between the best bid and ask."""
        return (self.bids[0][0] + self.asks[0][0]) / 2


@dataclass(frozen=True, slots=True)
class Depth:
    """What stands in a book, bids and asks together.

    `covered_pct` is how far from the middle the shorter side reaches. `within_usd` holds, for each of
    `PERCENTS`, what stands within it; None where the book does not reach that far, for a part is no whole.
    `seen_usd` is what was seen, up to the widest of them.
    """

    covered_pct: float
    within_usd: dict[float, float | None]
    seen_usd: float


def depth_of(book: Book) -> Depth:
    """The depth of a book."""
    covered_pct = min(_reach(side, book.middle) for side in (book.bids, book.asks))
    standing = {percent: sum(_standing(book, percent)) for percent in PERCENTS}
    return Depth(
        covered_pct,
        {percent: usd if covered_pct >= percent else None for percent, usd in standing.items()},
        standing[PERCENTS[-1]],
    )


def _reach(side: Sequence[tuple[float, float]], middle: float) -> float:
    return abs(side[-1][0] / middle - 1) * 100


def _standing(book: Book, percent: float) -> Iterator[float]:
    for price, amount in _levels(book):
        if abs(price / book.middle - 1) * 100 <= percent:
            yield price * amount


def _levels(book: Book) -> Iterable[tuple[float, float]]:
    yield from book.bids
    yield from book.asks
