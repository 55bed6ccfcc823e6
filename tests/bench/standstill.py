"""Standstill: for how long nothing else could happen in the event loop while something was worked out."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any

from tests.bench.row import Row
from tests.bench.timing import MS

_TURNS_EVERY_S = 0.001


class Turns:
    """How often the loop came round, and the longest it did not: on the clock, and of processor time."""

    def __init__(self) -> None:
        self.count = 0
        self.clock_ms = self.cpu_ms = 0.0

    async def run(self) -> None:
        """Turn until cancelled. Of processor time only that of this thread counts."""
        clock, cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(_TURNS_EVERY_S)
            clock, before = time.perf_counter(), clock
            cpu, cpu_before = time.thread_time(), cpu
            self.count += 1
            self.clock_ms = max(self.clock_ms, (clock - before) * MS)
            self.cpu_ms = max(self.cpu_ms, (cpu - cpu_before) * MS)


async def longest(work: Awaitable[object]) -> Turns:
    """What the loop did while some work went on beside it."""
    turns = Turns()
    turning = asyncio.create_task(turns.run())
    await asyncio.sleep(0)
    await work
    # Work that never let go of the loop is seen by the turn after it.
    await asyncio.sleep(2 * _TURNS_EVERY_S)
    turning.cancel()
    with suppress(asyncio.CancelledError):
        await turning
    return turns


def standstill(name: str, work: Coroutine[Any, Any, object]) -> Row:
    """The row of some work that goes on beside everything else."""
    cpu, clock = time.process_time(), time.perf_counter()
    turns = asyncio.run(longest(work))
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    note = (
        f"longest of {turns.count:,} turns, {turns.clock_ms:.0f} ms on the clock; "
        f"in all {cpu:.1f} s of processor time, {clock:.1f} s on the clock"
    )
    return Row(f"{name}: standstill", round(turns.cpu_ms, 1), "ms cpu", note)
