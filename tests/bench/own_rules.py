"""A tick against a million own alerts: the engine's index beside a plain loop and numpy over all of them.

The rules are about forty readings; their thresholds lie on round numbers, the rounder the more of them. The
peers judge those that are a threshold alone and have to find the same firings; the engine judges the others
besides.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import numpy as np

from signals.moments import SECOND_MS
from signals.own.engine import RuleEngine
from signals.own.readings import OWN_READINGS
from signals.own.rule import Op, Ref, Rule, Term
from signals.own.state import Firing
from signals.own.units import Unit
from signals.rows import Bools, Floats, Ints
from tests.bench.row import Row
from tests.bench.timing import MS
from tests.signals.own.refs import refs

RULES = 1_000_000
READINGS = 40
ROUNDS = 500
"""How often each reading ticks."""
NUMPY_TICKS, LOOP_TICKS = 400, 20
CLUSTER = 10_000
SEED = 20251103

_US = 1e6
_MB = 2**20
_STEP = 10 * SECOND_MS
_SIMPLE = 0.9
"""The share of rules that are one threshold and nothing else."""
_GRID = ((1, 0.30), (5, 0.25), (10, 0.30), (50, 0.15))
"""How round thresholds are, in grid steps, and how many of them."""
_SPREAD = 60
"""How far around the value they lie, in grid steps."""
_WALK = 0.08
"""How far a tick goes, in grid steps: 0.02 % of a price on a grid of a quarter percent."""
_WINDOWS = (timedelta(days=1), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Crowd:
    """Rules by id, and how their readings go: `walks` has a row a tick and a column a reading."""

    refs: tuple[Ref, ...]
    rules: tuple[Rule, ...]
    is_simple: Bools
    walks: Floats


def crowd(count: int, rounds: int, readings: int = READINGS, seed: int = SEED) -> Crowd:
    """Rules and walks made up; the same for a seed."""
    random = np.random.default_rng(seed)
    named = tuple(refs()[:readings])
    starts = np.array([100_000.0 if _is_dollars(ref) else 0.0 for ref in named])
    grid = np.array([250.0 if _is_dollars(ref) else 0.05 for ref in named])
    about = random.integers(0, readings, count)
    roundness = random.choice([size for size, _ in _GRID], count, p=[share for _, share in _GRID])
    steps = np.round(random.normal(0, _SPREAD, count) / roundness).astype(np.int64) * roundness
    thresholds = starts[about] + steps * grid[about]
    # Most people ask for what is not so yet: above for what is higher, below for what is lower.
    up = np.where(random.random(count) < 0.9, steps > 0, steps <= 0)
    simple, repeats = random.random(count) < _SIMPLE, random.random(count) < 0.4
    other = random.integers(0, 3, count)
    rows = zip(about.tolist(), up.tolist(), thresholds.tolist(), strict=True)
    terms = [_term(named[reading], is_up, threshold) for reading, is_up, threshold in rows]
    kinds = zip(terms, simple.tolist(), repeats.tolist(), other.tolist(), strict=True)
    walks = starts + np.cumsum(random.normal(0, _WALK, (rounds + 1, readings)), axis=0) * grid
    return Crowd(named, tuple(_rule(*kind, terms[0]) for kind in kinds), simple, walks)


def _is_dollars(ref: Ref) -> bool:
    return OWN_READINGS[ref.reading].unit is Unit.USD


@cache
def _term(ref: Ref, is_up: bool, threshold: float) -> Term:  # noqa: FBT001
    return Term(ref, Op.ABOVE if is_up else Op.BELOW, threshold)


def _rule(term: Term, simple: bool, repeats: bool, other: int, second: Term) -> Rule:  # noqa: FBT001
    """A threshold alone; else one that has to hold, two terms, or a new low."""
    if simple:
        return Rule((term,), repeats=repeats)
    if other == 0:
        return Rule((term,), hold=timedelta(minutes=30), repeats=repeats)
    if other == 1:
        return Rule((term, second), repeats=repeats)
    return Rule((Term(term.ref, Op.NEW_LOW, window=_WINDOWS[repeats]),), repeats=repeats)


def ticks(people: Crowd, rounds: range) -> Iterator[tuple[int, int, float]]:
    """(column of the reading, moment, value), readings in turn."""
    for row in rounds:
        for column in range(len(people.refs)):
            yield column, (row + 1) * _STEP + column, float(people.walks[row, column])


class ByNumpy:
    """The simple rules in columns. `by_reading`: those of the ticking reading, else all of them each time."""

    def __init__(self, people: Crowd, *, by_reading: bool) -> None:
        ids = np.flatnonzero(people.is_simple)
        rules = [people.rules[number] for number in ids.tolist()]
        column = {ref: place for place, ref in enumerate(people.refs)}
        self.ids: Ints = ids.astype(np.int64)
        self.about = np.array([column[rule.terms[0].ref] for rule in rules])
        self.threshold = np.array([rule.terms[0].threshold for rule in rules])
        margins = [OWN_READINGS[rule.terms[0].ref.reading].margin for rule in rules]
        gaps = zip(margins, self.threshold.tolist(), strict=True)
        self.margin = np.array([margin.at(threshold) for margin, threshold in gaps])
        self.up = np.array([rule.terms[0].op is Op.ABOVE for rule in rules])
        self.repeats = np.array([rule.repeats for rule in rules])
        self.armed, self.waits = np.zeros(len(rules), np.bool_), np.zeros(len(rules), np.bool_)
        self.rows = [np.flatnonzero(self.about == place) for place in range(len(people.refs))]
        self.by_reading = by_reading

    def begin(self, column: int, value: float) -> None:
        """The first value: who is true already waits to be armed."""
        rows = self.rows[column]
        on, _ = self._judged(rows, value)
        self.armed[rows], self.waits[rows] = ~on, on

    def tick(self, column: int, value: float) -> Ints:
        """The ids of those that fire."""
        rows: Ints | slice = self.rows[column] if self.by_reading else slice(None)
        mine = True if self.by_reading else self.about == column
        on, out = self._judged(rows, value)
        fires = self.armed[rows] & on & mine
        again = self.waits[rows] & out & mine
        self.armed[rows] = (self.armed[rows] & ~fires) | again
        self.waits[rows] = (self.waits[rows] & ~again) | (fires & self.repeats[rows])
        return self.ids[rows][fires]

    def _judged(self, rows: Ints | slice, value: float) -> tuple[Bools, Bools]:
        up, threshold, margin = self.up[rows], self.threshold[rows], self.margin[rows]
        on = np.where(up, value > threshold, value < threshold)
        away = np.where(up, value <= threshold - margin, value >= threshold + margin)
        return on, away & ~on


class ByLoop:
    """The simple rules one after the other, each asked at every tick."""

    def __init__(self, people: Crowd) -> None:
        columns = ByNumpy(people, by_reading=True)
        lists = (columns.ids, columns.about, columns.threshold, columns.margin, columns.up, columns.repeats)
        self.rules = [[*row, ""] for row in zip(*(each.tolist() for each in lists), strict=True)]

    def tick(self, column: int, value: float) -> list[int]:
        """The ids of those that fire."""
        fired = []
        for rule in self.rules:
            number, about, threshold, margin, up, repeats, phase = rule
            if about != column:
                continue
            on = value > threshold if up else value < threshold
            away = value <= threshold - margin if up else value >= threshold + margin
            if phase == "":
                rule[6] = "waits" if on else "armed"
            elif phase == "armed" and on:
                fired.append(number)
                rule[6] = "waits" if repeats else "done"
            elif phase == "waits" and away and not on:
                rule[6] = "armed"
        return fired


def built(people: Crowd) -> RuleEngine:
    """The engine with all rules in it and the first value of each reading."""
    engine = RuleEngine()
    for number, rule in enumerate(people.rules):
        engine.add(number, rule)
    for column, at_ms, value in ticks(people, range(1)):
        engine.tick(people.refs[column], at_ms, value)
    return engine


def simple_ids(people: Crowd, firings: Sequence[Firing]) -> list[int]:
    """Which of those that fired are simple, in order."""
    return sorted(firing.rule_id for firing in firings if people.is_simple[firing.rule_id])


def run() -> list[Row]:
    """Takes two or three minutes and 2 GB."""
    people = crowd(RULES, ROUNDS)
    before_mb, began = _resident_mb(), time.perf_counter()
    engine = built(people)
    build_s, index_mb = time.perf_counter() - began, _resident_mb() - before_mb
    different = len(engine._watches)
    taken_s, fired = _by_engine(people, engine)
    whole, parts, loop = (
        _by_numpy(people, fired, False),
        _by_numpy(people, fired, True),
        _by_loop(people, fired),
    )
    p50, p99 = median(taken_s), quantiles(taken_s, n=100, method="inclusive")[-1]
    rules = f"{RULES:,} rules, {different:,} different"
    ticking = f"{len(taken_s):,} ticks over {READINGS} readings, {sum(map(len, fired)):,} simple rules fired"
    beside = {"plain loop": loop, "numpy over all": whole, "numpy over the reading's own": parts}
    return [
        Row("own rules: a tick, p50", round(p50 * _US, 1), "µs", f"{rules}; {ticking}"),
        Row("own rules: a tick, p99", round(p99 * MS, 3), "ms", f"slowest {max(taken_s) * MS:.1f} ms"),
        *(
            Row(f"own rules: {name}, p50", round(median(taken) * MS, 3), "ms", _same(taken))
            for name, taken in beside.items()
        ),
        Row("own rules: build", round(build_s, 1), "s", f"and the first value of {READINGS} readings"),
        Row(
            "own rules: memory of the index", round(index_mb), "MB", "resident, without the rules themselves"
        ),
        _cluster(),
    ]


def _same(taken: Sequence[float]) -> str:
    return f"{len(taken)} of these ticks, the same firings of the simple rules"


def _by_engine(people: Crowd, engine: RuleEngine) -> tuple[list[float], list[list[int]]]:
    taken, fired = [], []
    for column, at_ms, value in ticks(people, range(1, len(people.walks))):
        ref = people.refs[column]
        began = time.perf_counter()
        firings = engine.tick(ref, at_ms, value)
        taken.append(time.perf_counter() - began)
        fired.append(simple_ids(people, firings))
    return taken, fired


def _by_numpy(people: Crowd, fired: Sequence[Sequence[int]], by_reading: bool) -> list[float]:  # noqa: FBT001
    peer = ByNumpy(people, by_reading=by_reading)
    for column, _, value in ticks(people, range(1)):
        peer.begin(column, value)
    rounds = range(1, 1 + NUMPY_TICKS // len(people.refs))
    taken = []
    for (column, _, value), expected in zip(ticks(people, rounds), fired, strict=False):
        began = time.perf_counter()
        found = peer.tick(column, value)
        taken.append(time.perf_counter() - began)
        _agree(found.tolist(), expected)
    return taken


def _by_loop(people: Crowd, fired: Sequence[Sequence[int]]) -> list[float]:
    peer, taken = ByLoop(people), []
    for column, _, value in ticks(people, range(1)):
        peer.tick(column, value)
    told = zip(ticks(people, range(1, 2)), fired, range(LOOP_TICKS), strict=False)
    for (column, _, value), expected, _ in told:
        began = time.perf_counter()
        found = peer.tick(column, value)
        taken.append(time.perf_counter() - began)
        _agree(found, expected)
    return taken


def _agree(found: Sequence[int], expected: Sequence[int]) -> None:
    if sorted(found) != list(expected):
        raise AssertionError("a peer finds other firings than the engine: nothing to compare")


def _cluster() -> Row:
    """Everybody's rule on one number fires at once: then each has to be touched."""
    engine, ref = RuleEngine(), Ref("price", "BTC")
    for number in range(CLUSTER):
        engine.add(number, Rule((_term(ref, is_up=False, threshold=100_000.0),), repeats=True))
    taken = []
    for turn in range(11):
        engine.tick(ref, 2 * turn + 1, 110_000.0)
        began = time.perf_counter()
        firings = engine.tick(ref, 2 * turn + 2, 99_000.0)
        taken.append(time.perf_counter() - began)
        assert len(firings) == CLUSTER
    note = f"{median(taken) / CLUSTER * _US:.2f} µs each; told and armed again 11 times"
    return Row(f"own rules: {CLUSTER:,} fire in one tick", round(median(taken) * MS, 1), "ms", note)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB
