"""Levels: the prices of BTC that the playbook names, as facts: who says them, and since when.

The support zone, the level that a close below it opens, and the zone where a rally is doubted while the
market is fragile. They are set by the operator, or derived from a shock; the operator's go first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from signals.moments import to_ms


class Band(NamedTuple):
    """A zone of prices in dollars, both ends included."""

    low_usd: float
    high_usd: float


@dataclass(frozen=True, slots=True)
class Levels:
    """The zones and the level of BTC, in dollars.

    Raises:
        ValueError: they do not lie one above the other: break level, support zone, rally zone.
    """

    support: Band
    break_usd: float
    """What a close below the support zone opens."""
    rally: Band
    """Where a rally is doubted for as long as the market is fragile."""

    def __post_init__(self) -> None:
        rising = (0.0, self.break_usd, *self.support, *self.rally)
        if not all(lower < higher for lower, higher in pairwise(rising)):
            raise ValueError("levels have to rise: break, support zone, rally zone")


class Origin(StrEnum):
    """Where levels come from."""

    OPERATOR = "operator"
    SHOCK = "shock"


@dataclass(frozen=True, slots=True)
class LevelsSet:
    """The fact that from `known_at` on these are the levels of an origin; `None` takes its last ones back.

    `set_by` is the operator's Telegram id, where one set them.
    """

    levels: Levels | None
    known_at: datetime
    origin: Origin = Origin.OPERATOR
    set_by: int | None = None


def levels_in_force(facts: Iterable[LevelsSet], by_ms: int) -> LevelsSet | None:
    """The fact whose levels count at a moment: the operator's newest, else the newest of a shock."""
    newest = {fact.origin: fact for fact in _in_order(facts) if to_ms(fact.known_at) <= by_ms}
    counting = (newest.get(origin) for origin in (Origin.OPERATOR, Origin.SHOCK))
    return next((fact for fact in counting if fact and fact.levels), None)


def _in_order(facts: Iterable[LevelsSet]) -> list[LevelsSet]:
    return sorted(facts, key=lambda fact: fact.known_at)
