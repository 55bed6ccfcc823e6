"""What goes wrong around one real bot: a weather a function, which lets it turn better again at its end."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from random import Random

from bot.playground.faults import Mishap
from bot.playground.refusals import (
    SECOND_POLLER,
    RefusedError,
    bad_request,
    forbidden,
    too_many_requests,
)
from tests.acceptance.hatchery import Fork
from tests.acceptance.scene import Scene
from tests.acceptance.soak import this_soak
from tests.acceptance.tally import alerts_in
from tests.venues import Fault

SOAK = this_soak()

Weather = Callable[[Scene, Fork], AbstractAsyncContextManager[None]]
"""While the block runs something is wrong."""


@asynccontextmanager
async def refusals(scene: Scene, _bot: Fork) -> AsyncIterator[None]:
    """Telegram is too busy, then down behind its gateway; and somebody polls with the same token."""
    for what in (too_many_requests(1), RefusedError(500, "restart"), Mishap.BAD_GATEWAY, Mishap.DROP_BEFORE):
        scene.server.faults.add(what, "sendMessage")
    scene.server.faults.add(RefusedError(409, SECOND_POLLER), "getUpdates")
    yield


@asynccontextmanager
async def refused_chats(scene: Scene, bot: Fork) -> AsyncIterator[None]:
    """One chat is limited for hours, the bot may not write in another, a text is refused, Bob blocks the bot.

    Whoever has no part in it hears at once, the others when their time has come.
    """
    limited, forbidding, bob = scene.cast.night_desk, scene.cast.channel, scene.cast.bob
    faults = scene.server.faults
    await scene.ask("/subscribe support", bob)
    faults.add(too_many_requests(3 * 3600), "sendMessage", limited.id)
    faults.add(bad_request("not enough rights to send text messages"), "sendMessage", forbidding.id)
    faults.add(bad_request("can't parse entities: unsupported start tag"), "sendMessage", scene.alice.id)
    faults.add(forbidden("bot was blocked by the user"), "sendMessage", bob.id)
    heard = {chat.id: len(alerts_in(scene.server.sent(chat))) for chat in (limited, forbidding, bob)}
    await scene.turn(bot)
    await scene.hears_all(bot, limited, forbidding)
    for chat_id, refusal in {limited.id: "Retry", forbidding.id: "BadRequest", bob.id: "Forbidden"}.items():
        await bot.says(f"to chat {chat_id}: {refusal}")
    for chat in (limited, forbidding):
        assert len(alerts_in(scene.server.sent(chat))) == heard[chat.id], f"{chat.title} is to be left alone"
    scene.clock.jump(timedelta(hours=3))
    yield
    assert len(alerts_in(scene.server.sent(bob))) == heard[bob.id]
    await scene.ask("/unsubscribe support", bob)
    await scene.server.wait_for_message(bob, "While I was away there were 2 alerts")


@asynccontextmanager
async def unknown_token(scene: Scene, bot: Fork) -> AsyncIterator[None]:
    """Something on the way says 404, as Telegram does to a token that it does not know."""
    scene.server.faults.add(RefusedError(404), "sendMessage")
    await scene.turn(bot)
    await bot.says("Telegram takes no messages at present: InvalidToken")
    await bot.says("Telegram takes messages again")
    yield


@asynccontextmanager
async def lost_answer(scene: Scene, _bot: Fork) -> AsyncIterator[None]:
    """Telegram takes a message, and the connection breaks before it has said so."""
    scene.server.faults.add(Mishap.DROP_AFTER, "sendMessage", scene.cast.night_desk.id)
    yield


@asynccontextmanager
async def held_up(_scene: Scene, bot: Fork) -> AsyncIterator[None]:
    """The whole process stands still for seconds."""
    os.kill(bot.pid, signal.SIGSTOP)
    await asyncio.sleep(2.5)
    os.kill(bot.pid, signal.SIGCONT)
    yield


@asynccontextmanager
async def locked_database(scene: Scene, _bot: Fork) -> AsyncIterator[None]:
    """Another process keeps the database, in the long form for longer than anybody waits for it."""
    with contextlib.closing(sqlite3.connect(scene.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(14 if SOAK.is_long else 2)
        other.execute("ROLLBACK")
    yield


@asynccontextmanager
async def full_disk(_scene: Scene, bot: Fork) -> AsyncIterator[None]:
    """No file may grow any more."""
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    await bot.says("nothing that is due can be done: .*bot.db: the disk")
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    yield
    await bot.says("the database can be used again")


@asynccontextmanager
async def clock_forward(scene: Scene, _bot: Fork) -> AsyncIterator[None]:
    """It is an hour later at once."""
    scene.clock.jump(timedelta(hours=1))
    yield


@asynccontextmanager
async def clock_back(scene: Scene, bot: Fork) -> AsyncIterator[None]:
    """It is an hour earlier; what is due goes on, and nothing is judged twice."""
    scene.clock.jump(timedelta(hours=-1))
    await bot.says("the clock was set back: quotes is due anew")
    await bot.says("the clock was set back: nothing is judged before")
    scene.clock.jump(timedelta(hours=1))
    yield


@asynccontextmanager
async def venue_away(scene: Scene, _bot: Fork) -> AsyncIterator[None]:
    """One venue is gone, in one way after the other; the others carry the price."""
    fault = Random(scene.turns).choice(list(Fault)) if SOAK.is_long else Fault.TLS
    scene.venues["coinbaseexchange"].fault = fault
    yield
    scene.venues["coinbaseexchange"].fault = None


SHORT: list[Weather] = [
    refusals,
    refused_chats,
    lost_answer,
    held_up,
    full_disk,
    clock_back,
    venue_away,
]
LONG: list[Weather] = [*SHORT, unknown_token, locked_database, clock_forward]
