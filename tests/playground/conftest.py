"""The playground that each test of this folder gets for itself."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.playground.cast import Cast, gather_cast
from bot.playground.server import PlaygroundServer
from tests.playground.stage import new_bot, new_playground


@pytest.fixture(autouse=True)
def timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns, and warnings fail tests, unless RetryAfter may hold a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def playground() -> AsyncIterator[PlaygroundServer]:
    async with new_playground() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def cast(playground: PlaygroundServer) -> Cast:
    return gather_cast(playground.people)


@pytest.fixture
async def bot(playground: PlaygroundServer) -> AsyncIterator[Bot]:
    async with new_bot(playground) as bot:
        yield bot
