"""Plays a market in virtual time: the clock of the playground, and what steers it.

The whole market is on the desk from the start; the rules use nothing before its moment, as in a replay.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.desk import Desk
from bot.playground.clock import PlaybackState
from signals.moments import from_ms
from signals.policy import is_worth_telling

_TICK_SECONDS = 0.2


class VirtualClock:
    """Runs `speed` times as fast as the real clock, between two moments; can be paused and set forward."""

    def __init__(
        self, since: datetime, until: datetime, speed: float, real: Callable[[], float] = time.monotonic
    ) -> None:
        self.since, self.until = since, until
        self._real = real
        self._from = since
        self._started = real()
        self._speed = speed
        self._paused = False

    def __call__(self) -> datetime:
        """The virtual moment."""
        passed = 0.0 if self._paused else (self._real() - self._started) * self._speed
        left = (self.until - self._from).total_seconds()
        return self._from + timedelta(seconds=min(passed, left))

    @property
    def speed(self) -> float:
        """Virtual seconds in a real one."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    def set(
        self, *, now: datetime | None = None, speed: float | None = None, paused: bool | None = None
    ) -> None:
        """Go on from here in another way."""
        self._from = min(now or self(), self.until)
        self._started = self._real()
        self._speed = self._speed if speed is None else speed
        self._paused = self._paused if paused is None else paused


class Player:
    """A `Playback`: steers the clock of a desk whose market reaches into the future."""

    def __init__(self, clock: VirtualClock, desk: Desk, notice: str) -> None:
        self._clock = clock
        self._desk = desk
        self._notice = notice

    async def run(self, judge_now: Callable[[], Awaitable[None]]) -> None:
        """Judge at every tick until cancelled."""
        while True:
            await judge_now()
            await asyncio.sleep(_TICK_SECONDS)

    def state(self) -> PlaybackState:
        """See `Playback`."""
        clock, now = self._clock, self._clock()
        return PlaybackState(
            now=now,
            since=clock.since,
            until=clock.until,
            speed=clock.speed,
            paused=clock.paused,
            notice=self._notice,
            ended=now >= clock.until,
        )

    async def set_speed(self, speed: float) -> None:
        """See `Playback`."""
        self._clock.set(speed=speed)

    async def pause(self) -> None:
        """See `Playback`."""
        self._clock.set(paused=True)

    async def resume(self) -> None:
        """See `Playback`."""
        self._clock.set(paused=False)

    async def jump_to_next_alert(self) -> None:
        """See `Playback`. What comes next is worked out by judging the rest of the market ahead of time."""
        desk, until = self._desk, self._clock.until
        ahead = desk.judged(desk.market, until)
        told = (from_ms(change.at_ms) for change in ahead.changes if is_worth_telling(change))
        self._clock.set(now=next(told, until))
