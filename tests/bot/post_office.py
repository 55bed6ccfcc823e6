"""A real sender, a real bot and the playground's Telegram; time passes only while nothing is under way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Bot

from bot.delivery.alarm import Alarm
from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import Pace
from bot.delivery.send import Draw
from bot.delivery.spare import Spare
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.journal import CallRecord
from bot.playground.limits import Limits
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage import chats, outbox
from storage.database import Database, open_database
from storage.outbox import Delivery
from tests.playground.stage import new_bot, new_playground

_LONG = timedelta(days=9999)
START = datetime(2025, 11, 28, 18, 0, 0, tzinfo=UTC)


class VirtualTime:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = START
        self._moved = asyncio.Event()

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        self.now = max(self.now, now)
        self._moved.set()
        self._moved.clear()

    async def reach(self, moment: datetime) -> None:
        """Wait until it is so late."""
        async with asyncio.timeout(30):
            while self.now < moment:
                await self._moved.wait()

    def seconds(self) -> float:
        """For the playground's limits, which count seconds."""
        return (self.now - START).total_seconds()


class JumpingAlarm(Alarm):
    """Sets the clock instead of waiting, but lets every message under way arrive first."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(time)
        self.time = time
        self.dispatcher: Dispatcher
        self.idle = asyncio.Event()

    async def wait(self, until: datetime | None) -> None:
        if self._rung.is_set():
            self._rung.clear()
        elif self.dispatcher.in_flight:
            await super().wait(None)
        elif until is None:
            self.idle.set()
            await super().wait(None)
            self.idle.clear()
        else:
            self.time.set(until)
            await asyncio.sleep(0)


class PostOffice:
    """What a test of the sender does and looks at. Chats and users are named by what they are called.

    `spare` and `draw` are for the senders that are opened.
    """

    spare: Sequence[Spare] = ()
    draw: Draw | None = None

    def __init__(
        self, server: PlaygroundServer, bot: Bot, db: Database, time: VirtualTime, **options: Any
    ) -> None:
        self.server, self.bot, self.db, self.time = server, bot, db, time
        self.options = options
        self._users = 2000

    # Places

    def user(self, name: str) -> User:
        self._users += 1
        return self.server.telegram.add_user(User(self._users, name))

    def private_chat(self, name: str = "Ann") -> Chat:
        return self._known(self.server.telegram.private_chat(self.user(name)))

    def private_chats(self, count: int) -> list[Chat]:
        return [self.private_chat(f"Reader {number}") for number in range(count)]

    def place(self, kind: ChatKind, title: str = "Desk", role: Role = Role.ADMINISTRATOR) -> Chat:
        owner = self.user(f"Owner of {title}")
        chat = self.server.telegram.create_chat(kind, title, owner)
        self.server.people.add_bot(chat, owner, role)
        return self._known(chat)

    def _known(self, chat: Chat) -> Chat:
        chats.ensure_chat(self.db, chat.id, chat.kind.value, chat.title, self.time())
        return chat

    # Sending

    def queue(self, chat: Chat, *texts: str, **more: Any) -> None:
        """Put texts into the outbox, in this order; worth sending at whatever time a test lives in."""
        made_at = self.time()
        draft: Any = {
            "kind": "alert",
            "created_at": made_at,
            "expires_at": made_at + _LONG,
            **more,
        }
        outbox.enqueue(self.db, [Delivery(chat_id=chat.id, text=text, **draft) for text in texts])

    @asynccontextmanager
    async def open(self, pace: Pace | None = None, paid: Pace | None = None) -> AsyncIterator[Dispatcher]:
        """A running sender."""
        alarm = JumpingAlarm(self.time)
        dispatcher = alarm.dispatcher = Dispatcher(
            self.db, self.bot, self.time, pace, paid=paid, alarm=alarm, draw=self.draw, spare=self.spare
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dispatcher.run())
            try:
                yield dispatcher
            finally:
                await dispatcher.stop()

    async def send_all(self, pace: Pace | None = None, paid: Pace | None = None) -> Dispatcher:
        """Let a new sender run until nothing is left that it could send."""
        async with self.open(pace, paid) as dispatcher:
            alarm = dispatcher._alarm
            assert isinstance(alarm, JumpingAlarm)
            async with asyncio.timeout(30):
                await alarm.idle.wait()
        return dispatcher

    # Looking

    def texts(self, chat: Chat) -> list[str]:
        """What the bot has written in a chat, in the order of arrival."""
        return [message.text for message in self.server.sent(chat)]

    def calls(self, chat: Chat | None = None) -> list[CallRecord]:
        """The tries to send, all or those for one chat."""
        return [
            call
            for call in self.server.calls
            if call.method == "sendMessage" and (chat is None or call.params["chat_id"] == chat.id)
        ]

    def try_times(self, chat: Chat) -> list[float]:
        """When each try was made, in seconds after the start."""
        return [(call.at - START).total_seconds() for call in self.calls(chat)]

    def refusals(self) -> list[str]:
        return [call.description for call in self.calls() if not call.ok]

    def states(self) -> dict[str, int]:
        return {str(state): count for state, count in outbox.count_by_state(self.db).items()}

    def limit(self, **options: Any) -> None:
        """Switch Telegram's limits on."""
        self.server.faults.limits = Limits(now=self.time.seconds, **options)


@asynccontextmanager
async def open_post_office(**timeouts_s: float) -> AsyncIterator[PostOffice]:
    """A post office with an empty outbox; `timeouts_s` go to the bot's HTTP client."""
    time = VirtualTime()
    db = open_database(":memory:")
    try:
        async with new_playground(clock=time) as server, new_bot(server, **timeouts_s) as bot:
            yield PostOffice(server, bot, db, time)
            assert server.violations == []
    finally:
        db.close()


def errors_in(records: list[logging.LogRecord]) -> Iterator[str]:
    """What the sender complained of as an error."""
    return (
        record.getMessage()
        for record in records
        if record.levelno >= logging.ERROR and record.name.startswith("bot.")
    )


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
