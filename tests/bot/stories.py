"""For stories: the whole bot, as it runs on Telegram, among the people of the playground, without limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.app import Bot
from bot.desk import Desk
from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.journal import CallRecord
from bot.playground.messages import Message
from bot.playground.people import People
from bot.playground.play import UNLIMITED
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.settings import Settings
from storage import chats, outbox
from storage.chats import ChatRow
from storage.database import Database, open_database
from storage.inbox import count_inbox
from storage.outbox import Delivery
from tests.bot.desks import FRAGILE, NOW, market_of_two_days
from tests.playground.stage import new_playground


class StandingClock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, length: timedelta) -> None:
        self.now += length


@dataclass(frozen=True)
class Story:
    """Who is there, and what they do and see."""

    server: PlaygroundServer
    cast: Cast
    bot: Bot
    clock: StandingClock

    @property
    def people(self) -> People:
        return self.server.people

    @property
    def desk(self) -> Desk:
        return self.bot.desk

    @property
    def db(self) -> Database:
        return self.bot.desk.db

    def say(self, user: User, text: str, chat: Chat | None = None, **more: Any) -> Message:
        return self.people.say(user, chat or self.server.telegram.bot, text, **more)

    async def hears(self, chat: Chat | User, containing: str = "") -> Message:
        """The newest message of the bot there that contains this."""
        return await self.server.wait_for_message(chat, containing)

    async def shows(self, message: Message, containing: str) -> None:
        """Wait until a message reads so: it was edited."""
        await self.server.wait_for(lambda: containing in message.text)

    async def press(self, user: User, message: Message, button: str) -> str:
        """Press a button and wait for the note that pops up."""
        query = self.people.press(user, message, button)
        answered = await self.server.wait_for(lambda: self._answer_to(query))
        return str(answered.params.get("text", ""))

    def _answer_to(self, query: str) -> CallRecord | None:
        return next((each for each in self.calls("answerCallbackQuery", query) if each.ok), None)

    def calls(self, method: str, query: str | None = None) -> list[CallRecord]:
        return [
            call
            for call in self.server.calls
            if call.method == method and query in {None, call.params.get("callback_query_id")}
        ]

    async def settled(self) -> None:
        """Wait until everything that was said before has been dealt with, and everything due is sent."""
        before = len(self.server.sent(self.cast.bob))
        self.say(self.cast.bob, "/about")
        await self.server.wait_for(lambda: len(self.server.sent(self.cast.bob)) > before)
        async with asyncio.timeout(5):
            while not self._is_quiet():  # noqa: ASYNC110  the library tells nobody that it is done
                await asyncio.sleep(0)

    def _is_quiet(self) -> bool:
        due = outbox.next_due(self.db)
        is_sent = not self.bot.dispatcher.in_flight and (due is None or due > self.clock.now)
        return is_sent and not count_inbox(self.db).get("waiting")

    def texts(self, chat: Chat | User) -> list[str]:
        return [message.text for message in self.server.sent(chat)]

    def row(self, chat: Chat | User) -> ChatRow:
        found = chats.read_chat(self.db, chat.id)
        assert found is not None
        return found

    def deliver(self, chat: Chat | User, text: str, **more: Any) -> None:
        """An alert leaves for a chat."""
        alert = Delivery(chat_id=chat.id, kind="alert", text=text, created_at=self.clock.now, **more)
        outbox.enqueue(self.db, [alert])
        self.bot.dispatcher.wake()


@asynccontextmanager
async def told(database: str = ":memory:", **settings: Any) -> AsyncIterator[Story]:
    """A story with these settings, named as in the environment; the bot is in all places of the cast."""
    async with new_playground() as server:
        cast, clock = gather_cast(server.people), StandingClock()
        async with told_on(server, cast, clock, database, **settings) as story:
            yield story
        assert server.violations == []


@asynccontextmanager
async def told_on(
    server: PlaygroundServer, cast: Cast, clock: StandingClock, database: str, **settings: Any
) -> AsyncIterator[Story]:
    """A bot that starts on a Telegram that is there already."""
    db = open_database(database)
    try:
        chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg]  # pydantic's own
        desk = Desk(db, chosen, clock, market_of_two_days(), FRAGILE)
        bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
        async with bot.online():
            yield Story(server, cast, bot, clock)
    finally:
        db.close()
