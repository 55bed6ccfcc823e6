"""What a condition is: a state that facts move, with the reason and the evidence of its last change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, Self

from signals.market import Market
from signals.moments import iso

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

    def after(self, change: "Change") -> Self:
        """Where it stands once a change of it has happened."""
        return replace(
            self,
            state=change.to_state,
            since_ms=change.at_ms,
            reason=change.reason,
            evidence=change.evidence,
        )


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

    def as_json(self) -> dict[str, Any]:
        """The change as scripts read it."""
        return {
            "at": iso(self.at_ms),
            "kind": self.kind,
            "id": self.id,
            "from": self.from_state,
            "to": self.to_state,
            "reason": self.reason,
            "evidence": dict(self.evidence),
        }


class Point(NamedTuple):
    """Where a condition stands from a moment on. `settled` is what `holding` and `no_data` lie over."""

    at_ms: int
    state: State
    settled: State
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
        """Judge every moment after `standing.judged_ms` up to `until_ms` by what was known at each."""


def follow(
    condition: str, standing: Standing, points: Iterable[Point], until_ms: int, seen_ms: int | None
) -> Judged:
    """Walk a condition along its points, in order of time: a change wherever the state is another one."""
    changes: list[Change] = []
    for point in points:
        if point.state != standing.state:
            at_ms, state, _, reason, evidence = point
            change = Change(at_ms, Kind.CONDITION, condition, standing.state, state, reason, evidence)
            changes.append(change)
            standing = standing.after(change)
        standing = replace(standing, settled=point.settled)
    return Judged(tuple(changes), replace(standing, judged_ms=until_ms, seen_ms=seen_ms))
