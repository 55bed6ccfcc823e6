"""A rule of somebody's own: terms about readings, all of which have to be true, and for how long.

A rule fires when it *becomes* true. It is armed again once a term has left its threshold by the margin
(hysteresis), and only a repeating rule fires a second time. A new low or high becomes true with a value
beyond everything in the window before it, and goes on to be true until the value has come back by the margin.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

MAX_TERMS = 4
EXPIRES_AFTER = timedelta(days=90)
"""A rule that does not say how long it lives, lives for so long."""
HOLD_BOUNDS = timedelta(minutes=1), timedelta(days=30)
WINDOW_BOUNDS = timedelta(hours=1), timedelta(days=30)
LARGEST = 1e15
"""No threshold is farther from zero."""


class Ref(NamedTuple):
    """What a term is about: a reading's id, and its subject where it has several (`price` of `SOL`)."""

    reading: str
    subject: str = ""


class Op(StrEnum):
    """How a value is compared."""

    BELOW = "<"
    ABOVE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    NEW_LOW = "new low"
    NEW_HIGH = "new high"

    @property
    def is_up(self) -> bool:
        """Whether a larger value makes it true."""
        return self in {Op.ABOVE, Op.AT_LEAST, Op.NEW_HIGH}

    @property
    def has_window(self) -> bool:
        """Whether it compares with a window of time, not with a threshold."""
        return self in {Op.NEW_LOW, Op.NEW_HIGH}


class Term(NamedTuple):
    """One comparison: with a threshold in the reading's unit, or with what a window of time held."""

    ref: Ref
    op: Op
    threshold: float | None = None
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Terms that all have to be true, for as long as `hold`; once, or again at each crossing.

    `hysteresis_pct` takes the place of the readings' own margins: percent of the threshold, or percentage
    points of a reading that is in percent. `expires_at` is a full minute; None: never.
    """

    terms: tuple[Term, ...]
    hold: timedelta = timedelta(0)
    repeats: bool = False
    hysteresis_pct: float | None = None
    expires_at: datetime | None = None

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The readings that it is about, each once, in the order of the terms."""
        return tuple(dict.fromkeys(term.ref for term in self.terms))
