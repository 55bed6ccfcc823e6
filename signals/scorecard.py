"""What prices did after each change that was told: no claim of skill, only what followed.

A moment that has not come yet, or of which no price is known, is not counted; how many are missing is said.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from signals.conditions import Change
from signals.moments import length_ms
from signals.policy import is_worth_telling

HORIZONS = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
COINS = ("BTC", "ETH")
FEW = 5
"""Of fewer cases than this no median is made."""

PriceAt = Callable[[str, int], float | None]
"""A coin's price in dollars at a moment in milliseconds; None where none is known."""


@dataclass(frozen=True, slots=True)
class Case:
    """One change, and how each coin's price changed until each horizon, as a share; None where unknown."""

    change: Change
    after: dict[str, tuple[float | None, ...]]


class Spread(NamedTuple):
    """What followed in so many cases: the values in order of time."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float | None:
        """The median, where there are enough cases for one."""
        return median(self.values) if len(self.values) >= FEW else None


@dataclass(frozen=True, slots=True)
class Group:
    """All changes of a subject into one state, and what followed of each coin at each horizon."""

    subject: str
    state: str
    cases: tuple[Case, ...]

    def spread(self, coin: str, horizon: int) -> Spread:
        """Of the cases in which it is known."""
        found = (case.after[coin][horizon] for case in self.cases)
        return Spread(tuple(value for value in found if value is not None))


def cases(changes: Iterable[Change], price_at: PriceAt, now_ms: int) -> list[Case]:
    """The changes that were worth telling, with what followed by now, in the order given."""
    return [
        Case(change, {coin: _after(coin, change.at_ms, price_at, now_ms) for coin in COINS})
        for change in changes
        if is_worth_telling(change)
    ]


def _after(coin: str, at_ms: int, price_at: PriceAt, now_ms: int) -> tuple[float | None, ...]:
    then = price_at(coin, at_ms)
    found = []
    for horizon in HORIZONS:
        later_ms = at_ms + length_ms(horizon)
        later = price_at(coin, later_ms) if then and later_ms <= now_ms else None
        found.append(later / then - 1 if then and later else None)
    return tuple(found)


def grouped(found: Iterable[Case]) -> list[Group]:
    """By subject and the state that it turned to; those with most cases first."""
    by_turn: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in found:
        by_turn[case.change.id, case.change.to_state].append(case)
    groups = [Group(subject, state, tuple(some)) for (subject, state), some in by_turn.items()]
    return sorted(groups, key=lambda group: -len(group.cases))
