"""Where a value stands to one term: true, false, or between, where the margin has not been left yet.

Everybody's rules that say the same term share it. A threshold is two borders on the line of values; a new low
or high follows what its window of time holds.
"""

import math
from collections import deque
from enum import IntEnum

from signals.moments import length_ms
from signals.own.rule import Op, Term
from signals.own.units import Margin


class Zone(IntEnum):
    """Whether a term is true."""

    UNKNOWN = 0
    """There was no value yet, or not for as long as its window."""
    OUT = 1
    """False, and farther away than the margin: a rule that fired is armed again."""
    NEAR = 2
    """False, within the margin."""
    ON = 3


UNKNOWN, OUT, NEAR, ON = Zone
_MAY_MISS = 0.1
"""The share of a window that may be without values: over less the lowest says little."""


class Threshold:
    """A term with a threshold. Its borders: values from `on_key` on, or below it, are on its other side.

    They are the exact numbers at which the answer changes: strict and not strict comparisons are the same
    here.
    """

    __slots__ = ("on_key", "out_key", "up", "zone")

    def __init__(self, term: Term, margin: Margin) -> None:
        threshold = term.threshold or 0.0
        self.up = term.op.is_up
        self.on_key, self.out_key = _borders(term.op, threshold, margin.at(threshold))
        self.zone = UNKNOWN

    def zone_at(self, value: float) -> Zone:
        """Where a value stands."""
        if self.up:
            return ON if value >= self.on_key else OUT if value < self.out_key else NEAR
        return ON if value < self.on_key else OUT if value >= self.out_key else NEAR


def _borders(op: Op, threshold: float, margin: float) -> tuple[float, float]:
    above = math.nextafter(threshold, math.inf)
    if op.is_up:
        on_key = above if op is Op.ABOVE else threshold
        left = math.nextafter(threshold - margin, math.inf)
        return on_key, min(left, on_key) if margin > 0 else on_key
    on_key = threshold if op is Op.BELOW else above
    return on_key, max(threshold + margin, on_key) if margin > 0 else on_key


class Extreme:
    """A term about a new low or high. A low is true with a value below all of the window before it.

    It goes on to be true until the value is above the lowest by more than the margin. A high is the low of
    the numbers with the other sign.
    """

    __slots__ = (
        "_blind_ms",
        "_gaps",
        "_lowest",
        "_margin",
        "_missing_ms",
        "_sign",
        "_since_ms",
        "_window_ms",
        "zone",
    )

    def __init__(self, term: Term, margin: Margin) -> None:
        self._sign = -1.0 if term.op.is_up else 1.0
        self._window_ms = length_ms(term.window) if term.window else 0
        self._margin = margin
        self._since_ms: int | None = None
        self._blind_ms: int | None = None
        self._gaps: deque[tuple[int, int]] = deque()
        self._missing_ms = 0
        """How long the gaps are together."""
        self._lowest: deque[tuple[int, float]] = deque()
        """The values of the window that no later one is below, so that the first is the lowest."""
        self.zone = UNKNOWN

    def lose(self, at_ms: int) -> None:
        """From here on nothing is known."""
        if self._blind_ms is None:
            self._blind_ms = at_ms

    def step(self, at_ms: int, value: float) -> None:
        """Take in the next value."""
        number, begins_ms = value * self._sign, at_ms - self._window_ms
        if self._since_ms is None:
            self._since_ms = at_ms
        if self._blind_ms is not None:
            self._gaps.append((self._blind_ms, at_ms))
            self._missing_ms += at_ms - self._blind_ms
            self._blind_ms = None
        lowest = self._lowest
        while lowest and lowest[0][0] < begins_ms:
            lowest.popleft()
        whole = self._since_ms <= begins_ms and lowest and (not self._gaps or self._is_whole(begins_ms))
        self.zone = self._zone(number, lowest[0][1]) if whole else UNKNOWN
        while lowest and lowest[-1][1] >= number:
            lowest.pop()
        lowest.append((at_ms, number))

    def restore(self, *, is_on: bool) -> None:
        """Go on where it stood, which may have begun before all that it was shown."""
        if is_on:
            self.zone = ON
        elif self.zone is ON:
            self.zone = OUT

    def _zone(self, number: float, low: float) -> Zone:
        if number < low:
            return ON
        return ON if self.zone is ON and number <= low + self._margin.at(low) else OUT

    def _is_whole(self, begins_ms: int) -> bool:
        """Whether little enough of the window is missing; gaps count from its beginning."""
        while self._gaps and self._gaps[0][1] <= begins_ms:
            since_ms, until_ms = self._gaps.popleft()
            self._missing_ms -= until_ms - since_ms
        if not self._gaps:
            return True
        missing_ms = self._missing_ms - max(begins_ms - self._gaps[0][0], 0)
        return missing_ms <= _MAY_MISS * self._window_ms


Side = Threshold | Extreme


def side_of(term: Term, margin: Margin) -> Side:
    """The side for a term."""
    return Extreme(term, margin) if term.op.has_window else Threshold(term, margin)
