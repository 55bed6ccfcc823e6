"""Workers on one PostgreSQL: one leads, and whatever happens to it another does, and never two at once."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage import chats, outbox
from storage.database import Database, open_database
from storage.lease import read_lease
from storage.nudges import nudge
from storage.outbox import Delivery, count_by_state
from tests.acceptance.process import BotProcess, environment, running_bot
from tests.acceptance.relay import Relay, relay
from tests.playground.stage import new_playground
from tests.storage.postgres_server import PostgresServer
from tests.venues import SOURCES, Fault, Venues

pytestmark = pytest.mark.timeout(240)

READERS, IN_FLIGHT = 40, 16
ONE_KILLED_S, ONE_CUT_OFF_S = 15.0, 30.0
"""Alone on a machine it takes one second, and five where it is cut off; here all else runs beside it."""
SEND = "/sendMessage"


@dataclass
class Worker:
    """A process, with its own lines to Telegram and to the database."""

    process: BotProcess
    telegram: Relay
    database: Relay

    @property
    def sends(self) -> list[float]:
        return self.telegram.requests(SEND)


@dataclass
class World:
    server: PlaygroundServer
    venues: Venues
    postgres: PostgresServer
    url: str
    folder: Path
    db: Database
    readers: list[Chat]

    @asynccontextmanager
    async def worker(self, name: str) -> AsyncIterator[Worker]:
        """A worker whose calls can be told from all others'."""
        async with AsyncExitStack() as stack:
            telegram = stack.enter_context(relay(_port_of(self.server.base_url)))
            database = stack.enter_context(relay(self.postgres.port))
            env = environment(Path(), self.server, self.venues) | {
                "TELEGRAM_API_URL": f"http://127.0.0.1:{telegram.here}",
                "AFTERSHOCK_DATABASE": self.url.replace(str(self.postgres.port), str(database.here)),
            }
            process = await stack.enter_async_context(running_bot(env, self.folder / f"{name}.log"))
            yield Worker(process, telegram, database)

    async def queue(self, alert: str) -> None:
        """An alert for each reader, as a web process leaves it to the leader."""
        # Beside the event loop, on which everything hangs that a worker says to the database.
        await asyncio.to_thread(self._queue, alert)

    def _queue(self, alert: str) -> None:
        now = datetime.now(UTC)
        with self.db.transaction():
            for reader in self.readers:
                chats.ensure_chat(self.db, reader.id, "private", reader.title, now)
            outbox.enqueue(
                self.db,
                [
                    Delivery(chat_id=reader.id, kind="alert", text=alert, created_at=now)
                    for reader in self.readers
                ],
            )
            nudge(self.db, "work")

    async def end_connection_of_the_leader(self) -> None:
        """As an operator does, or a server that restarts."""
        lease = await asyncio.to_thread(read_lease, self.db)
        assert lease is not None
        await asyncio.to_thread(self.db.rows, "SELECT pg_terminate_backend(?)", (lease.backend,))

    def arrived(self) -> Counter[tuple[int, str]]:
        return Counter((r.id, message.text) for r in self.readers for message in self.server.sent(r))

    async def all_arrived(self, alerts: int) -> None:
        await self.server.wait_for(lambda: len(self.arrived()) == READERS * alerts or None, 60.0)


@pytest.fixture
async def world(tmp_path: Path, postgres: PostgresServer) -> AsyncIterator[World]:
    url = postgres.new_database()
    async with new_playground() as playground, Venues() as venues:
        for source in SOURCES:
            venues[source].fault = Fault.CLOSED
        telegram = playground.telegram
        people = [telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(READERS)]
        playground.faults.add(Mishap.SLOW, "sendMessage", times=10_000, delay_s=0.05)
        with closing(open_database(url)) as db:
            readers = [telegram.private_chat(user) for user in people]
            yield World(playground, venues, postgres, url, tmp_path, db, readers)


async def logged(process: BotProcess, words: str, *, times: int = 1, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while process.log.count(words) < times:  # noqa: ASYNC110  # it happens in another process
            await asyncio.sleep(0.05)


async def sent(worker: Worker, count: int) -> None:
    async with asyncio.timeout(60):
        while len(worker.sends) < count:  # noqa: ASYNC110  # it happens in another process
            await asyncio.sleep(0.01)


async def test_a_leader_that_is_killed_or_cut_off_is_followed_by_another_and_nothing_is_lost(world: World):
    async with world.worker("one") as one, world.worker("two") as two:
        await logged(one.process, "lead")
        await logged(two.process, "lead")
        # Who comes first leads.
        first, second = sorted((one, two), key=lambda each: "stand by" in each.process.log)
        await logged(first.process, "this process leads")
        await world.queue("A-1")
        await sent(first, 10)
        await first.process.kill()
        killed_at = time.monotonic()
        async with world.worker("third") as third:
            await world.all_arrived(1)
            assert first.sends[-1] < second.sends[0]
            assert second.sends[0] - killed_at < ONE_KILLED_S
            await logged(third.process, "stand by")
            before = len(second.sends)
            await world.queue("A-2")
            await sent(second, before + 10)
            # Cut off from the database, with Telegram and everything else at hand.
            second.database.stall()
            stalled_at = time.monotonic()
            await world.all_arrived(2)
            assert second.sends[-1] < third.sends[0]
            await logged(second.process, "the lead is lost")
            assert third.sends[0] - stalled_at < ONE_CUT_OFF_S
            second.database.flow()
            # It has come back and stands by, and leads again where the server ends the other's connection.
            await logged(second.process, "stand by", times=2)
            before, earlier = len(third.sends), len(second.sends)
            await world.queue("A-3")
            await sent(third, before + 5)
            await world.end_connection_of_the_leader()
            await world.all_arrived(3)
            assert third.sends[-1] < second.sends[earlier]
            await logged(third.process, "stand by", times=2)
            assert {await each.process.terminate() for each in (second, third)} == {0}
    arrived = world.arrived()
    # Only what was in the air may come twice.
    assert arrived.total() - len(arrived) <= 3 * IN_FLIGHT
    assert count_by_state(world.db) == {"sent": len(arrived)}


def _port_of(url: str) -> int:
    return int(url.rpartition(":")[2])
