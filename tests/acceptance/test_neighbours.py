"""Bots side by side on one machine, a token and a database each: none of them notices the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest
from aiohttp import web

from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage.chats import ensure_chat
from storage.database import open_database
from storage.outbox import Delivery, count_by_state, enqueue
from tests.acceptance.process import BotProcess, environment, running_bot
from tests.playground.stage import new_playground
from tests.ports import free_port
from tests.venues import SOURCES, Fault, Venues

if TYPE_CHECKING:
    from tests.storage.postgres_server import PostgresServer

pytestmark = pytest.mark.timeout(240)

READERS, BEFORE_THE_KILL, IN_FLIGHT = 30, 5, 16


@dataclass(frozen=True)
class Own:
    """What one of the bots has for itself: Telegram's side of it, its readers and its settings."""

    name: str
    telegram: PlaygroundServer
    readers: list[User]
    env: dict[str, str]
    folder: Path

    @asynccontextmanager
    async def running(self) -> AsyncIterator[BotProcess]:
        async with running_bot(self.env, self.folder / f"{self.name}.log") as bot:
            yield bot

    def queue(self) -> None:
        """An alert on its way to each reader that names the bot."""
        now = datetime.now(UTC)
        with closing(open_database(self.env["AFTERSHOCK_DATABASE"])) as db:
            for reader in self.readers:
                self.telegram.telegram.private_chat(reader)
                ensure_chat(db, reader.id, "private", reader.first_name, now)
            text = f"by {self.name}"
            enqueue(
                db,
                [Delivery(chat_id=each.id, kind="alert", text=text, created_at=now) for each in self.readers],
            )

    def arrived(self) -> Counter[str]:
        """The alerts that came through this token, by their text."""
        return Counter(text for reader in self.readers for text in self._told(reader))

    async def all_reached(self) -> None:
        """Come back when each reader has got it."""
        await self.telegram.wait_for(lambda: all(self._told(reader) for reader in self.readers) or None, 60.0)

    def _told(self, reader: User) -> list[str]:
        texts = (message.text or "" for message in self.telegram.sent(reader))
        return [text for text in texts if text.startswith("by ")]

    def deliveries(self) -> dict[str, int]:
        with closing(open_database(self.env["AFTERSHOCK_DATABASE"])) as db:
            return {state: count for state, count in count_by_state(db).items() if count}

    async def is_answered(self, words: str, expected: str) -> None:
        """The first reader writes this, and gets an answer with that in it, which is a new one."""
        reader = self.readers[0]
        before = len(self.telegram.sent(reader))
        self.telegram.people.say(reader, self.telegram.telegram.bot, words)
        await self.telegram.wait_for(
            lambda: any(expected in (m.text or "") for m in self.telegram.sent(reader)[before:]) or None, 60.0
        )

    async def comes_to_watch(self) -> None:
        """As a monitor sees it at its own port; on a slow machine a lead is lost and taken again."""
        async with asyncio.timeout(60), httpx.AsyncClient() as http:
            while not await self._watches(http):  # noqa: ASYNC110  # it happens in another process
                await asyncio.sleep(0.05)

    async def _watches(self, http: httpx.AsyncClient) -> bool:
        try:
            health = await http.get(f"http://127.0.0.1:{self.env['AFTERSHOCK_METRICS_PORT']}/healthz")
        except httpx.TransportError:
            return False
        return health.status_code == 200 and bool(health.json()["watches"])


@asynccontextmanager
async def one_address(servers: list[PlaygroundServer]) -> AsyncIterator[str]:
    """One Telegram for several bots: each call goes where its token is known, and nowhere else."""

    async def forward(request: web.Request) -> web.Response:
        home = next((each for each in servers if request.path.startswith(f"/bot{each.token}/")), None)
        if home is None:
            return web.json_response(
                {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
            )
        headers = {"Content-Type": request.headers.get("Content-Type", "")}
        async with http.post(
            home.base_url + request.path, data=await request.read(), headers=headers
        ) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type
            )

    app = web.Application(handler_args={"auto_decompress": False})
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    port = free_port()
    try:
        async with aiohttp.ClientSession() as http:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def bots(tmp_path: Path, postgres: "PostgresServer") -> AsyncIterator[list[Own]]:
    """Two on one PostgreSQL server, and one with a file."""
    databases = {
        "first": postgres.new_database(),
        "second": postgres.new_database(),
        "third": str(tmp_path / "third.db"),
    }
    async with AsyncExitStack() as stack:
        venues = await stack.enter_async_context(Venues())
        for source in SOURCES:
            venues[source].fault = Fault.GEO_BLOCKED
        servers = [await stack.enter_async_context(new_playground()) for _ in databases]
        address = await stack.enter_async_context(one_address(servers))
        made = []
        for (name, database), server in zip(databases.items(), servers, strict=True):
            readers = [server.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(READERS)]
            env = environment(database, server, venues) | {
                "TELEGRAM_API_URL": address,
                "AFTERSHOCK_POLL_SECONDS": "60",
                "AFTERSHOCK_METRICS_PORT": str(free_port()),
            }
            made.append(Own(name, server, readers, env, tmp_path))
        yield made


async def test_each_serves_its_own_people_whatever_happens_to_another(bots: list[Own]) -> None:
    first, second, third = bots
    for bot in bots:
        bot.queue()
    async with second.running() as two, third.running() as three:
        async with first.running() as killed:
            await first.telegram.wait_for(lambda: first.arrived().total() >= BEFORE_THE_KILL or None, 60.0)
            # The same person, as far as numbers go: what one bot is told the others do not know.
            await first.is_answered("/language zh", "中文")
            await killed.kill()
        for bot in (second, third):
            await bot.is_answered("/language", "English")
            await bot.all_reached()
            await bot.comes_to_watch()
        async with first.running() as one:
            await first.all_reached()
            await first.is_answered("/language", "中文")
            for bot in bots:
                await bot.comes_to_watch()
            ended = await asyncio.gather(*(each.terminate() for each in (one, two, three)))
            assert ended == [0, 0, 0]
    for bot in bots:
        assert set(bot.arrived()) == {f"by {bot.name}"}
        assert bot.deliveries() == {"sent": READERS}
    # Only what was in the air may come twice, and only where somebody was killed or had to stand by.
    assert max(first.arrived().total(), second.arrived().total()) <= READERS + IN_FLIGHT
    assert third.arrived().total() == READERS
