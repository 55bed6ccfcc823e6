"""The alarm in real time; no test waits for longer than a blink."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.delivery.alarm import Alarm

NOW = datetime(2025, 11, 28, 18, tzinfo=UTC)


def alarm() -> Alarm:
    return Alarm(lambda: NOW)


async def test_a_ring_ends_the_wait() -> None:
    ringing = alarm()
    async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
        tasks.create_task(ringing.wait(None))
        tasks.create_task(ringing.wait(NOW + timedelta(hours=1)))
        await asyncio.sleep(0)
        ringing.ring()


async def test_a_ring_before_the_wait_is_not_lost() -> None:
    ringing = alarm()
    ringing.ring()
    async with asyncio.timeout(1):
        await ringing.wait(None)


async def test_one_ring_ends_one_wait() -> None:
    ringing = alarm()
    ringing.ring()
    await ringing.wait(None)
    waiting = asyncio.create_task(ringing.wait(None))
    await asyncio.sleep(0)
    assert not waiting.done()
    ringing.ring()
    await waiting


async def test_the_moment_ends_the_wait() -> None:
    async with asyncio.timeout(1):
        await alarm().wait(NOW + timedelta(milliseconds=5))


async def test_a_moment_that_has_passed_ends_it_at_once() -> None:
    async with asyncio.timeout(1):
        await alarm().wait(NOW - timedelta(hours=1))
