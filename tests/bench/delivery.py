"""A bulk to 300 chats under Telegram's limits: our sender, beside what the library itself offers.

The server is the playground on loopback with its strictest model of the limits: 30 messages in any second,
one a second in a chat, and after a breach everything is refused for 5 s, as bots report of Telegram.
"""

import asyncio
import importlib.util
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from telegram import Bot
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bot.delivery.deliver import Dispatcher
from bot.playground.chats import Chat
from bot.playground.limits import Limits
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage import chats, outbox
from storage.database import open_database
from storage.outbox import Delivery
from tests.bench.row import Row

CHATS = 300
PENALTY_S = 5.0
_LIMITS = "30 messages in any second, 5 s of refusals after a breach, loopback"

Client = Callable[[PlaygroundServer, list[Chat]], Awaitable[None]]
"""Writes one message to each of the chats, and returns when it has nothing more to try."""


def run() -> list[Row]:
    """One bulk with each client; takes about a minute."""
    rows = _measure("our sender", our_sender) + _measure("library, no limiter", library_alone)
    # An extra of the library that Aftershock does not install.
    if importlib.util.find_spec("aiolimiter") is None:
        return [
            *rows,
            Row("bulk, library's AIORateLimiter", None, "s", "left out: aiolimiter is not installed"),
        ]
    return rows + _measure("library's AIORateLimiter", library_limiter)


def _measure(name: str, client: Client) -> list[Row]:
    took_s, arrived, refused = asyncio.run(_bulk(client))
    return [
        Row(f"bulk, {name}", round(took_s, 1), "s", f"{arrived} of {CHATS} arrived; {_LIMITS}"),
        Row(f"bulk, {name}: speed", round(arrived / took_s, 1), "messages/s", "of 30 at most"),
        Row(f"bulk, {name}: too fast", refused, "refusals", "answers with status 429"),
    ]


async def _bulk(client: Client) -> tuple[float, int, int]:
    """How long it took in seconds, how many messages arrived, how many were refused as too fast."""
    async with PlaygroundServer() as server:
        server.faults.limits = Limits(now=time.monotonic, penalty_s=PENALTY_S)
        telegram = server.telegram
        users = [telegram.add_user(User(3000 + number, f"Reader {number}")) for number in range(CHATS)]
        readers = [telegram.private_chat(user) for user in users]
        began = time.monotonic()
        await client(server, readers)
        took_s = time.monotonic() - began
        refused = sum(call.status == 429 for call in server.calls)
        return took_s, sum(bool(server.sent(reader)) for reader in readers), refused


async def our_sender(server: PlaygroundServer, readers: list[Chat]) -> None:
    """The outbox and its dispatcher, as they run in the bot."""
    db, now = open_database(":memory:"), datetime.now(UTC)
    for reader in readers:
        chats.ensure_chat(db, reader.id, "private", reader.title, now)
    outbox.enqueue(db, [Delivery(chat_id=r.id, kind="alert", text="A-1", created_at=now) for r in readers])
    async with Bot(server.token, server.bot_url) as bot, asyncio.TaskGroup() as tasks:
        dispatcher = Dispatcher(db, bot, lambda: datetime.now(UTC))
        tasks.create_task(dispatcher.run())
        await server.wait_for(lambda: all(server.sent(reader) for reader in readers), timeout_s=120)
        await dispatcher.stop()
    db.close()


async def library_alone(server: PlaygroundServer, readers: list[Chat]) -> None:
    """All at once, and nothing tried twice: what python-telegram-bot does unless told otherwise."""
    async with Bot(server.token, server.bot_url) as bot:
        await _send_all(bot, readers)


async def library_limiter(server: PlaygroundServer, readers: list[Chat]) -> None:
    """python-telegram-bot's own limiter, with five retries."""
    limiter = AIORateLimiter(max_retries=5)
    async with ExtBot(server.token, server.bot_url, rate_limiter=limiter) as bot:
        await _send_all(bot, readers)


async def _send_all(bot: Bot, readers: list[Chat]) -> None:
    async def send(reader: Chat) -> None:
        with suppress(TelegramError):
            await bot.send_message(reader.id, "A-1")

    await asyncio.gather(*map(send, readers))
