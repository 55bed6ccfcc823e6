"""A day of the whole bot at high speed: Telegram, venues and the program itself fail at random all the time.

Nothing of the bot is replaced but its clock and the prices it asks for. A crash takes the database away from
it between two steps, and then ends all that it does.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from bot.app import Bot
from bot.desk import Desk
from bot.intake.collect import collect
from bot.intake.fetching import Collector
from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.json_types import Json
from bot.playground.refusals import SECOND_POLLER, RefusedError, too_many_requests
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.settings import Settings
from bot.telling.digests import make_due_digests
from bot.watching.pulse import beat
from signals.feeds.connections import Connections
from signals.feeds.context import FeedContext
from signals.levels import Band, Levels, LevelsSet
from storage import own_alerts
from storage.chats import ensure_chat, subscribe
from storage.database import Database, StorageError, open_database
from storage.levels import save_levels
from storage.market import save_facts
from storage.outbox import count_by_state
from tests.acceptance.leaping import LeapingLoop
from tests.acceptance.liars import Liars, walk
from tests.playground.stage import new_playground

LOOK, READERS = timedelta(minutes=1), 6
_OWN_RULE = "btc < 106000 repeat expires never"
_TOO_SLOW = timedelta(seconds=25)
"""Nobody waits for an answer for so long."""
_ACCIDENTS = 0.05
"""So many of the messages are in the air when the bot crashes."""
_MISHAPS = (
    too_many_requests(7),
    RefusedError(500, "restart"),
    Mishap.BAD_GATEWAY,
    Mishap.DROP_BEFORE,
    Mishap.DROP_AFTER,
    Mishap.SLOW,
)
_POLL_MISHAPS = (
    RefusedError(409, SECOND_POLLER),
    RefusedError(500, "restart"),
    Mishap.BAD_GATEWAY,
    Mishap.DROP_BEFORE,
)


@dataclass
class Day:
    """What happens, and what is counted meanwhile."""

    loop: LeapingLoop
    server: PlaygroundServer
    cast: Cast
    market: Liars
    database: Path
    chance: Random
    readers: list[Chat] = field(default_factory=list)
    crashes: int = 0
    asked: int = 0
    under_way: int = 0
    slow: int = 0
    """How many answers to messages came too late."""
    _accident: asyncio.Event = field(default_factory=asyncio.Event)
    most_pinned: int = 0

    def clock(self) -> datetime:
        """The time of all."""
        return self.loop.now

    async def live(self, length: timedelta) -> None:
        """So much of the day with all that goes wrong, then an hour in which nothing does."""
        end = self.clock() + length
        while self.clock() < end:
            await self._run_until(end)
        self.slow -= sum(fault.what is Mishap.SLOW for fault in self.server.faults.queued)
        self.server.faults.queued.clear()
        self.market.lies.clear()
        await self._run_until(self.clock() + timedelta(hours=1), calm=True)

    async def _run_until(self, end: datetime, *, calm: bool = False) -> None:
        """One life of the bot, till it crashes or all is over."""
        db = open_database(self.database)
        self._accident.clear()
        life = asyncio.create_task(self._life(db, end, calm=calm))
        crash = asyncio.create_task(self._crash(calm=calm))
        await asyncio.wait({life, crash}, return_when=asyncio.FIRST_COMPLETED)
        crash.cancel()
        has_crashed = not life.done()
        if has_crashed:
            self.crashes += 1
            self.under_way += count_by_state(db).get("sending", 0)
            # From here on nothing it does is kept; that is what kill -9 means.
            db.close()
            life.cancel()
        await asyncio.gather(life, return_exceptions=has_crashed)
        await asyncio.gather(crash, return_exceptions=True)
        if not has_crashed:
            db.close()

    async def _crash(self, *, calm: bool) -> None:
        """Return when the bot is to crash: at any moment, or while a message is in the air."""
        life = timedelta(days=2) if calm else timedelta(minutes=self.chance.expovariate(1 / 60))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(life.total_seconds()):
                await self._accident.wait()
                if calm:
                    await asyncio.Event().wait()

    def hear(self, change: Json) -> None:
        """Something happened at Telegram: now and then the bot crashes before it hears of it."""
        pinned = (len(chat.pinned) for chat in self.server.telegram.chats.values())
        self.most_pinned = max(self.most_pinned, *pinned)
        if change.get("method") == "sendMessage" and self.chance.random() < _ACCIDENTS:
            self._accident.set()

    async def _life(self, db: Database, end: datetime, *, calm: bool) -> None:
        # Those who run the bot may ask as often as they like; the limit for others goes by the real time.
        owners = frozenset({self.cast.alice.id, self.cast.bob.id, self.cast.xiaolin.id})
        chosen = {"owner_ids": owners, "cooldown_minutes": 5, "daily_cap": 0}
        settings = Settings(_env_file=None).model_copy(update=chosen)  # type: ignore[call-arg]  # pydantic's own
        desk = Desk(db, settings, self.clock)
        bot = Bot(desk, self.server.token, self.server.base_url)
        bot.watch.load()
        async with bot.online(), Connections(FeedContext(self.clock)) as to:
            collector = Collector(db, to, self.chance, tolerance=desk.settings.quorum_tolerance)
            bot.watch.judge()
            while self.clock() < end:
                await asyncio.sleep(LOOK.total_seconds())
                if not calm:
                    self._something_happens()
                facts = await collect(self.market.feeds(), collector)
                with contextlib.suppress(StorageError):
                    bot.watch.see([*beat(db, settings, self.clock()), *facts])
                    make_due_digests(desk)

    def _something_happens(self) -> None:
        """Of all that can happen, each as often as it deserves."""
        for seldom, what in self._events():
            if self.chance.random() < LOOK / seldom:
                what()

    def _events(self) -> list[tuple[timedelta, Callable[[], object]]]:
        minute = timedelta(minutes=1)
        return [
            (4 * minute, self._telegram_fails),
            (9 * minute, self._polling_fails),
            (90 * minute, self._a_chat_is_limited_for_long),
            (8 * minute, self.market.change_lies),
            (6 * minute, self._btc_moves),
            (5 * minute, self._somebody_asks),
            (20 * minute, self._somebody_takes_an_alert),
            (45 * minute, self._a_chat_is_muted),
        ]

    def _telegram_fails(self) -> None:
        what = self.chance.choice(_MISHAPS)
        times = self.chance.choice((1, 1, 2, 6))
        self.slow += times if what is Mishap.SLOW else 0
        self.server.faults.add(what, "sendMessage", times=times, delay_s=_TOO_SLOW.total_seconds())

    def _polling_fails(self) -> None:
        self.server.faults.add(self.chance.choice(_POLL_MISHAPS), "getUpdates")

    def _a_chat_is_limited_for_long(self) -> None:
        chat = self.chance.choice(self.readers)
        self.server.faults.add(too_many_requests(1800), "sendMessage", chat.id)

    def _btc_moves(self) -> None:
        self.market.btc = walk(self.chance, self.market.btc)

    def _somebody_asks(self) -> None:
        self.asked += 1
        words = self.chance.choice(("/about", "/why eth"))
        self.server.people.say(self.cast.bob, self.server.telegram.bot, words)

    def _somebody_takes_an_alert(self) -> None:
        self.server.people.say(self.cast.alice, self.cast.night_desk, f"/ack A-{self.chance.randint(1, 30)}")

    def _a_chat_is_muted(self) -> None:
        self.server.people.say(self.cast.xiaolin, self.server.telegram.bot, "/mute 20m")


@contextlib.asynccontextmanager
async def open_day(loop: LeapingLoop, folder: Path, chance: Random) -> AsyncIterator[Day]:
    """A day that has not begun: people have subscribed, one has an own alert, two have boards."""
    async with new_playground(clock=lambda: loop.now) as server:
        market = Liars(lambda: loop.now, chance, loop.now)
        day = Day(loop, server, gather_cast(server.people), market, folder / "day.db", chance)
        people = [server.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(READERS)]
        day.readers += [server.telegram.private_chat(p) for p in (*people, day.cast.alice, day.cast.xiaolin)]
        day.readers += [day.cast.night_desk, day.cast.channel]
        with contextlib.closing(open_database(day.database)) as db:
            _prepare(day, db)
        for user in (day.cast.alice, people[0]):
            server.people.say(user, server.telegram.bot, "/board")
        with server.telegram.changes.heard_by(day.hear):
            yield day


def _prepare(day: Day, db: Database) -> None:
    now = day.clock()
    levels = LevelsSet(Levels(Band(105_000, 106_000), 103_000, Band(109_000, 111_000)), now)
    save_facts(db, day.market.history())
    save_levels(db, levels)
    for chat in day.readers:
        ensure_chat(db, chat.id, chat.kind.value, chat.title, now)
        for topic in ("verdict", "premium", "etf_flow", "eth_btc", "support", "rally_zone", "blind"):
            subscribe(db, chat.id, topic, "sound")
    for chat in day.readers[:2]:
        own = own_alerts.draft(db, chat.id, 0, _OWN_RULE, None, made_by=chat.id, now=now)
        own_alerts.set_state(db, own, "armed")
