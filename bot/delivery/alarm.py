"""Waiting for a moment or for a call, whichever comes first."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

# The wall clock may be set, and the machine may sleep: nobody waits longer than this without another look.
_LONGEST_WAIT = timedelta(seconds=60)


class Alarm:
    """For one sleeper. `clock` gives the present moment (aware UTC)."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper now; if nobody sleeps, the next wait is over at once."""
        self._rung.set()

    async def wait(self, until: datetime | None) -> None:
        """Wait to be rung, at most until a moment. May return early: look, and wait again."""
        left = _LONGEST_WAIT if until is None else min(until - self._clock(), _LONGEST_WAIT)
        try:
            async with asyncio.timeout(left.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            pass
        finally:
            self._rung.clear()


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of some moments; None stands for never."""
    return min((moment for moment in moments if moment is not None), default=None)
