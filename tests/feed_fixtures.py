"""Fixtures of whatever fetches: a clock, and every source on loopback, which nobody keeps waiting for."""

from collections.abc import AsyncIterator

import pytest

from tests.signals.feeds.moments import Clock
from tests.venues import Venues, leave_at_once


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_at_once(monkeypatch)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def venues(clock: Clock) -> AsyncIterator[Venues]:
    async with Venues(clock) as venues:
        yield venues
