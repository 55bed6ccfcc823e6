"""Hearing where this process does not hear: others receive the updates, by webhook."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.health import Hearing


class HeardElsewhere:
    """In the place of `Poller` or `Webhook`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def health(self) -> Hearing:
        """Whether Telegram is heard is for those to say who hear it."""
        return Hearing("webhook", self._clock(), None)

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()
