"""What a condition is: a state that facts move, with the reason and the evidence of its last change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from signals.market import Market

Evidence = Mapping[str, Any]
"""The numbers a change rests on: JSON values only, each name carrying its unit."""


class State(StrEnum):
    """Where a condition stands."""

    NO_DATA = "no_data"
    UNMET = "unmet"
    HOLDING = "holding"
    MET = "met"


class Verdict(StrEnum):
    """What the three conditions come to."""

    UNKNOWN = "unknown"
    FRAGILE = "fragile"
    BROKEN = "broken"


class Kind(StrEnum):
    """What a change is of."""

    CONDITION = "condition"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a condition carries from one evaluation to the next; all else is read from the market again.

    `settled` is the state beneath `holding` and `no_data`. `judged_ms`: every moment up to this one has been
    judged. `seen_ms`: when the newest fact that was judged became known.
    """

    state: str = State.NO_DATA
    settled: State = State.NO_DATA
    since_ms: int | None = None
    reason: str = "no_data_yet"
    evidence: Evidence = field(default_factory=dict)
    judged_ms: int = 0
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A condition or the verdict went from one state to another, and why."""

    at_ms: int
    kind: Kind
    id: str
    from_state: str
    to_state: str
    reason: str
    evidence: Evidence


class Judged(NamedTuple):
    """The outcome of judging a stretch of time."""

    changes: tuple[Change, ...]
    standing: Standing


class Condition(Protocol):
    """One of the break conditions: a pure rule over the market."""

    @property
    def id(self) -> str:
        """Its name everywhere: file, text key, database value."""

    def judge(self, standing: Standing, market: Market, until_ms: int) -> Judged:
        """Judge every moment after `standing.judged_ms` up to `until_ms`, using only what was known at each."""
