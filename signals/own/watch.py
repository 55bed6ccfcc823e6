"""What rules that say the same thing share: whether it is true, since when, and which of them wait for what.

However many people set `btc < 100000`, it is judged once. Those that fired are armed again all together, and
only those that fire are touched one by one.
"""

from collections.abc import Iterator
from datetime import timedelta

from signals.moments import length_ms, to_ms
from signals.own.rule import Rule, Term
from signals.own.sides import NEAR, ON, OUT, UNKNOWN, Extreme, Side
from signals.own.state import Phase, RuleState
from signals.own.stream import Stream

Key = tuple[tuple[Term, ...], timedelta, float | None]
"""What makes two rules one watch: their terms, how long they have to hold, and their hysteresis."""


def key_of(rule: Rule) -> Key:
    """The watch that a rule belongs to."""
    return rule.terms, rule.hold, rule.hysteresis_pct


class Member:
    """One rule of a watch, by its id."""

    __slots__ = ("expires_ms", "repeats", "rule_id", "watch")

    def __init__(self, rule_id: int, rule: Rule, watch: "Watch") -> None:
        self.rule_id, self.repeats, self.watch = rule_id, rule.repeats, watch
        self.expires_ms = to_ms(rule.expires_at) if rule.expires_at else None


class Watch:
    """The state that rules share, and its members by what they wait for."""

    __slots__ = (
        "armed", "by_clock", "fired", "hold_ms", "key", "looked_ms", "new", "queued", "sides", "since_ms",
        "streams",
    )  # fmt: skip

    def __init__(self, rule: Rule, sides: tuple[Side, ...], streams: tuple[Stream, ...]) -> None:
        self.key = key_of(rule)
        self.sides, self.streams = sides, streams
        self.hold_ms = length_ms(rule.hold)
        self.by_clock = bool(self.hold_ms) or len(sides) > 1
        """It fires as time goes on, not with a value: other terms' values of the moment may follow."""
        self.since_ms: int | None = None
        self.looked_ms = 0
        self.queued = False
        self.new: list[Member] = []
        self.armed: list[Member] = []
        self.fired: list[Member] = []

    @property
    def is_complete(self) -> bool:
        """Whether all terms are true."""
        return all(side.zone is ON for side in self.sides)

    @property
    def is_blind(self) -> bool:
        """Whether a reading is not known now."""
        return any(stream.blind_ms is not None for stream in self.streams)

    @property
    def is_empty(self) -> bool:
        """Whether no rule is left."""
        return not (self.new or self.armed or self.fired)

    @property
    def has_held(self) -> bool:
        """Whether it has been true for as long as it has to be, by the last value."""
        since_ms, now_ms = self.held_since(), max(stream.at_ms for stream in self.streams)
        return since_ms is not None and now_ms - since_ms >= self.hold_ms

    def held_since(self) -> int | None:
        """Since when it has been true and known; an interruption that was too long begins it anew."""
        if self.since_ms is None:
            return None
        return max(self.since_ms, *(stream.interrupted_ms for stream in self.streams))

    def look(self, at_ms: int) -> bool:
        """Take in where the terms stand; whether anything is another than before."""
        before = self.since_ms, len(self.new), len(self.fired)
        if self.is_complete:
            self.looked_ms = at_ms
            if self.since_ms is None:
                self.since_ms = at_ms
        else:
            self.since_ms = None
        self.settle()
        return before != (self.since_ms, len(self.new), len(self.fired))

    def settle(self) -> None:
        """Let new rules wait for what they have to, and arm those that fired, where the terms say so."""
        zones = [side.zone for side in self.sides]
        if OUT in zones and self.fired:
            self.armed, self.fired = [*self.armed, *self.fired] if self.armed else self.fired, []
        if not self.new:
            return
        if self.is_complete:
            # What is true already at the first look has not become true; a `for` goes on from there.
            waiting = self.fired if self.has_held else self.armed
        elif OUT in zones or NEAR in zones:
            waiting = self.armed
        else:
            return
        waiting += self.new
        self.new = []

    def remove(self, member: Member) -> None:
        """Take one rule out."""
        for members in (self.new, self.armed, self.fired):
            if member in members:
                members.remove(member)

    def states(self) -> Iterator[tuple[int, RuleState]]:
        """Where each of its rules stands."""
        since_ms = self.held_since() if self.hold_ms else None
        extremes = tuple(side.zone is ON for side in self.sides) if self._has_extremes else ()
        for phase, members in (
            (Phase.NEW, self.new),
            (Phase.ARMED, self.armed),
            (Phase.FIRED, self.fired),
        ):
            state = RuleState(phase, since_ms, extremes)
            yield from ((member.rule_id, state) for member in members)

    def restore(self, state: RuleState) -> None:
        """Go on where a rule stood, as the first of this watch."""
        for side, is_on in zip(self.sides, state.at_extreme, strict=False):
            if isinstance(side, Extreme):
                side.restore(is_on=is_on)
        unsure = any(side.zone is UNKNOWN for side in self.sides)
        self.since_ms = state.since_ms if unsure or self.is_complete else None
        self.looked_ms = max(stream.at_ms for stream in self.streams)
        if self.is_complete and self.since_ms is None:
            self.since_ms = self.looked_ms

    @property
    def _has_extremes(self) -> bool:
        return any(isinstance(side, Extreme) for side in self.sides)
