"""The picture that goes with briefs, drawn once for all chats that are spoken to alike.

Drawing takes most of a second, and thousands want their brief at eight. Drawn for each of them, the last ones
would be too late to be worth sending.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.charts.picture import Drawable
from bot.desk import Desk
from bot.pictures.chart import picture_of
from bot.telling.briefs import CHART
from bot.words.wording import spoken_in, wording_for
from storage.chats import ChatRow, read_chat
from storage.outbox import Delivery

SPAN = timedelta(days=7)
FRESH = timedelta(minutes=10)
"""So long one picture serves; the words of a brief are no younger where many wait."""


class _Drawn(NamedTuple):
    at: datetime
    picture: bytes


class BriefPictures:
    """Draws them, one after the other. Lives in one event loop."""

    def __init__(self, desk: Desk, draw: Callable[[Drawable], Awaitable[bytes]]) -> None:
        self._desk = desk
        self._draw = draw
        self._drawn: dict[tuple[str, str], _Drawn] = {}
        self._turn = asyncio.Lock()

    async def of(self, delivery: Delivery) -> bytes:
        """The picture for a brief, in the words of its chat, as PNG bytes.

        Raises:
            NotDrawnError: it could not be drawn; the next one who asks has it tried again.
        """
        chat = read_chat(self._desk.db, delivery.chat_id)
        assert chat is not None
        assert delivery.chart == CHART
        voice = spoken_in(chat.language, chat.app_language), chat.timezone
        async with self._turn:
            self._forget_old_ones()
            if voice not in self._drawn:
                self._drawn[voice] = _Drawn(self._desk.now, await self._picture(chat))
            return self._drawn[voice].picture

    async def _picture(self, chat: ChatRow) -> bytes:
        return await self._draw(picture_of(wording_for(chat, self._desk.now), self._desk, CHART, SPAN))

    def _forget_old_ones(self) -> None:
        now = self._desk.now
        # One from later than now was drawn before the clock was set back.
        self._drawn = {voice: each for voice, each in self._drawn.items() if each.at <= now < each.at + FRESH}
