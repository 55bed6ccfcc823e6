"""What an operator does with a real bot: ends it while Telegram is slow, looks at it, copies its database."""

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage.chats import ensure_chat
from storage.database import open_database
from storage.inbox import count_inbox
from storage.outbox import Delivery, count_by_state, enqueue
from tests.acceptance.process import ROOT, BotProcess, environment, running_bot
from tests.playground.stage import new_playground
from tests.ports import free_port
from tests.venues import Venues

pytestmark = pytest.mark.timeout(240)

READERS, WRITERS = 40, 6
ENDS_WITHIN_SECONDS = 10.0


@dataclass(frozen=True)
class World:
    server: PlaygroundServer
    venues: Venues
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "bot.db"

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    @property
    def env(self) -> dict[str, str]:
        return environment(self.database, self.server, self.venues)

    def people(self, count: int, first_id: int) -> list[User]:
        return [self.server.telegram.add_user(User(first_id + n, f"Reader {n}")) for n in range(count)]

    def queue_for(self, people: Sequence[User]) -> list[Chat]:
        """An alert on its way to each of them."""
        now = datetime.now(UTC)
        chats = [self.server.telegram.private_chat(person) for person in people]
        with closing(open_database(self.database)) as db:
            for chat in chats:
                ensure_chat(db, chat.id, "private", chat.title, now)
            enqueue(db, [Delivery(chat_id=c.id, kind="alert", text="A-7", created_at=now) for c in chats])
        return chats

    def arrived(self, people: Sequence[User | Chat]) -> Counter[int]:
        return Counter({person.id: len(self.server.sent(person)) for person in people})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with new_playground() as server, Venues() as venues:
        yield World(server, venues, tmp_path)
    assert server.violations == []


async def seconds_to_end(bot: BotProcess) -> float:
    begun = time.monotonic()
    assert await bot.terminate() == 0
    return time.monotonic() - begun


@pytest.mark.parametrize("answer_s", [2.0, 12.0], ids=["slow", "hanging"])
async def test_told_to_end_while_telegram_is_slow_it_ends_in_time_and_loses_nothing(
    world: World, answer_s: float
) -> None:
    """What is under way is finished where Telegram answers, and else sent again at the next start."""
    readers = world.queue_for(world.people(READERS, 3000))
    writers = world.people(WRITERS, 4000)
    for writer in writers:
        world.server.people.say(writer, world.server.telegram.bot, "/about")
    world.server.faults.add(Mishap.SLOW, "sendMessage", times=10_000, delay_s=answer_s)
    async with running_bot(world.env, world.log) as bot:
        await world.server.wait_for(lambda: world.arrived([*readers, *writers]).total() >= 12, 60.0)
        assert await seconds_to_end(bot) < ENDS_WITHIN_SECONDS
        assert "Traceback" not in bot.log
    told = world.arrived([*readers, *writers])
    with closing(open_database(world.database)) as db:
        deliveries, updates = count_by_state(db), count_inbox(db)
    assert deliveries.get("sent", 0) + deliveries.get("queued", 0) == READERS
    if answer_s < 5:
        assert "sending" not in deliveries
        assert deliveries["sent"] + updates.get("done", 0) == told.total()
    world.server.faults.queued.clear()
    async with running_bot(world.env, world.log) as bot:
        await world.server.wait_for(
            lambda: (
                len([each for each in world.arrived([*readers, *writers]).values() if each])
                == READERS + WRITERS
            ),
            60.0,
        )
        await world.server.wait_for(lambda: under_way(world) == 0, 60.0)
        await seconds_to_end(bot)
    repeated = world.arrived([*readers, *writers]).total() - READERS - WRITERS
    # Only what nobody answered in time is sent again, once.
    assert 0 <= repeated <= (0 if answer_s < 5 else told.total())


def under_way(world: World) -> int:
    with closing(open_database(world.database)) as db:
        open_ = count_by_state(db).get("queued", 0) + count_by_state(db).get("sending", 0)
        return open_ + count_inbox(db).get("waiting", 0)


async def test_an_operator_looks_at_it_copies_it_and_goes_back_to_the_copy(world: World) -> None:
    [ann] = world.people(1, 3000)
    pings: asyncio.Queue[str] = asyncio.Queue()

    async def hear(request: web.Request) -> web.Response:
        pings.put_nowait(request.path)
        return web.Response()

    monitor = web.Application()
    monitor.router.add_route("*", "/{path:.*}", hear)
    port = free_port()
    copy, key = world.folder / "copy.db", "a-key-that-nobody-may-see"
    async with TestServer(monitor) as server:
        env = world.env | {
            "AFTERSHOCK_METRICS_PORT": str(port),
            "AFTERSHOCK_PING_URL": str(server.make_url(f"/{key}")),
            "AFTERSHOCK_LOG_FORMAT": "json",
            "AFTERSHOCK_LOG_LEVEL": "DEBUG",
        }
        async with running_bot(env, world.log) as bot:
            world.server.people.say(ann, world.server.telegram.bot, "/language zh")
            await world.server.wait_for_message(ann, "中文")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                health, metrics = await http.get("/healthz"), await http.get("/metrics")
            assert (health.status_code, health.json()["ailments"]) == (200, [])
            assert 'aftershock_telegram_heard_age_seconds{way="polling"}' in metrics.text
            assert "process_resident_memory_bytes" in metrics.text
            assert await asyncio.wait_for(pings.get(), 10) == f"/{key}"
            assert await copied(env, copy) == 0
            assert await copied(env, copy) == 1, "an existing file is left alone"
            assert await seconds_to_end(bot) < ENDS_WITHIN_SECONDS
            told = [json.loads(line) for line in bot.log.splitlines()]
    assert {"at", "level", "logger", "message"} <= set(told[0])
    assert world.server.token.split(":")[1] not in world.log.read_text()
    assert key not in world.log.read_text()
    for left in world.folder.glob("bot.db*"):
        left.unlink()
    copy.rename(world.database)
    async with running_bot(world.env, world.log) as bot:
        world.server.people.say(ann, world.server.telegram.bot, "/status")
        await world.server.wait_for_message(ann, "数据")
        assert await bot.terminate() == 0


async def copied(env: dict[str, str], target: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "backup", str(target)),
        env={**env, "PYTHONPATH": str(ROOT)},
        cwd=target.parent,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 60)


async def test_a_port_that_is_taken_ends_the_start_with_one_line_that_names_the_setting(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = world.env | {"AFTERSHOCK_METRICS_PORT": str(taken.getsockname()[1])}
        async with running_bot(env, world.log) as bot:
            assert await bot.ended() == 2
            assert bot.log.splitlines()[-1].startswith("aftershock: AFTERSHOCK_METRICS_PORT: 127.0.0.1:")
