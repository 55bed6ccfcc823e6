"""One process that does everything: it watches, hears, answers and sends, alone on its database."""

import contextlib
import logging

from bot.app import Bot, webhook_address
from bot.desk import Desk
from bot.logs import Complaints
from bot.settings import Settings
from bot.surroundings import feed_context, until_stopped, utc_now
from bot.vitals.attended import attended
from bot.watching.live import watching
from signals.feeds.connections import Connections
from storage.database import open_database
from storage.sole import sole_use

_log = logging.getLogger(__name__)


async def run(settings: Settings, complaints: Complaints | None = None, *, webhook: bool = False) -> None:
    """Run on Telegram and the live markets until SIGINT or SIGTERM.

    Raises:
        SettingsError: `webhook` is wanted, and no address is set for it; or a port cannot be listened on.
        StorageError: the database cannot be opened, or another bot runs on it.
        TelegramRefusedError: the token is wrong.
    """
    assert settings.telegram_bot_token is not None
    # Opened first: what is wrong with the file is told better than what is wrong beside it.
    with contextlib.closing(open_database(settings.database)) as db, sole_use(db):
        desk = Desk(db, settings, utc_now)
        if complaints is not None:
            desk.health.complaints = complaints.newest_first
        token = settings.telegram_bot_token.get_secret_value()
        address = webhook_address(settings) if webhook else None
        bot = Bot(desk, token, settings.telegram_api_url, settings.https_proxy, webhook=address)
        await bot.watch.load_beside()
        async with (
            attended(desk),
            bot.online(),
            Connections(feed_context(settings)) as connections,
            watching(
                bot.watch, desk, connections, make_briefs=bot.make_briefs, make_digests=bot.make_digests
            ),
        ):
            await until_stopped()
    _log.info("stopped")
