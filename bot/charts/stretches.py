"""The states that a condition or the verdict was in, as stretches of time."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from signals.conditions import Change, State, Verdict


class Stretch(NamedTuple):
    """One state from a moment to another."""

    from_ms: int
    until_ms: int
    state: str


def stretches(changes: Sequence[Change], of: str, since_ms: int, until_ms: int) -> list[Stretch]:
    """What `of` (a condition's id, or `verdict`) was in, without a gap, from its changes of all time."""
    own = sorted((c for c in changes if c.id == of and c.at_ms <= until_ms), key=lambda c: c.at_ms)
    before = [c for c in own if c.at_ms <= since_ms]
    within = own[len(before) :]
    borders = [since_ms, *(c.at_ms for c in within), until_ms]
    states = [_first_state(before, within, of), *(c.to_state for c in within)]
    pieces = zip(pairwise(borders), states, strict=True)
    return [Stretch(start, end, state) for (start, end), state in pieces if end > start]


def _first_state(before: Sequence[Change], within: Sequence[Change], of: str) -> str:
    if before:
        return before[-1].to_state
    if within:
        return within[0].from_state
    return Verdict.UNKNOWN if of == "verdict" else State.NO_DATA
