"""A whole bot that can be ended and started again, in front of the playground, on a quiet market."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from bot.app import Bot
from bot.desk import Desk
from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat, Role
from bot.playground.messages import Message
from bot.playground.play import UNLIMITED
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.words.texts import every_language
from signals.facts import BINANCE_BTC, Quote
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, market_of_two_days, new_desk
from tests.bot.watched import LEVELS, Clock
from tests.playground.stage import new_playground

HOSTILE = "<b>&amp; \u202eevil 🦈"


@dataclass
class Stage:
    """A bot that can be ended and started again, and people who talk to it."""

    server: PlaygroundServer
    cast: Cast
    desk: Desk
    clock: Clock
    bots: list[Bot] = field(default_factory=list)

    @property
    def bot(self) -> Bot:
        return self.bots[-1]

    @property
    def ticker(self) -> Chat:
        """A group in which the bot is an administrator."""
        return self.cast.night_desk

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        bot = Bot(self.desk, self.server.token, self.server.base_url, limits=UNLIMITED)
        self.bots.append(bot)
        bot.watch.resume()
        bot.watch.judge()
        async with bot.online():
            ready = len(every_language()) * len(self.bots)
            await self.server.wait_for_call("setMyShortDescription", number=ready)
            yield

    def say(self, text: str, chat: Chat | User, who: User | None = None) -> None:
        room = self.server.telegram.bot if isinstance(chat, User) else chat
        self.server.people.say(who or self.cast.alice, room, text)

    async def board(self, chat: Chat | User, containing: str = "as of") -> Message:
        return await self.server.wait_for_message(chat, containing)

    async def pinned(self, chat: Chat, message: Message) -> None:
        await self.server.wait_for(lambda: message.id in chat.pinned or None)

    def trades_at(self, price: float, minutes: int = 1) -> None:
        for _ in range(minutes):
            self.clock.now += timedelta(minutes=1)
            now = self.clock.now
            self.bot.watch.see([Quote(BINANCE_BTC, now, price, price, now)])

    def count(self, method: str) -> int:
        return sum(call.method == method for call in self.server.calls)

    async def sets_levels(self) -> None:
        """The operator names a support zone, which BTC is above of."""
        self.say(LEVELS, self.cast.alice)
        await self.server.wait_for_message(self.cast.alice, "Set by the operator")
        self.trades_at(107_500)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """A stage whose bot is not there yet, and is an administrator of the ticker's group."""
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast, clock = gather_cast(server.people), Clock()
            server.people.add_bot(cast.night_desk, cast.alice, Role.ADMINISTRATOR)
            desk.clock = clock
            # What a chat hears next is not held back by what it heard a minute ago.
            chosen = {"owner_ids": frozenset({cast.alice.id}), "cooldown_minutes": 0}
            desk.settings = desk.settings.model_copy(update=chosen)
            save_standings(desk.db, FRAGILE)
            yield Stage(server, cast, desk, clock)
        assert server.violations == []
