"""The playground, wired: the same bot as on Telegram, in front of our own Telegram, on a played market."""

import asyncio
import contextlib
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import Bot
from bot.delivery.pace import Limits
from bot.desk import Desk
from bot.logs import Complaints
from bot.playground.cast import ALICE_ID, gather_cast
from bot.playground.player import Player, VirtualClock
from bot.playground.scenario import scenario
from bot.playground.server import PlaygroundServer
from bot.settings import Settings
from bot.surroundings import until_stopped
from signals.market import Market
from signals.moments import to_ms
from storage.database import open_database
from storage.market import load_market

UNLIMITED = Limits(per_second=math.inf, chat_gap=timedelta(0), group_messages=10**6)
"""Nobody waits here: in virtual time Telegram's limits mean nothing, and a paused clock reaches no slot."""


@dataclass(frozen=True, slots=True)
class Play:
    """What is played: a market, from when to when, and what the page says of it."""

    market: Market
    since: datetime
    until: datetime
    notice: str


class NothingToPlayError(Exception):
    """There is no history for the time asked for."""


def built_in() -> Play:
    """The scenario that comes with the program."""
    story = scenario()
    return Play(Market().add(story.facts), story.begins, story.until, story.notice)


def imported(database: str, since: datetime, until: datetime) -> Play:
    """What was imported into a database, in the time asked for.

    Raises:
        NothingToPlayError: there is nothing for that time.
        StorageError: the database cannot be opened.
    """
    with contextlib.closing(open_database(database)) as db:
        name, market = db.name, load_market(db, until=until)
    if not any(len(rows.since(to_ms(since))) for rows in market.prices.values()):
        raise NothingToPlayError(
            f"{name} holds no prices between {since:%Y-%m-%d} and {until:%Y-%m-%d}; "
            "import some first, for example with `python -m bot import candles --help`."
        )
    return Play(market, since, until, f"Imported history, {since:%Y-%m-%d} to {until:%Y-%m-%d}")


async def play(
    settings: Settings,
    what: Play,
    port: int,
    speed: float,
    announce: Callable[[str], None],
    *,
    complaints: Complaints | None = None,
) -> None:
    """Serve the playground until SIGINT or SIGTERM; `announce` is told the page's address once it is there.

    Raises:
        OSError: the port cannot be used.
    """
    clock = VirtualClock(what.since, what.until, speed)
    with (
        # Chats and alerts of a game are forgotten with it.
        tempfile.TemporaryDirectory(prefix="aftershock-") as folder,
        contextlib.closing(open_database(Path(folder) / "playground.db")) as db,
    ):
        operated = settings.model_copy(update={"owner_ids": settings.owner_ids | {ALICE_ID}})
        desk = Desk(db, operated, clock, market=what.market)
        if complaints is not None:
            desk.health.complaints = complaints.newest_first
        player = Player(clock, desk, what.notice)
        server = PlaygroundServer(clock=clock, playback=player)
        await server.start(port=port)
        try:
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.resume()
            bot.watch.judge()
            async with bot.online():
                introduce(server)
                announce(server.base_url)
                await _play_until_stopped(player, bot)
        finally:
            await server.close()


def introduce(server: PlaygroundServer) -> None:
    """Most say hello and subscribe, in the way that people do; Bob is left to begin as a newcomer.

    In the forum only the topic Alerts hears, and the bot is no administrator of either group: what it
    then cannot do, such as pinning, is there to be seen, and one promotes it in the chat's menu.
    """
    cast, people = gather_cast(server.people), server.people
    people.say(cast.alice, cast.alice, "/start")
    people.say(cast.alice, cast.alice, "/subscribe all")
    people.say(cast.xiaolin, cast.xiaolin, "/start")
    people.say(cast.xiaolin, cast.xiaolin, "/subscribe all")
    people.say(cast.alice, cast.night_desk, "/subscribe all")
    people.say(cast.alice, cast.trading_floor, "/subscribe all", cast.alerts.id)
    people.post(cast.channel, "/subscribe verdict")


async def _play_until_stopped(player: Player, bot: Bot) -> None:
    async def tick() -> None:
        bot.watch.judge()
        bot.make_digests()
        await bot.make_briefs()

    playing = asyncio.create_task(player.run(tick), name="player")
    stopped = asyncio.create_task(until_stopped(), name="stopped")
    try:
        await asyncio.wait((playing, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, stopped):
            task.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await playing
