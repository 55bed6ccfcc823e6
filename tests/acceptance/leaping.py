"""An event loop in which nobody waits: where nothing happens until a moment, time leaps to it.

Bot, Telegram and market live in the same loop, so what one of them sends is with the other at once. All that
counts time by the loop (sleeps, timeouts, slow answers) counts the time that leaps.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

_T = TypeVar("_T")
_KERNEL_SECONDS = 0.0002
"""So long something may be on its way from one socket of this process to the other."""


class LeapingLoop(asyncio.SelectorEventLoop):
    """`now` is the moment (aware UTC), beginning at `start`."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._leapt = 0.0
        super().__init__(_LeapingSelector(self._leap))

    def time(self) -> float:
        return self._leapt

    @property
    def now(self) -> datetime:
        """The time on everybody's wall."""
        return self._start + timedelta(seconds=self._leapt)

    def _leap(self, seconds: float) -> None:
        self._leapt += seconds


class _LeapingSelector(selectors.DefaultSelector):
    def __init__(self, leap: Callable[[float], None]) -> None:
        super().__init__()
        self._leap = leap

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if happened := super().select(0) or (timeout != 0 and super().select(_KERNEL_SECONDS)):
            return happened
        if timeout is None:
            return super().select(None)
        self._leap(max(timeout, 0))
        return []


def leaping(start: datetime, story: Callable[[LeapingLoop], Coroutine[Any, Any, _T]]) -> _T:
    """Run a story from a moment (aware UTC) on."""
    loop = LeapingLoop(start)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(story(loop))
