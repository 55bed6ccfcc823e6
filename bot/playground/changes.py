"""What has just happened, told at once to everyone who waits: the page and the tests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.playground.json_types import Json

_T = TypeVar("_T")


class Changes:
    """Listeners are called in turn, in the event loop, and must not block."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Json], None]] = []

    def publish(self, kind: str, **body: object) -> None:
        """Tell all listeners, now."""
        for listener in list(self._listeners):
            listener({"kind": kind, **body})

    @contextmanager
    def heard_by(self, listener: Callable[[Json], None]) -> Iterator[None]:
        """`listener` hears every change while the context lasts."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def until(self, look: Callable[[], _T | None], timeout_s: float) -> _T:
        """The first truthy answer of `look`, asked now and after every change.

        Raises: TimeoutError.
        """
        found: asyncio.Future[_T] = asyncio.get_running_loop().create_future()

        def check(_change: Json | None = None) -> None:
            if found.done():
                return
            try:
                answer = look()
            except Exception as error:  # noqa: BLE001  the asker, not the publisher, must see it
                found.set_exception(error)
                return
            if answer:
                found.set_result(answer)

        with self.heard_by(check):
            check()
            async with asyncio.timeout(timeout_s):
                return await found
