"""What conditions and warnings are: a state that facts move, with reason and evidence of its last change."""

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


class Alarm(StrEnum):
    """Where a warning stands."""

    NO_DATA = "no_data"
    OFF = "off"
    ON = "on"


class Kind(StrEnum):
    """What a change is of."""

    CONDITION = "condition"
    VERDICT = "verdict"
    WARNING = "warning"
    SHOCK = "shock"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a condition or warning carries from one evaluation to the next; all else is read from the market.

    `settled` is the state beneath `holding` and `no_data`; a warning keeps there what its own rule remembers.
    `judged_ms`: every moment up to this one has been
    judged. `seen_ms`: when the newest fact that was judged became known.
    """

    state: str = State.NO_DATA
    settled: str = State.NO_DATA
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
    """A condition, the verdict or a warning went from one state to another, and why.

    A warning that is on may go on to be on: it got worse, and `reason` says how. `blind` may also stay as it
    is and tell of a pause of the bot's own.
    """

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
    """Where something stands from a moment on. `settled` is what its rule carries on from there.

    `worse`: to be told though the state may be the same.
    """

    at_ms: int
    state: str
    settled: str
    reason: str
    evidence: Evidence
    worse: bool = False


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
    subject: str,
    standing: Standing,
    points: Iterable[Point],
    until_ms: int,
    seen_ms: int | None,
    *,
    kind: Kind = Kind.CONDITION,
) -> Judged:
    """Walk a subject along its points, in order of time: a change wherever the state is another, or worse."""
    changes: list[Change] = []
    for point in points:
        if point.state != standing.state or point.worse:
            at_ms, state, _, reason, evidence, _ = point
            change = Change(at_ms, kind, subject, standing.state, state, reason, evidence)
            changes.append(change)
            standing = standing.after(change)
        standing = replace(standing, settled=point.settled)
    return Judged(tuple(changes), replace(standing, judged_ms=until_ms, seen_ms=seen_ms))
