"""A fragile market on loopback and the people who listen: what every story of faults begins with.

The history is stored beforehand, so that a bot has caught up as soon as it has started. BTC goes into its
support zone and out of it at will, which is an alert each time; Alice has an own alert at the zone's border.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.json_types import Json
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from signals.facts import BINANCE_BTC, COINBASE_BTC, KRAKEN_BTC, Candle
from signals.feeds.kinds import BAR
from signals.feeds.venues import VENUES
from storage import own_alerts
from storage.acknowledgements import read_taken
from storage.chats import ensure_chat, subscribe
from storage.database import Database, open_database
from storage.market import save_facts
from tests.acceptance.hatchery import Fork, Hatchery, hatchery
from tests.acceptance.process import environment
from tests.acceptance.tally import Told, alerts_in, firings_in, repetitions
from tests.acceptance.wall_clock import WallClock
from tests.playground.stage import new_playground
from tests.venues import Fault, Venues

LEVELS = "/levels set support 105000-106000 break 103000 rally 109000-111000"
INSIDE, ABOVE = 105_500.0, 107_500.0
_OWN_RULE = "btc < 106500 repeat expires never"
_BACK = timedelta(days=16, hours=1)
_SLOW_TO_FILL = ("binanceusdm", "okx", "bybit")
"""Half a month of open interest would be asked for at every start."""


@dataclass
class Scene:
    """Where it happens. `turns` counts how often BTC went into the zone or out of it."""

    server: PlaygroundServer
    venues: Venues
    cast: Cast
    clock: WallClock
    folder: Path
    bots: Hatchery
    turns: int = 0
    readers: list[Chat] = field(default_factory=list)
    most_pinned: int = 0

    @property
    def database(self) -> Path:
        """The file of the bots."""
        return self.folder / "bot.db"

    @property
    def alice(self) -> Chat:
        """Alice's own chat with the bot."""
        return self.server.telegram.private_chat(self.cast.alice)

    def say(self, text: str, who: User | None = None, chat: Chat | None = None) -> None:
        """Alice, or somebody else, writes to the bot, or in a chat."""
        self.server.people.say(who or self.cast.alice, chat or self.server.telegram.bot, text)

    async def ask(self, text: str, who: User) -> None:
        """Somebody writes to the bot, and has an answer."""
        before = len(self.server.sent(who))
        self.say(text, who)
        await self.server.wait_for(lambda: len(self.server.sent(who)) > before)

    def price(self, usd: float) -> None:
        """BTC trades at this everywhere."""
        for instrument in (BINANCE_BTC, COINBASE_BTC, KRAKEN_BTC):
            self.venues.price(instrument, usd, usd + 1)

    async def turn(self, bot: Fork) -> None:
        """BTC goes into its zone, or out of it."""
        self.turns += 1
        self.price(INSIDE if self.turns % 2 else ABOVE)
        await self.pass_minute(bot)

    async def pass_minute(self, bot: Fork, is_enough: Callable[[], bool] = lambda: False) -> None:
        """A minute passes in which the bot asked for prices, unless it dies: they count by the minute.

        `is_enough`: no need to wait any more.
        """
        asked = self.venues["binance"].requests
        asked.clear()

        def is_over() -> bool:
            return sum("bookTicker" in each for each in asked) > 1 or bot.died.done() or is_enough()

        async with asyncio.timeout(60):
            # Neither venues nor the dead tell that something happened.
            while not is_over():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        if not is_enough():
            self.clock.jump(timedelta(minutes=1))

    async def hears_all(self, bot: Fork, *but: Chat) -> None:
        """Wait until every reader, but some, was told of every turn."""

        def is_told() -> bool:
            chats = [chat for chat in self.readers if chat not in but]
            return all(len(set(alerts_in(self.server.sent(chat)))) >= self.turns for chat in chats)

        if not is_told():
            await self.pass_minute(bot, is_told)
            await self.server.wait_for(is_told)

    def check(self, may_repeat: Counter[Told]) -> int:
        """All was told to everybody once, or again where it may be; how often it was told again."""
        repeated: Counter[Told] = Counter()
        for chat in self.readers:
            repeated += repetitions(chat, alerts_in(self.server.sent(chat)), self.turns)
        assert repeated <= may_repeat, f"{repeated - may_repeat} without need"
        fired = firings_in(self.server.sent(self.alice))
        assert sorted(set(fired)) == list(range(1, (self.turns + 1) // 2 + 1)), f"own alerts: {fired}"
        assert self.most_pinned <= 1
        return repeated.total()

    def taken(self, chat: Chat) -> dict[int, str]:
        """Who has which alert of a chat, by what is stored."""
        numbers = {int(number[2:]) for number in alerts_in(self.server.sent(chat))}
        with closing(open_database(self.database)) as db:
            return {number: each.name for number, each in read_taken(db, chat.id, numbers).items()}

    def look_at_pins(self, _change: Json) -> None:
        """No chat ever has two boards."""
        pinned = (len(chat.pinned) for chat in self.server.telegram.chats.values())
        self.most_pinned = max(self.most_pinned, *pinned)


@asynccontextmanager
async def open_scene(folder: Path, **more: str) -> AsyncIterator[Scene]:
    """A scene in which no bot runs yet; `more` goes into the environment of those that will."""
    clock = WallClock(folder / "clock")
    async with new_playground(clock=clock) as server, Venues(clock) as venues:
        cast = gather_cast(server.people)
        chosen = {"AFTERSHOCK_OWNER_IDS": str(cast.alice.id), "AFTERSHOCK_COOLDOWN_MINUTES": "0"}
        env = environment(folder / "bot.db", server, venues, AFTERSHOCK_DAILY_CAP="0", **chosen, **more)
        async with hatchery(env, folder, folder / "clock") as bots:
            scene = Scene(server, venues, cast, clock, folder, bots)
            scene.readers += [scene.alice, cast.night_desk, cast.channel]
            scene.price(ABOVE)
            for source in _SLOW_TO_FILL:
                venues[source].fault = Fault.GEO_BLOCKED
            with closing(open_database(scene.database)) as db:
                _prepare(scene, db)
            with server.telegram.changes.heard_by(scene.look_at_pins):
                yield scene
        assert server.violations == []


def _prepare(scene: Scene, db: Database) -> None:
    """What was before: a history, and people who subscribed."""
    now = scene.clock()
    save_facts(db, _history(scene.venues, now))
    for chat in scene.readers:
        ensure_chat(db, chat.id, chat.kind.value, chat.title, now)
        subscribe(db, chat.id, "support", "sound")
    rule = own_alerts.draft(db, scene.alice.id, 0, _OWN_RULE, None, made_by=scene.cast.alice.id, now=now)
    own_alerts.set_state(db, rule, "armed")


def _history(venues: Venues, now: datetime) -> Iterator[Candle]:
    """Half a month in which nothing happened, of all that the rules look at."""
    opens = now - _BACK - (now - datetime(1970, 1, 1, tzinfo=UTC)) % BAR
    for venue in VENUES.values():
        for instrument in venue.market_ids:
            price, at = float(venues.prices[instrument][0]), opens
            while at + BAR <= now:
                yield Candle(instrument, BAR, at, price, price, price, price, 1.0)
                at += BAR


async def name_levels(scene: Scene) -> None:
    """The operator names the zone, of a bot that runs."""
    scene.say(LEVELS)
    await scene.server.wait_for_message(scene.cast.alice, "Set by the operator")
