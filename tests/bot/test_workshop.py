"""Charts drawn in a process of their own."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.charts.picture import Picture
from bot.charts.workshop import NotDrawnError, Workshop
from bot.pictures.chart import chart_words
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.market import Market

NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)
PNG = b"\x89PNG"


def picture(language: str = "en") -> Picture:
    words, english = (
        chart_words(Wording(every_language()[code], UTC, NOW), "btc") for code in (language, "en")
    )
    return Picture("btc", Market(), (), NOW, timedelta(days=7), words, english, dark=True)


async def gone(pid: int) -> None:
    """Until a child of ours has ended and been waited for."""
    async with asyncio.timeout(20):
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def workshop():
    workshop = Workshop()
    yield workshop
    await workshop.close()


async def test_pictures_are_drawn_elsewhere_in_both_languages(workshop):
    drawn = [await workshop.draw(picture(language)) for language in ("en", "zh")]
    assert [png[:4] for png in drawn] == [PNG, PNG]
    assert workshop.pid not in {None, os.getpid()}


async def test_many_at_once_are_drawn_by_one_process(workshop):
    first = await workshop.draw(picture())
    pid = workshop.pid
    assert set(await asyncio.gather(*(workshop.draw(picture()) for _ in range(3)))) == {first}
    assert workshop.pid == pid


async def test_when_it_dies_the_next_picture_gets_a_new_process(workshop):
    await workshop.draw(picture())
    pid = workshop.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    waiting = asyncio.create_task(workshop.draw(picture()))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(NotDrawnError):
        await waiting
    assert (await workshop.draw(picture()))[:4] == PNG


async def test_what_cannot_be_drawn_is_an_error_and_not_the_end(workshop):
    nonsense = replace(picture(), subject="nonsense")  # type: ignore[arg-type]  # as only a bug would
    with pytest.raises(NotDrawnError, match="nonsense"):
        await workshop.draw(nonsense)
    assert (await workshop.draw(picture()))[:4] == PNG


async def test_it_ends_when_nobody_asks_for_a_while():
    workshop = Workshop(idle_seconds=0.01)
    await workshop.draw(picture())
    pid = workshop.pid
    if pid:
        await gone(pid)
    assert workshop.pid is None
    assert (await workshop.draw(picture()))[:4] == PNG
    await workshop.close()


async def test_it_does_not_outlive_its_bot(workshop):
    """When the bot is killed the pipe closes, and nothing else tells the process."""
    await workshop.draw(picture())
    pid = workshop.pid
    assert pid
    workshop._process.stdin.close()
    await gone(pid)
