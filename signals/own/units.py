"""The units of readings, and the margin by which a value has to leave a threshold to be away from it."""

from enum import StrEnum
from typing import NamedTuple


class Unit(StrEnum):
    """What a reading's number is in."""

    USD = "usd"
    MUSD = "musd"
    """Millions of dollars."""
    PCT = "pct"
    PCT_8H = "pct_8h"
    """Percent per eight hours."""
    RATIO = "ratio"
    HOURS = "hours"
    SESSIONS = "sessions"

    @property
    def is_percent(self) -> bool:
        """Whether a hysteresis is percentage points of it, not a share of the threshold."""
        return self in {Unit.PCT, Unit.PCT_8H}

    @property
    def is_dollars(self) -> bool:
        """Whether an amount of dollars fits."""
        return self in {Unit.USD, Unit.MUSD}


class Margin(NamedTuple):
    """How far from a threshold a value has left it: a share of the threshold, and an amount in the unit."""

    share: float = 0.0
    amount: float = 0.0

    def at(self, threshold: float) -> float:
        """The margin at a threshold, in the reading's unit."""
        return abs(threshold) * self.share + self.amount


NO_MARGIN = Margin()


def margin_of(unit: Unit, usual: Margin, hysteresis_pct: float | None) -> Margin:
    """The margin that counts: the rule's own, else the reading's."""
    if hysteresis_pct is None:
        return usual
    return Margin(amount=hysteresis_pct) if unit.is_percent else Margin(share=hysteresis_pct / 100)
