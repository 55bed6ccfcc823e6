"""The wiring of the bot: who is made with what, started in which order, and ended in which.

feeds -> collect -> watch -> outbox -> dispatcher -> Telegram -> handlers -> desk
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from telegram import Update

from bot.charts.workshop import Workshop
from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import PAID, TELEGRAM, Limits, Pace
from bot.desk import Desk
from bot.online import Line, online
from bot.own.alerts import OwnAlerts
from bot.pictures.briefs import BriefPictures
from bot.settings import Settings, SettingsError
from bot.surroundings import utc_now
from bot.talk.handlers import add_handlers
from bot.talk.inbox import Inbox
from bot.talk.line import LineBot, new_application
from bot.talk.poll import Poller
from bot.talk.requests import Requests
from bot.talk.unheard import HeardElsewhere
from bot.talk.webhook import Address, Webhook
from bot.tasks import doing
from bot.telling.alerts import News
from bot.telling.briefs import make_due_briefs
from bot.telling.digests import make_due_digests
from bot.upkeep.alerts import TakenAlerts
from bot.upkeep.boards import Boards
from bot.watching.watch import Watch
from bot.words.compose import compose_alert
from bot.words.wording import wording_for
from signals.verdict import VERDICT
from storage.chats import ChatRow, is_group
from storage.database import Database, open_database
from storage.letters import Buttons

HEARD = [
    Update.MESSAGE,
    Update.CHANNEL_POST,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
]
"""The kinds of updates that the bot asks Telegram for."""


Ears = Poller | Webhook | HeardElsewhere


class Part(NamedTuple):
    """What a process does of a bot: its name among those on one database, and whether it hears Telegram.

    `may_speak` is asked before each request; None: it always may.
    """

    name: str | None = None
    hears: bool = True
    may_speak: Callable[[], bool] | None = None


ALL_OF_IT = Part()


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
        part: Part = ALL_OF_IT,
    ) -> None:
        self.desk = desk
        self.workshop = Workshop()
        desk.draw = self.workshop.draw
        self.application = new_application(token, api_url, proxy)
        self.boards = Boards(desk)
        desk.leave_work = self.boards.look
        self.pace = Pace(limits)
        self.paid = Pace(PAID) if desk.settings.paid_broadcast else None
        self.dispatcher = Dispatcher(
            desk.db,
            self.application.bot,
            desk.clock,
            self.pace,
            paid=self.paid,
            draw=BriefPictures(desk, self.workshop.draw).of,
            spare=(TakenAlerts(desk), self.boards),
        )
        desk.wake = self.dispatcher.wake
        self.own = OwnAlerts(desk, desk.wake)
        self.watch = Watch(desk, self._compose, desk.wake, self._looked)
        desk.health.sending = self.dispatcher.health
        requests = Requests(utc_now, desk.settings.owner_ids)
        self.forget_roles = add_handlers(self.application, desk, self.dispatcher, requests)
        line = self.application.bot
        if part.may_speak is not None:
            line.speak_only_while(part.may_speak)
        self.inbox = Inbox(desk.db, desk.clock, line, self.application.process_update, part.name)
        self.hearing: Ears = self._ears(line, webhook, hears=part.hears)
        desk.health.hearing = self.hearing.health

    def _ears(self, line: LineBot, webhook: Address | None, *, hears: bool) -> Ears:
        if not hears:
            return HeardElsewhere(self.desk.clock)
        if webhook:
            return Webhook(self.desk.clock, line, box=self.inbox, kinds=HEARD, address=webhook)
        return Poller(self.desk.db, self.desk.clock, line, box=self.inbox, kinds=HEARD)

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

    def _looked(self) -> None:
        """What follows each look of the watch: the rules that chats made for themselves, and their boards."""
        self.own.look()
        self.look_around()

    def look_around(self) -> None:
        """Something is to be sent, or some message to be edited."""
        self.boards.look()
        self.dispatcher.wake()

    def give_up(self) -> None:
        """Let go of everything: another process does it from now on."""
        self.dispatcher.give_up()
        self.inbox.give_up()

    async def make_briefs(self) -> None:
        """Make every brief that is due now."""
        await make_due_briefs(self.desk, self.dispatcher.wake)

    def make_digests(self) -> bool:
        """Tell some chats what was held back from them for as long as was due; whether there may be more."""
        return make_due_digests(self.desk)

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        """Hear and answer while the block runs; connecting goes on beside it for as long as it takes."""
        owners = self.desk.settings.owner_ids
        line = Line(self.application, self.hearing, self.inbox, self.dispatcher, owners)
        async with online(line, self.workshop.close), doing(self.own.run()):
            yield


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


def open_desk(settings: Settings) -> Desk:
    """A desk to ask questions at, from what is stored; nothing is fetched or judged.

    Raises:
        StorageError: the database cannot be opened.
    """
    db: Database = open_database(settings.database)
    desk = Desk(db, settings, utc_now)
    Watch(desk, lambda _chat, _news: ("", ()), lambda: None).load()
    return desk
