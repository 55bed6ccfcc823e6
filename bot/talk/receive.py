"""In which order updates are handled: one after the other within a chat, chats side by side."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

_MOST_AT_ONCE = 32


class ChatOrder(BaseUpdateProcessor):
    """The library's own processor handles updates at once in any order, or all of them one by one.

    `/mute` and the `/status` after it must not overtake each other, nor may a chart hold up another chat.
    """

    def __init__(self) -> None:
        super().__init__(_MOST_AT_ONCE)
        self._last: dict[int, asyncio.Event] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle an update when the one before it in its chat is done."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            await coroutine
            return
        before, done = self._last.get(chat.id), asyncio.Event()
        self._last[chat.id] = done
        try:
            if before is not None:
                await before.wait()
            await coroutine
        finally:
            done.set()
            if self._last.get(chat.id) is done:
                del self._last[chat.id]

    async def initialize(self) -> None:
        """Nothing is needed before."""

    async def shutdown(self) -> None:
        """Nothing is left after."""
