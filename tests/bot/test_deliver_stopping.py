"""How the sender starts, stops, and goes on when its database does not: real HTTP, real time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery import deliver
from bot.delivery.deliver import Dispatcher
from bot.delivery.pace import Limits, Pace
from bot.playground.faults import Mishap
from storage import outbox
from storage.database import StorageError
from tests.bot.post_office import PostOffice, errors_in, open_post_office


def real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as office:
        yield office


@asynccontextmanager
async def running(office: PostOffice, pace: Pace | None = None) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(office.db, office.bot, real_clock, pace)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(dispatcher.run())
        yield dispatcher
        await dispatcher.stop()


async def test_stopping_finishes_what_is_under_way_and_starts_no_more(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(Mishap.SLOW, delay_s=0.3)
    office.queue(ann, "under way", "next")
    async with running(office) as dispatcher:
        await office.server.wait_for_message(ann)
        assert dispatcher.in_flight == 1
        stopping = asyncio.create_task(dispatcher.stop())
        await asyncio.sleep(0)
        office.queue(bob, "too late")
        dispatcher.wake()
        await stopping
    assert office.states() == {"sent": 1, "queued": 2}
    assert (office.texts(ann), office.texts(bob)) == (["under way"], [])


async def test_a_sender_that_could_not_start_can_be_stopped(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_: object) -> int:
        raise StorageError("another process keeps the database locked")

    monkeypatch.setattr(outbox, "reclaim", locked)
    dispatcher = Dispatcher(office.db, office.bot, real_clock)
    with pytest.raises(StorageError):
        await dispatcher.run()
    await asyncio.wait_for(dispatcher.stop(), 2)


async def test_what_hangs_is_left_behind_and_sent_again_at_the_next_start(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "_LONGEST_FINISH", timedelta(milliseconds=50))
    ann = office.private_chat()
    office.server.faults.add(Mishap.SLOW, delay_s=2)
    office.queue(ann, "A-1")
    async with running(office):
        await office.server.wait_for_message(ann)
    assert office.states() == {"sending": 1}
    async with running(office):
        await office.server.wait_for(lambda: len(office.texts(ann)) == 2)
    assert office.texts(ann) == ["A-1", "A-1"]
    assert office.states() == {"sent": 1}


async def test_stopping_before_the_start_does_not_hang(office: PostOffice) -> None:
    async with asyncio.timeout(1):
        await Dispatcher(office.db, office.bot, real_clock).stop()


async def test_one_slow_chat_delays_no_other(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "_LONGEST_FINISH", timedelta(0))
    slow, *others = office.private_chats(9)
    office.server.faults.add(Mishap.SLOW, chat_id=slow.id, delay_s=3)
    for chat in (slow, *others):
        office.queue(chat, "A-1")
    async with running(office) as dispatcher:
        async with asyncio.timeout(2):
            for other in others:
                await office.server.wait_for_message(other)
        assert dispatcher.in_flight >= 1
        assert office.texts(slow) == ["A-1"]


async def test_never_more_than_sixteen_under_way_and_one_a_chat(office: PostOffice) -> None:
    readers = office.private_chats(20)
    office.server.faults.add(Mishap.SLOW, times=16, delay_s=0.4)
    for reader in readers:
        office.queue(reader, "A-1", "A-2")
    async with running(office, Pace(Limits(per_second=10_000))) as dispatcher:
        await office.server.wait_for_call("sendMessage", number=16)
        assert dispatcher.in_flight == 16
        assert office.states() == {"sending": 16, "queued": 24}
        assert max(len(office.texts(reader)) for reader in readers) == 1


async def test_what_is_committed_leaves_at_once_though_nothing_was_due_before(office: PostOffice) -> None:
    async with running(office, Pace(Limits(per_second=1000))) as dispatcher:
        for reader in office.private_chats(40):
            office.queue(reader, "A-1")
            dispatcher.wake()
            # Without the waking it would be looked for after a minute.
            await office.server.wait_for_message(reader)


def failing_once(real: Callable[..., Any]) -> Callable[..., Any]:
    """A storage function that finds the database locked at its first call."""
    calls: list[None] = []

    def flaky(*args: Any, **kwargs: Any) -> Any:
        calls.append(None)
        if len(calls) == 1:
            raise StorageError("aftershock.db: another process keeps the database locked")
        return real(*args, **kwargs)

    return flaky


@pytest.mark.parametrize("name", ["claim", "mark_sent", "hold_chat"])
async def test_a_locked_database_delays_but_neither_loses_nor_repeats(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setattr(deliver, "_STORAGE_RETRY", timedelta(milliseconds=10))
    monkeypatch.setattr(outbox, name, failing_once(getattr(outbox, name)))
    ann = office.private_chat()
    office.queue(ann, "A-1")
    async with running(office):
        await office.server.wait_for_message(ann)
    assert office.texts(ann) == ["A-1"]
    assert office.states() == {"sent": 1}
    [error] = errors_in(caplog.records)
    assert error.endswith("aftershock.db: another process keeps the database locked")
