"""A bot that watches on a playground: people ask it, BTC trades at prices, its alerts are counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import Bot
from bot.playground.cast import Cast
from bot.playground.messages import Message
from bot.playground.server import PlaygroundServer
from signals.facts import BINANCE_BTC, Quote
from tests.bot.desks import NOW

LEVELS = "/levels set support 105000-106000 break 103000 rally 109000-111000"


@dataclass
class Clock:
    """The present moment, which only a story moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """Everything that a story needs."""

    server: PlaygroundServer
    cast: Cast
    bot: Bot
    clock: Clock

    def say(self, text: str, who: str = "alice") -> None:
        self.server.people.say(getattr(self.cast, who), self.server.telegram.bot, text)

    async def hears(self, containing: str, who: str = "alice") -> Message:
        return await self.server.wait_for_message(getattr(self.cast, who), containing)

    def trades_at(self, price: float, minutes: int = 1) -> None:
        """BTC trades at a price for some minutes, each of them judged."""
        for _ in range(minutes):
            self.clock.now += timedelta(minutes=1)
            now = self.clock.now
            self.bot.watch.see([Quote(BINANCE_BTC, now, price, price, now)])

    def alerts(self) -> list[tuple[str, bool]]:
        """The news of each alert that was sent, and whether it came without a sound."""
        return [
            (str(call.params["text"]).split(":")[0], bool(call.params.get("disable_notification")))
            for call in self.server.calls
            if call.method == "sendMessage" and "A-" in str(call.params["text"])
        ]
