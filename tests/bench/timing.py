"""Taking the time, more than once: the machine is never quiet."""

import time
from collections.abc import Callable, Sequence
from statistics import quantiles

MS = 1000.0
"""Milliseconds in a second."""


def times_s(work: Callable[[], object], runs: int) -> list[float]:
    """How many seconds the work took each time, after one run that is not counted."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def spread(values: Sequence[float], digits: int = 2) -> str:
    """From where to where the values lie, for a note."""
    return f"median of {len(values)}, {min(values):.{digits}f} to {max(values):.{digits}f}"


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty exceeds."""
    return quantiles(values, n=20, method="inclusive")[-1]


def p99(values: Sequence[float]) -> float:
    """The value that one in a hundred exceeds."""
    return quantiles(values, n=100, method="inclusive")[-1]
