"""The sender as a real process that is killed, and at its real speed under Telegram's limits."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest

from bot.delivery.deliver import Dispatcher
from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.limits import Limits
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from storage import chats, outbox
from storage.database import Database, open_database
from storage.outbox import Delivery
from tests.playground.stage import new_bot, new_playground

ALERTS = ["A-1", "A-2", "A-3"]


@pytest.fixture
async def playground() -> AsyncIterator[PlaygroundServer]:
    async with new_playground() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "aftershock.db"


@pytest.fixture
def db(database: Path) -> Iterator[Database]:
    db = open_database(database)
    yield db
    db.close()


def queue_for_readers(
    playground: PlaygroundServer, db: Database, count: int, alerts: list[str]
) -> list[Chat]:
    """`count` private chats, and every alert queued for each of them."""
    now = datetime.now(UTC)
    telegram = playground.telegram
    readers = [telegram.private_chat(telegram.add_user(User(3000 + n, f"Reader {n}"))) for n in range(count)]
    for reader in readers:
        chats.ensure_chat(db, reader.id, "private", reader.title, now)
    outbox.enqueue(
        db,
        [
            Delivery(chat_id=reader.id, kind="alert", text=alert, created_at=now)
            for alert in alerts
            for reader in readers
        ],
    )
    return readers


@asynccontextmanager
async def sender(
    playground: PlaygroundServer, database: Path, per_second: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A sender in a process of its own, which has ended when the block has."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.sender", str(database)),
        *(playground.bot_url, str(per_second)),
        env={**os.environ, "SENDER_TOKEN": playground.token},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def under_way(db: Database) -> list[tuple[int, str]]:
    return [
        (chat, text) for chat, text in db.rows("SELECT chat_id, text FROM deliveries WHERE state = 'sending'")
    ]


def arrivals(playground: PlaygroundServer, readers: list[Chat]) -> Counter[tuple[int, str]]:
    return Counter((reader.id, message.text) for reader in readers for message in playground.sent(reader))


@pytest.mark.parametrize(("answer_s", "per_second"), [(0.0, 60), (0.06, 150)], ids=["fast", "slow"])
async def test_killed_in_the_middle_of_a_bulk_it_loses_nothing_and_repeats_only_what_was_under_way(
    playground: PlaygroundServer, database: Path, db: Database, answer_s: float, per_second: int
) -> None:
    readers = queue_for_readers(playground, db, 40, ALERTS)
    if answer_s:
        playground.faults.add(Mishap.SLOW, times=10_000, delay_s=answer_s)
    left: list[tuple[int, str]] = []
    for number in (20, 55, 90):
        async with sender(playground, database, per_second) as process:
            await playground.wait_for_call("sendMessage", number=number, timeout_s=20)
            process.kill()
        left += under_way(db)
    async with sender(playground, database, per_second):
        await playground.wait_for(lambda: len(arrivals(playground, readers)) == 120, timeout_s=20)

    arrived = arrivals(playground, readers)
    lost = [(reader.id, alert) for reader in readers for alert in ALERTS if not arrived[reader.id, alert]]
    assert lost == []
    assert arrived - Counter(arrived.keys()) <= Counter(left)
    assert len(left) <= 3 * 16
    for reader in readers:
        assert [text for text, _ in groupby(m.text for m in playground.sent(reader))] == ALERTS


async def test_told_to_end_it_finishes_what_is_under_way_and_repeats_nothing(
    playground: PlaygroundServer, database: Path, db: Database
) -> None:
    readers = queue_for_readers(playground, db, 60, ["A-1"])
    playground.faults.add(Mishap.SLOW, times=10_000, delay_s=0.06)
    async with sender(playground, database, 100) as process:
        await playground.wait_for_call("sendMessage", number=20)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert under_way(db) == []
    async with sender(playground, database, 100):
        await playground.wait_for(lambda: len(arrivals(playground, readers)) == 60, timeout_s=20)
    assert arrivals(playground, readers) == Counter((reader.id, "A-1") for reader in readers)


async def test_at_its_real_speed_a_bulk_meets_no_limit(playground: PlaygroundServer, db: Database) -> None:
    playground.faults.limits = Limits(now=time.monotonic, penalty_s=5.0)
    readers = queue_for_readers(playground, db, 120, ["A-1"])
    async with new_bot(playground) as bot, asyncio.TaskGroup() as tasks:
        dispatcher = Dispatcher(db, bot, lambda: datetime.now(UTC))
        tasks.create_task(dispatcher.run())
        await playground.wait_for(lambda: len(arrivals(playground, readers)) == 120, timeout_s=20)
        await dispatcher.stop()
    assert [call.description for call in playground.calls if not call.ok] == []
