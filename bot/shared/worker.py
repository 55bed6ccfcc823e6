"""A worker: it stands by until it leads, and leads until it has lost the lead; then it stands by again.

stand by -> lead: watch, hear, send -> lost: nothing more is sent -> stand by
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from bot.app import Bot, Part
from bot.desk import Desk
from bot.lasting import Lasting
from bot.lead.candidate import Lead, leading
from bot.logs import Complaints
from bot.settings import Settings
from bot.shared.heeding import Heeding
from bot.shared.names import new_name
from bot.shared.room import LeavingRoom
from bot.shared.warming import warm_up
from bot.surroundings import feed_context, until_stopped, utc_now
from bot.tasks import cancel, doing
from bot.vitals.attended import attended
from bot.watching.live import watching
from signals.feeds.connections import Connections
from storage.database import Database, StorageError
from storage.levels import read_levels

_log = logging.getLogger(__name__)

_AGAIN_AFTER_S = 1.0


async def work(settings: Settings, complaints: Complaints | None = None, *, hears: bool = True) -> None:
    """Stand by and lead until SIGINT or SIGTERM. Without `hears` web processes receive the updates.

    Raises:
        SettingsError: a port cannot be listened on.
        StorageError: the database cannot be opened at the start.
        TelegramRefusedError: the token is wrong.
    """
    stopping = asyncio.create_task(until_stopped(), name="stopping")
    working = asyncio.create_task(_work(settings, complaints, hears=hears), name="work")
    try:
        await asyncio.wait((stopping, working), return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancel(stopping)
        working.cancel()
        await asyncio.wait((working,))
    if not working.cancelled():
        working.result()
    _log.info("stopped")


async def _work(settings: Settings, complaints: Complaints | None, *, hears: bool) -> None:
    """One lead after the other. What goes wrong with the database passes, but for at the start."""
    has_opened = False
    away = Lasting(_log, "standing by again", over="the database answers again")

    def meanwhile(db: Database) -> AbstractAsyncContextManager[None]:
        nonlocal has_opened
        has_opened = True
        away.is_well()
        return standing_by(db, settings)

    while True:
        # Another name each time: what this process had begun and given up is anybody's, its own as well.
        name = new_name("worker")
        try:
            async with leading(settings.database, name, meanwhile) as lead:
                await _lead(settings, complaints, lead, name, hears=hears)
        except StorageError as error:
            if not has_opened:
                raise
            away.complain(error)
        await asyncio.sleep(_AGAIN_AFTER_S)


@asynccontextmanager
async def standing_by(db: Database, settings: Settings) -> AsyncIterator[None]:
    """Say to whoever asks over HTTP that all is well while the database answers, and get ready to lead."""
    desk = Desk(db, settings, utc_now)
    desk.health.watches = desk.health.hears = False
    async with attended(desk), doing(warm_up(desk)):
        yield


async def _lead(
    settings: Settings, complaints: Complaints | None, lead: Lead, name: str, *, hears: bool
) -> None:
    """Watch, hear and send until the lead is lost."""
    assert settings.telegram_bot_token is not None
    desk = Desk(lead.db, settings, utc_now)
    desk.health.hears = hears
    if complaints is not None:
        desk.health.complaints = complaints.newest_first
    token = settings.telegram_bot_token.get_secret_value()
    part = Part(name, hears=hears, may_speak=lead.fence.is_open)
    bot = Bot(desk, token, settings.telegram_api_url, settings.https_proxy, part=part)
    await bot.watch.load_beside()
    async with (
        attended(desk),
        bot.online(),
        heeding_others(bot),
        Connections(feed_context(settings)) as connections,
        watching(bot.watch, desk, connections, make_briefs=bot.make_briefs, make_digests=bot.make_digests),
    ):
        await lead.lost
        bot.give_up()


@asynccontextmanager
async def heeding_others(bot: Bot) -> AsyncIterator[None]:
    """Look at what other processes have changed, and take up what they leave behind, while the block runs."""

    def take_levels() -> None:
        bot.desk.market = replace(bot.desk.market, levels=read_levels(bot.desk.db))

    heeding = Heeding(
        bot.desk.db, {"work": bot.look_around, "levels": take_levels, "roles": bot.forget_roles}
    )
    room = LeavingRoom(bot.desk.db, filter(None, (bot.pace, bot.paid)))
    async with doing(heeding.run(), bot.inbox.care(), room.run()):
        yield
