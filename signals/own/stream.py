"""One reading as its rules see it: the last value, and which borders lie between that and the next one."""

import math
from bisect import bisect_left, bisect_right

import numpy as np

from signals.own.rule import Ref, Term
from signals.own.sides import Extreme, Side, Threshold, side_of
from signals.own.units import Margin
from signals.own.values import Values
from signals.rows import Floats

SideKey = tuple[Term, Margin]


class Stream:
    """The terms of all rules about one reading, in order of their borders.

    `blind_ms`: since when nothing is known. `interrupted_ms`: when something was known again after an
    interruption longer than the reading's patience; `at_ms` is the moment of the last value, 0 before the
    first.
    """

    def __init__(self, ref: Ref, patience_ms: int) -> None:
        self.ref = ref
        self.at_ms = 0
        self.value = math.nan
        self.blind_ms: int | None = None
        self.interrupted_ms = 0
        self._patience_ms = patience_ms
        self._sides: dict[SideKey, Side] = {}
        self._extremes: list[Extreme] = []
        self._fresh: list[Threshold] = []
        self._keys: list[float] = []
        self._at_key: dict[float, list[Threshold]] = {}
        self._in_order = True

    def side(self, term: Term, margin: Margin, past: Values | None) -> Side:
        """The one side for a term. `past` is what a new low or high is measured against at first."""
        side = self._sides.get((term, margin))
        if side is None:
            side = self._sides[term, margin] = side_of(term, margin)
            if isinstance(side, Extreme):
                self._extremes.append(side)
                _show(side, past)
            else:
                self._place(side)
        return side

    def drop(self, term: Term, margin: Margin) -> None:
        """Forget a side that no rule needs."""
        side = self._sides.pop((term, margin))
        if isinstance(side, Extreme):
            self._extremes.remove(side)
            return
        if side in self._fresh:
            self._fresh.remove(side)
        self._sort()
        for key in {side.on_key, side.out_key}:
            self._at_key[key].remove(side)
            if not self._at_key[key]:
                del self._at_key[key], self._keys[bisect_left(self._keys, key)]

    def borders(self) -> Floats | None:
        """See `RuleEngine.borders`: a new low or high may be any value."""
        self._sort()
        return None if self._extremes else np.array(self._keys, np.float64)

    @property
    def is_empty(self) -> bool:
        """Whether no rule is about it any more."""
        return not self._sides

    def prime(self, past: Values) -> None:
        """Take over where the past ends, without anything becoming true."""
        known = past.value[~np.isnan(past.value)]
        self.at_ms = int(past.known_ms[-1]) if len(past) else 0
        self.value = float(known[-1]) if len(known) else math.nan
        for at_ms, is_missing in zip(past.known_ms.tolist(), np.isnan(past.value).tolist(), strict=True):
            if is_missing:
                self.lose(at_ms)
            elif self.blind_ms is not None:
                self._find(at_ms)

    def lose(self, at_ms: int) -> None:
        """From here on nothing is known."""
        if self.blind_ms is None:
            self.blind_ms = at_ms
        for extreme in self._extremes:
            extreme.lose(at_ms)

    def move(self, at_ms: int, value: float) -> list[Side]:
        """The sides on which the next value is another than the last one was."""
        if self.blind_ms is not None:
            self._find(at_ms)
        before, self.value = self.value, value
        turned: list[Side] = []
        if self._fresh:
            turned += self._fresh
            for side in self._fresh:
                side.zone = side.zone_at(value)
            self._fresh = []
        if self._extremes:
            turned += self._stepped(at_ms, value)
        low, high = (before, value) if before < value else (value, before)
        self._sort()
        first = bisect_right(self._keys, low)
        if first < len(self._keys) and self._keys[first] <= high:
            turned += self._crossed(first, bisect_right(self._keys, high), value)
        return turned

    def _crossed(self, first: int, last: int, value: float) -> list[Side]:
        turned: list[Side] = []
        for key in self._keys[first:last]:
            for side in self._at_key[key]:
                zone = side.zone_at(value)
                if zone is not side.zone:
                    side.zone = zone
                    turned.append(side)
        return turned

    def _stepped(self, at_ms: int, value: float) -> list[Side]:
        turned: list[Side] = []
        for extreme in self._extremes:
            before = extreme.zone
            extreme.step(at_ms, value)
            if extreme.zone is not before:
                turned.append(extreme)
        return turned

    def _find(self, at_ms: int) -> None:
        """Something is known again."""
        if self.blind_ms is not None and at_ms - self.blind_ms > self._patience_ms:
            self.interrupted_ms = at_ms
        self.blind_ms = None

    def _place(self, side: Threshold) -> None:
        if math.isnan(self.value):
            self._fresh.append(side)
        else:
            side.zone = side.zone_at(self.value)
        for key in {side.on_key, side.out_key}:
            if key not in self._at_key:
                self._in_order = self._in_order and (not self._keys or key > self._keys[-1])
                self._keys.append(key)
            self._at_key.setdefault(key, []).append(side)

    def _sort(self) -> None:
        """Many rules at once are put in order once."""
        if not self._in_order:
            self._keys.sort()
            self._in_order = True


def _show(extreme: Extreme, past: Values | None) -> None:
    if past is None:
        return
    for at_ms, value in zip(past.known_ms.tolist(), past.value.tolist(), strict=True):
        if math.isnan(value):
            extreme.lose(at_ms)
        else:
            extreme.step(at_ms, value)
