"""The rules once more, without an index: each is worked out anew at every tick, from all it ever heard."""

import math
from dataclasses import dataclass, field
from datetime import timedelta

from signals.moments import to_ms
from signals.own.readings import OWN_READINGS, patience_ms
from signals.own.rule import Op, Ref, Rule, Term
from signals.own.state import Firing


def margin(term: Term, rule: Rule, at: float) -> float:
    reading = OWN_READINGS[term.ref.reading]
    if rule.hysteresis_pct is None:
        return abs(at) * reading.margin.share + reading.margin.amount
    if reading.unit in {"pct", "pct_8h"}:
        return rule.hysteresis_pct
    return abs(at) * (rule.hysteresis_pct / 100)


@dataclass
class PlainRule:
    """`on` and `out` are of each term; NaN in `heard` stands for nothing known."""

    rule_id: int
    rule: Rule
    heard: dict[Ref, list[tuple[int, float]]] = field(default_factory=dict)
    on: list[bool] = field(default_factory=list)
    out: list[bool] = field(default_factory=list)
    unknown: list[bool] = field(default_factory=list)
    phase: str = "new"
    since_ms: int | None = None
    firings: list[Firing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heard = {ref: [] for ref in self.rule.refs}
        self.on = [False] * len(self.rule.terms)
        self.out, self.unknown = list(self.on), [True] * len(self.on)

    def tick(self, ref: Ref, at_ms: int, value: float | None) -> None:
        number = value if value is not None and math.isfinite(value) else math.nan
        if ref not in self.heard:
            return
        self.heard[ref].append((at_ms, number))
        if math.isnan(number):
            return
        for place, term in enumerate(self.rule.terms):
            if term.ref == ref:
                self._judge(place, term, at_ms, number)
        if not all(self.on):
            self.since_ms = None
        elif self.since_ms is None:
            self.since_ms = at_ms
        self._settle(at_ms)

    def pass_time(self, until_ms: int) -> None:
        if self.phase != "armed" or self.since_ms is None or any(self._blind_ms(r) for r in self.heard):
            return
        hold_ms = self.rule.hold // timedelta(milliseconds=1)
        due_ms = self._held_since() + hold_ms
        if due_ms <= until_ms:
            self._fire(max(due_ms, self._last_return_after(due_ms)))

    def _settle(self, at_ms: int) -> None:
        if self.phase == "new":
            if all(self.on):
                self.phase = "armed" if self.rule.hold else "fired"
            elif any(not on and not unknown for on, unknown in zip(self.on, self.unknown, strict=True)):
                self.phase = "armed"
        elif self.phase == "fired" and any(self.out):
            self.phase = "armed"
        elif self.phase == "armed" and all(self.on) and len(self.on) == 1 and not self.rule.hold:
            self._fire(at_ms)

    def _fire(self, at_ms: int) -> None:
        if self.rule.expires_at and at_ms >= to_ms(self.rule.expires_at):
            self.phase = "done"
            return
        values = tuple(self._known(term.ref)[-1][1] for term in self.rule.terms)
        self.firings.append(Firing(self.rule_id, at_ms, values))
        self.phase = "fired" if self.rule.repeats else "done"

    def _judge(self, place: int, term: Term, at_ms: int, value: float) -> None:
        self.unknown[place] = False
        if term.window:
            self._judge_extreme(place, term, at_ms, value)
            return
        limit = term.threshold or 0.0
        gap = margin(term, self.rule, limit)
        on, out = {
            Op.BELOW: (value < limit, value >= limit + gap),
            Op.AT_MOST: (value <= limit, value >= limit + gap),
            Op.ABOVE: (value > limit, value <= limit - gap),
            Op.AT_LEAST: (value >= limit, value <= limit - gap),
        }[term.op]
        self.on[place], self.out[place] = on, out and not on

    def _judge_extreme(self, place: int, term: Term, at_ms: int, value: float) -> None:
        assert term.window
        window_ms = term.window // timedelta(milliseconds=1)
        sign = -1 if term.op is Op.NEW_HIGH else 1
        every = self.heard[term.ref][:-1]
        begins_ms = at_ms - window_ms
        inside = [sign * v for ms, v in every if ms >= begins_ms and not math.isnan(v)]
        first = self._known(term.ref)[0][0]
        missing = sum(max(b - max(a, begins_ms), 0) for a, b in self._gaps(term.ref) if b > begins_ms)
        if first > begins_ms or not inside or missing > 0.1 * window_ms:
            self.unknown[place], self.on[place], self.out[place] = True, False, False
            return
        low = min(inside)
        near = sign * value <= low + margin(term, self.rule, low)
        self.on[place] = sign * value < low or (self.on[place] and near)
        self.out[place] = not self.on[place]

    def _known(self, ref: Ref) -> list[tuple[int, float]]:
        return [row for row in self.heard[ref] if not math.isnan(row[1])]

    def _gaps(self, ref: Ref) -> list[tuple[int, int]]:
        """From the first of some missing rows to the next value, for those that have ended."""
        gaps, began = [], None
        for at_ms, value in self.heard[ref]:
            if math.isnan(value):
                began = at_ms if began is None else began
            elif began is not None:
                gaps.append((began, at_ms))
                began = None
        return gaps

    def _blind_ms(self, ref: Ref) -> int | None:
        rows = self.heard[ref]
        if not rows or not math.isnan(rows[-1][1]):
            return None
        return rows[-1][0]

    def _held_since(self) -> int:
        assert self.since_ms is not None
        long_gaps = [b for ref in self.heard for a, b in self._gaps(ref) if b - a > patience_ms(ref)]
        return max([self.since_ms, *long_gaps])

    def _last_return_after(self, due_ms: int) -> int:
        returns = [b for ref in self.heard for a, b in self._gaps(ref) if a <= due_ms <= b]
        return max([due_ms, *returns])
