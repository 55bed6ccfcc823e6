"""In which order updates are handled: one after the other within a chat, chats side by side."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

MOST_AT_ONCE = 32
"""So many updates are handled side by side."""

Turn = Callable[[], AbstractAsyncContextManager[None]]
"""Opened when it is one's turn; the next in the chat goes on when it is closed."""


class ChatOrder:
    """Gives turns.

    `/mute` and the `/status` after it must not overtake each other, nor may a chart hold up another chat.
    """

    def __init__(self, most_at_once: int = MOST_AT_ONCE) -> None:
        self._last: dict[int, asyncio.Event] = {}
        self._room = asyncio.Semaphore(most_at_once)

    def queue(self, chat_id: int | None) -> Turn:
        """A place behind those that queued before for the same chat; without a chat behind nobody."""
        if chat_id is None:
            return self._at_once
        before, done = self._last.get(chat_id), asyncio.Event()
        self._last[chat_id] = done
        return lambda: self._in_turn(chat_id, before, done)

    @asynccontextmanager
    async def _at_once(self) -> AsyncIterator[None]:
        async with self._room:
            yield

    @asynccontextmanager
    async def _in_turn(
        self, chat_id: int, before: asyncio.Event | None, done: asyncio.Event
    ) -> AsyncIterator[None]:
        try:
            if before is not None:
                # Waited for outside of the room: a chat that is slow takes one place, not all of them.
                await before.wait()
            async with self._room:
                yield
        finally:
            done.set()
            if self._last.get(chat_id) is done:
                del self._last[chat_id]
