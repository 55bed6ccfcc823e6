"""A web process: it receives updates and answers them. Any number of them share one inbox; the leader sends.

Telegram -> webhook -> inbox -> handlers -> a desk that follows the leader's
what is to be sent later, or watched from now on -> database -> the leader
"""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.app import HEARD, webhook_address
from bot.charts.workshop import Workshop
from bot.desk import Desk
from bot.lead.ticker import Ticker
from bot.logs import Complaints
from bot.online import Line, online
from bot.opening import opened
from bot.settings import Settings
from bot.shared.following import Following
from bot.shared.heeding import Heeding
from bot.shared.messenger import Messenger
from bot.shared.names import new_name
from bot.shared.rate import Rate
from bot.surroundings import feed_context, until_stopped, utc_now
from bot.talk.handlers import add_handlers
from bot.talk.inbox import Inbox
from bot.talk.line import new_application
from bot.talk.requests import Requests
from bot.talk.webhook import Webhook
from bot.tasks import doing
from bot.vitals.attended import attended
from signals.feeds.coins import CoinFeed
from signals.feeds.connections import Connections
from storage.database import Database, StorageError, open_database
from storage.processes import forget_dead, is_gone, say_alive

_log = logging.getLogger(__name__)

_SAYS_SO_EVERY = timedelta(seconds=1)


async def serve(settings: Settings, complaints: Complaints | None = None) -> None:
    """Receive and answer until SIGINT or SIGTERM.

    Raises:
        SettingsError: no address is set for the webhook, or a port cannot be listened on.
        StorageError: the database cannot be opened.
        TelegramRefusedError: the token is wrong.
    """
    with contextlib.closing(await opened(lambda: open_database(settings.database))) as db:
        desk = Desk(db, settings, utc_now)
        desk.health.watches = False
        if complaints is not None:
            desk.health.complaints = complaints.newest_first
        web = Web(desk)
        await web.following.load()
        async with (
            said_alive(db, web.name, Rate(web.count_said).per_second),
            attended(desk),
            Connections(feed_context(settings)) as connections,
        ):
            # Whoever asks for a preview of a rule about a coin is the one who needs the venues here.
            desk.coins.feed = CoinFeed(connections.exchanges)
            async with web.online():
                await until_stopped()
    _log.info("stopped")


class Web:
    """One process that receives and answers, wired."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings
        assert settings.telegram_bot_token is not None
        token = settings.telegram_bot_token.get_secret_value()
        self.name = new_name("web")
        self.following = Following(desk)
        self._desk = desk
        self._workshop = Workshop()
        self._messenger = Messenger(desk.db, desk.clock)
        self._application = new_application(token, settings.telegram_api_url, settings.https_proxy)
        desk.draw = self._workshop.draw
        desk.wake = desk.leave_work = self._messenger.wake
        requests = Requests(utc_now, settings.owner_ids)
        forget_roles = add_handlers(self._application, desk, self._messenger, requests)
        self._heeding = Heeding(desk.db, {"roles": forget_roles})
        line = self._application.bot
        self._inbox = Inbox(desk.db, desk.clock, line, self._application.process_update, self.name)
        self._hearing = Webhook(
            desk.clock, line, box=self._inbox, kinds=HEARD, address=webhook_address(settings)
        )
        desk.health.hearing = self._hearing.health

    def count_said(self) -> int:
        """How many messages this process has sent."""
        return self._messenger.said

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        """Receive and answer while the block runs."""
        owners = self._desk.settings.owner_ids
        line = Line(self._application, self._hearing, self._inbox, self._messenger, owners)
        async with (
            online(line, self._workshop.close),
            doing(self.following.run(), self._inbox.care(), self._heeding.run()),
        ):
            yield


@asynccontextmanager
async def said_alive(db: Database, name: str, per_second: Callable[[], int]) -> AsyncIterator[None]:
    """Say while the block runs that this process is there, however busy it is, and how much it sends."""
    with contextlib.closing(db.another()) as own:
        ticker = Ticker(lambda: say_alive(own, name, "web", per_second()), _SAYS_SO_EVERY, "sign of life")
        forget_dead(db)
        say_alive(db, name, "web")
        ticker.start()
        try:
            yield
        finally:
            ticker.stop()
            with contextlib.suppress(StorageError):
                is_gone(db, name)
