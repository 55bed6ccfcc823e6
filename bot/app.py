"""The wiring of the bot: who is made with what, started in which order, and ended in which.

feeds -> collect -> watch -> outbox -> dispatcher -> Telegram -> handlers -> desk
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random

from telegram import Update
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.briefs import CHART, make_due_briefs
from bot.charts.workshop import Workshop
from bot.commands.chart import picture_of
from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import TELEGRAM, Limits, Pace
from bot.desk import Desk
from bot.digests import make_due_digests
from bot.intake.backfill import Progress, fill_gap
from bot.intake.clockwork import Clockwork
from bot.intake.fetching import Collector
from bot.intake.schedule import Work, polled_every
from bot.intake.unfinished import put_down, take_up
from bot.logs import Complaints
from bot.own_alerts import OwnAlerts
from bot.pulse import beat
from bot.settings import Settings, SettingsError
from bot.talk.handlers import add_handlers
from bot.talk.inbox import Inbox
from bot.talk.line import new_application
from bot.talk.menus import set_menus
from bot.talk.poll import Poller
from bot.talk.requests import Requests
from bot.talk.webhook import Address, Webhook
from bot.telling import News
from bot.upkeep.alerts import TakenAlerts
from bot.upkeep.boards import Boards
from bot.watch import Watch
from bot.words.compose import compose_alert
from bot.words.wording import wording_for
from signals.feeds import coinglass, sosovalue
from signals.feeds.coins import CoinFeed
from signals.feeds.context import FeedContext
from signals.feeds.table import Connections
from signals.market import Fact
from signals.verdict import VERDICT
from storage.chats import ChatRow, is_group, read_chat
from storage.database import Database, open_database
from storage.market import Retention
from storage.outbox import Buttons, Delivery
from storage.sole import sole_use

log = logging.getLogger(__name__)

HEARD = [
    Update.MESSAGE,
    Update.CHANNEL_POST,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
]
"""The kinds of updates that the bot asks Telegram for."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=1)


class TelegramRefusedError(Exception):
    """Telegram does not accept the bot: the sentence says what to do."""


def utc_now() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


def feed_context(settings: Settings, clock: Callable[[], datetime] = utc_now) -> FeedContext:
    """What the feeds may know of the settings."""
    secrets = {sosovalue.KEY: settings.sosovalue_api_key, coinglass.KEY: settings.coinglass_api_key}
    keys = {name: key.get_secret_value() for name, key in secrets.items() if key}
    return FeedContext(clock, settings.base_urls, keys, settings.https_proxy)


def retention(settings: Settings) -> Retention:
    """How long things are kept."""
    return Retention(
        quotes=timedelta(days=settings.keep_quotes_days),
        candles=timedelta(days=settings.keep_candles_days),
        outbox=timedelta(days=settings.keep_outbox_days),
        gauges=timedelta(days=settings.keep_gauges_days),
    )


class Bot:
    """One bot: its desk, its watch, and its line to Telegram."""

    def __init__(
        self,
        desk: Desk,
        token: str,
        api_url: str | None,
        proxy: str | None = None,
        *,
        limits: Limits = TELEGRAM,
        webhook: Address | None = None,
    ) -> None:
        self.desk = desk
        self.workshop = Workshop()
        desk.draw = self.workshop.draw
        self.application = new_application(token, api_url, proxy)
        self.boards = Boards(desk)
        desk.leave_work = self.boards.look
        self.dispatcher = Dispatcher(
            desk.db,
            self.application.bot,
            desk.clock,
            Pace(limits),
            draw=self._draw,
            spare=(TakenAlerts(desk), self.boards),
        )
        desk.wake = self.dispatcher.wake
        self.own = OwnAlerts(desk, desk.wake)
        desk.forgotten = self.own.let_go
        self.watch = Watch(desk, self._compose, desk.wake, self._looked)
        desk.health.sending = self.dispatcher.health
        requests = Requests(utc_now, desk.settings.owner_ids)
        add_handlers(self.application, desk, self.dispatcher, requests)
        line = self.application.bot
        self.inbox = Inbox(desk.db, desk.clock, line, self.application.process_update)
        self.hearing: Poller | Webhook = (
            Webhook(desk.clock, line, box=self.inbox, kinds=HEARD, address=webhook)
            if webhook
            else Poller(desk.db, desk.clock, line, box=self.inbox, kinds=HEARD)
        )

    def _compose(self, chat: ChatRow, news: News) -> tuple[str, Buttons]:
        text, buttons = compose_alert(
            wording_for(chat, self.desk.now),
            news.alert_id,
            news.changes,
            news.after,
            before=news.before[VERDICT],
            rules=self.desk.rules.eth_btc,
            in_group=is_group(chat),
        )
        return text, [[button._asdict() for button in row] for row in buttons]

    async def _draw(self, delivery: Delivery) -> bytes:
        """The picture that goes with a brief, in the words of its chat."""
        chat = read_chat(self.desk.db, delivery.chat_id)
        assert chat is not None
        assert delivery.chart == CHART
        words = wording_for(chat, self.desk.now)
        return await self.workshop.draw(picture_of(words, self.desk, CHART, "7d"))

    def _looked(self) -> None:
        """What follows each look of the watch: the rules that chats made for themselves, and their boards."""
        self.own.look()
        self.boards.look()
        self.dispatcher.wake()

    def make_briefs(self) -> None:
        """Make every brief that is due now."""
        make_due_briefs(self.desk, self.dispatcher.wake)

    def make_digests(self) -> None:
        """Tell every chat what was held back from it for as long as was due."""
        make_due_digests(self.desk)

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        """Hear and answer while the block runs; connecting goes on beside it for as long as it takes."""
        line = asyncio.create_task(self._connect(), name="connect")
        sending = asyncio.create_task(self.dispatcher.run(), name="dispatcher")
        try:
            async with _ends_with(line, sending):
                yield
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)
            await self.inbox.finish()
            await self.dispatcher.stop()
            await asyncio.gather(sending, return_exceptions=True)
            await self.application.shutdown()
            await self.workshop.close()

    async def _connect(self) -> None:
        """Take up the line to Telegram, however long there is none, and hear what is said on it.

        Raises:
            TelegramRefusedError: the token is not one of a bot.
        """
        wait = _FIRST_WAIT
        while not await self._connected():
            await asyncio.sleep(wait.total_seconds())
            wait = min(wait * 2, _LONGEST_WAIT)
        log.info("on Telegram as @%s", self.application.bot.username)
        self.inbox.take_up()
        self.dispatcher.wake()
        menus = asyncio.create_task(self._set_menus(), name="menus")
        try:
            await self.hearing.run()
        finally:
            menus.cancel()
            await asyncio.gather(menus, return_exceptions=True)

    async def _set_menus(self) -> None:
        with contextlib.suppress(TelegramError):
            # The menus are as they were if this fails, and the next start sets them again.
            await set_menus(self.application.bot, self.desk.settings.owner_ids)

    async def _connected(self) -> bool:
        try:
            await self.application.initialize()
        except (InvalidToken, Forbidden) as error:
            raise TelegramRefusedError(
                "TELEGRAM_BOT_TOKEN: Telegram does not know this token; @BotFather shows the right one."
            ) from error
        except (NetworkError, RetryAfter) as error:
            log.warning("Telegram cannot be reached, trying again: %s", type(error).__name__)
            return False
        return True


@asynccontextmanager
async def _ends_with(*tasks: asyncio.Task[None]) -> AsyncIterator[None]:
    """End the block with the error of the first task that fails; a task that is merely done ends nothing."""
    block = asyncio.current_task()
    assert block is not None
    failed: list[BaseException] = []

    def note(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            failed.append(error)
            block.cancel()

    for task in tasks:
        task.add_done_callback(note)
    try:
        yield
    except asyncio.CancelledError:
        if not failed:
            raise
        block.uncancel()
        raise failed[0] from None
    finally:
        for task in tasks:
            task.remove_done_callback(note)


def webhook_address(settings: Settings) -> Address:
    """Where Telegram brings updates to.

    Raises:
        SettingsError: no address is set.
    """
    if settings.webhook_url is None:
        raise SettingsError(
            "AFTERSHOCK_WEBHOOK_URL: has to be set for --webhook, such as https://bot.example.org"
        )
    secret = settings.secret_of_webhook()
    assert secret is not None
    return Address(settings.webhook_url, settings.listen_host, settings.port, secret)


async def run(settings: Settings, complaints: Complaints | None = None, *, webhook: bool = False) -> None:
    """Run on Telegram and the live markets until SIGINT or SIGTERM.

    Raises:
        SettingsError: `webhook` is wanted, and no address is set for it.
        StorageError: the database cannot be opened, or another bot runs on it.
        TelegramRefusedError: the token is wrong.
    """
    assert settings.telegram_bot_token is not None
    # Opened first: what is wrong with the file is told better than what is wrong beside it.
    with contextlib.closing(open_database(settings.database)) as db, sole_use(settings.database):
        desk = Desk(db, settings, utc_now)
        if complaints is not None:
            desk.health.complaints = complaints.newest_first
        token = settings.telegram_bot_token.get_secret_value()
        address = webhook_address(settings) if webhook else None
        bot = Bot(desk, token, settings.telegram_api_url, settings.https_proxy, webhook=address)
        bot.watch.load()
        async with (
            bot.online(),
            Connections(feed_context(settings)) as connections,
            _watching(bot, connections),
        ):
            await until_stopped()
    log.info("stopped")


@asynccontextmanager
async def _watching(bot: Bot, connections: Connections) -> AsyncIterator[None]:
    """Watch the markets while the block runs: fill the gap since the last run first, then by the clock."""
    settings, db = bot.desk.settings, bot.desk.db
    chance = Random()  # noqa: S311  # jitter, no secret
    collector = Collector(db, connections, chance, tolerance=settings.quorum_tolerance)
    take_up(db, connections)
    bot.desk.coins.feed = CoinFeed(connections.exchanges)
    starting = asyncio.create_task(_catch_up(bot, collector), name="catch up")

    async def hear(facts: tuple[Fact, ...]) -> None:
        # Until the gap is filled, the first states would be worked out from half of the facts.
        if starting.done():
            bot.watch.see([*beat(db, settings, bot.desk.now), *facts])
        else:
            bot.desk.market = bot.desk.market.add(facts)

    poll = timedelta(seconds=settings.poll_seconds)
    work = Work(
        collector,
        hear,
        retention(settings),
        bot.make_briefs,
        bot.make_digests,
        coins_to_poll=bot.desk.coins.to_poll,
    )
    clockwork = Clockwork(work, polled_every(poll))
    clockwork.start()
    try:
        async with _ends_with(starting):
            yield
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await clockwork.stop()
        put_down(db, connections)


async def _catch_up(bot: Bot, collector: Collector) -> None:
    """Fetch what was missed, then take it in and judge; without internet with what there is."""
    await fill_gap(collector, _log_progress)
    beat(collector.db, bot.desk.settings, bot.desk.now)
    bot.watch.reload_market()
    bot.watch.judge()
    log.info("caught up with the market")


def _log_progress(progress: Progress) -> None:
    if progress.error:
        log.warning("%s: not filled in: %s", progress.subject, progress.error)
    elif progress.share >= 1:
        log.info("%s: %d facts filled in", progress.subject, progress.facts)


async def until_stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await stopped.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def open_desk(settings: Settings) -> Desk:
    """A desk to ask questions at, from what is stored; nothing is fetched or judged.

    Raises:
        StorageError: the database cannot be opened.
    """
    db: Database = open_database(settings.database)
    desk = Desk(db, settings, utc_now)
    Watch(desk, lambda _chat, _news: ("", ()), lambda: None).load()
    return desk
