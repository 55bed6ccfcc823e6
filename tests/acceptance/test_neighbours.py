"""Two bots on one machine and one Telegram, a token and a database each: neither notices the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
from tests.storage.postgres_server import PostgresServer
from tests.venues import SOURCES, Fault, Venues

pytestmark = pytest.mark.timeout(240)

READERS, SENT_BEFORE_IT_IS_KILLED, IN_FLIGHT = 30, 5, 16


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
        messages = (text for reader in self.readers for text in self._told(reader))
        return Counter(text for text in messages if text.startswith("by "))

    def reached(self) -> set[int]:
        """Who got the alert that names this bot."""
        return {each.id for each in self.readers if f"by {self.name}" in self._told(each)}

    def _told(self, reader: User) -> list[str]:
        return [message.text or "" for message in self.telegram.sent(reader)]

    def deliveries(self) -> dict[str, int]:
        with closing(open_database(self.env["AFTERSHOCK_DATABASE"])) as db:
            return count_by_state(db)

    async def is_answered(self, words: str, expected: str) -> None:
        self.telegram.people.say(self.readers[0], self.telegram.telegram.bot, words)
        await self.telegram.wait_for_message(self.readers[0], expected)

    async def watches(self) -> bool:
        """As a monitor sees it at this bot's own port."""
        async with httpx.AsyncClient() as http:
            health = await http.get(f"http://127.0.0.1:{self.env['AFTERSHOCK_METRICS_PORT']}/healthz")
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


@pytest.fixture(params=["files", "postgres"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A database for the bot of a name: a file beside the others, or one on the server of the others."""
    if request.param == "files":
        return lambda name: str(tmp_path / f"{name}.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return lambda _name: server.new_database()


@pytest.fixture
async def bots(tmp_path: Path, new_database: Callable[[str], str]) -> AsyncIterator[tuple[Own, Own]]:
    async with AsyncExitStack() as stack:
        venues = await stack.enter_async_context(Venues())
        for source in SOURCES:
            venues[source].fault = Fault.GEO_BLOCKED
        servers = [await stack.enter_async_context(new_playground()) for _ in range(2)]
        address = await stack.enter_async_context(one_address(servers))
        made = []
        for name, server in zip(("first", "second"), servers, strict=True):
            readers = [server.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(READERS)]
            env = environment(new_database(name), server, venues) | {
                "TELEGRAM_API_URL": address,
                "AFTERSHOCK_POLL_SECONDS": "60",
                "AFTERSHOCK_METRICS_PORT": str(free_port()),
            }
            made.append(Own(name, server, readers, env, tmp_path))
        yield made[0], made[1]


async def test_each_serves_its_own_people_whatever_happens_to_the_other(bots: tuple[Own, Own]) -> None:
    first, second = bots
    for bot in bots:
        bot.queue()
    async with second.running() as neighbour:
        async with first.running() as killed:
            await first.telegram.wait_for(
                lambda: first.arrived().total() >= SENT_BEFORE_IT_IS_KILLED or None, 60.0
            )
            # The same person, in the same chat as far as numbers go, and what one is told the other knows not.
            await first.is_answered("/language zh", "中文")
            await killed.kill()
        await second.is_answered("/language", "English")
        await second.telegram.wait_for(lambda: second.arrived().total() == READERS or None, 60.0)
        assert await second.watches()
        async with first.running() as again:
            await first.telegram.wait_for(lambda: len(first.reached()) == READERS or None, 60.0)
            await first.is_answered("/language", "中文")
            assert await first.watches()
            assert await second.watches()
            assert await asyncio.gather(again.terminate(), neighbour.terminate()) == [0, 0]
    assert second.arrived() == {"by second": READERS}
    assert set(first.arrived()) == {"by first"}
    assert READERS <= first.arrived().total() <= READERS + IN_FLIGHT
    assert first.deliveries() == second.deliveries() == {"sent": READERS}
