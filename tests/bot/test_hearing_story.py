"""The whole way over HTTP: what is chosen on a phone decides what rings, what waits, and what comes afterwards."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from bot.desk import Desk
from bot.playground.cast import Cast, gather_cast
from bot.playground.messages import Message
from bot.playground.play import UNLIMITED
from bot.playground.server import PlaygroundServer
from bot.settings import Settings
from bot.words.texts import every_language
from signals.market import BINANCE_BTC, Quote
from storage.database import open_database
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW, market_of_two_days
from tests.bot.test_warning_story import LEVELS
from tests.playground.stage import new_playground

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INSIDE, BELOW, ABOVE = 105_900.0, 104_000.0, 107_200.0


class Stage:
    """A bot that can be killed and started again on the same file, before the same Telegram."""

    def __init__(self, server: PlaygroundServer, cast: Cast, path: Path) -> None:
        self.server, self.cast, self.path = server, cast, path
        self.now = NOW
        self.bot: Bot
        self._running = AsyncExitStack()

    async def start(self) -> None:
        db = open_database(self.path)
        self._running.callback(db.close)
        options = {"owner_ids": frozenset({self.cast.alice.id})}
        settings = Settings(_env_file=None).model_copy(update=options)  # type: ignore[call-arg]  # pydantic's own
        desk = Desk(db, settings, lambda: self.now, market_of_two_days())
        if self.now == NOW:
            save_standings(db, FRAGILE)
        self.bot = Bot(desk, self.server.token, self.server.base_url, limits=UNLIMITED)
        self.bot.watch.resume()
        menus = len(every_language()) + len(self.server.calls_of("setMyShortDescription"))
        await self._running.enter_async_context(self.bot.online())
        await self.server.wait_for_call("setMyShortDescription", number=menus)

    async def stop(self) -> None:
        await self._running.aclose()

    def say(self, text: str, who: str = "alice") -> None:
        self.server.people.say(getattr(self.cast, who), self.server.telegram.bot, text)

    async def hears(self, containing: str, who: str = "alice") -> Message:
        return await self.server.wait_for_message(getattr(self.cast, who), containing)

    def trades_at(self, *prices: float) -> None:
        """BTC trades at each price for a minute."""
        for price in prices:
            self.now += MINUTE
            self.bot.watch.see([Quote(BINANCE_BTC, self.now, price, price, self.now)])

    def passes(self, until: datetime) -> None:
        """Time goes by, and the job that makes digests runs once it has."""
        self.now = until
        self.bot.make_digests()

    def alerts(self, who: str = "alice") -> list[tuple[str, bool]]:
        """The first line of everything with alerts in it that somebody was sent, and whether it made no sound."""
        chat_id = getattr(self.cast, who).id
        return [
            (str(call.params["text"]).split("\n")[0], bool(call.params.get("disable_notification")))
            for call in self.server.calls
            if call.method == "sendMessage"
            and call.params["chat_id"] == chat_id
            and "A-" in str(call.params["text"])
        ]
