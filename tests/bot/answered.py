"""A bot that only answers, on a playground: what is said to it, and what its sender was told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.desk import Desk
from bot.playground.cast import Cast, gather_cast
from bot.playground.messages import Message
from bot.playground.server import PlaygroundServer
from bot.talk.handlers import add_handlers
from tests.bot.desks import FRAGILE, market_of_two_days, new_desk
from tests.playground.stage import AnyApplication, new_playground, polling_bot


@dataclass
class NotedSender:
    """In the place of the dispatcher: remembers what it was told."""

    woken: int = 0
    replied_in: list[int] = field(default_factory=list)

    def wake(self) -> None:
        self.woken += 1

    def note_reply(self, chat_id: int) -> None:
        self.replied_in.append(chat_id)


@dataclass(frozen=True)
class Stage:
    """Everything that a story needs."""

    server: PlaygroundServer
    cast: Cast
    desk: Desk
    sender: NotedSender
    application: AnyApplication

    async def hears(self, containing: str, chat: object = None) -> Message:
        return await self.server.wait_for_message(chat or self.cast.alice, containing)  # type: ignore[arg-type]  # a chat or a user

    def say(self, text: str) -> None:
        self.server.people.say(self.cast.alice, self.server.telegram.bot, text)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            desk.standings = FRAGILE
            cast, sender = gather_cast(server.people), NotedSender()
            async with polling_bot(server) as application:
                add_handlers(application, desk, sender)
                yield Stage(server, cast, desk, sender, application)
        assert server.violations == []
