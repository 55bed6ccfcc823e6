from collections.abc import AsyncIterator

import pytest

from signals.feeds.exchange import Exchanges
from tests.signals.feeds.moments import Clock, context
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


@pytest.fixture
async def exchanges(clock: Clock, venues: Venues) -> AsyncIterator[Exchanges]:
    async with Exchanges(context(clock, venues.base_urls())) as exchanges:
        yield exchanges
