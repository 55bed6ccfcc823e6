"""One real bot through all weathers: Telegram, disk, database, clock, machine and venues fail in turn."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.playground.faults import Mishap
from bot.playground.refusals import SECOND_POLLER, RefusedError, too_many_requests
from tests.acceptance.hatchery import Fork
from tests.acceptance.scene import Scene, name_levels, open_scene
from tests.acceptance.soak import this_soak
from tests.acceptance.tally import lost_answers
from tests.venues import Fault

SOAK = this_soak()
pytestmark = [
    pytest.mark.timeout(SOAK.patience_s),
    pytest.mark.skipif(sys.platform != "linux", reason="the limits of a running process are set there alone"),
]

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
    fault = Random(scene.turns).choice(list(Fault))
    scene.venues["coinbaseexchange"].fault = fault
    yield
    scene.venues["coinbaseexchange"].fault = None


SHORT: list[Weather] = [refusals, lost_answer, held_up, full_disk, clock_back, venue_away]
LONG: list[Weather] = [*SHORT, locked_database, clock_forward]


async def test_through_all_weathers_every_alert_arrives_and_the_bot_lives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = SOAK.chance("weather")
    async with open_scene(tmp_path) as scene, scene.bots.bot() as bot:
        await name_levels(scene)
        await bot.says("caught up")
        weathers = list(LONG if SOAK.is_long else SHORT)
        for _ in SOAK.rounds(short=1, share=0.2):
            if SOAK.is_long:
                chance.shuffle(weathers)
            for weather in weathers:
                assert "Traceback" not in bot.log
                bot.forget()
                async with weather(scene, bot):
                    await scene.turn(bot)
                    await scene.hears_all(bot)
        assert await bot.kill(signal.SIGTERM) == 0
        assert "Traceback" not in bot.log
        may_repeat = lost_answers(scene.server.calls)
        repeated = scene.check(may_repeat)
    lost = f"{may_repeat.total()} answers lost"
    SOAK.tell(capsys, "weather", f"{scene.turns} alerts for 3 chats, {lost}, {repeated} repeated")
