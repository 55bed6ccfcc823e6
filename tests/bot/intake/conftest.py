"""What intake's tests share: a clock, an empty database, every source on loopback, a collector."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.intake.fetching import Collector
from storage.database import Database, open_database
from tests.bot.intake.round import new_collector
from tests.feed_fixtures import clock, prompt, venues
from tests.signals.feeds.moments import Clock
from tests.venues import Venues

__all__ = ["clock", "prompt", "venues"]


@pytest.fixture
def db() -> Iterator[Database]:
    database = open_database(":memory:")
    yield database
    database.close()


@pytest.fixture
async def collector(db: Database, clock: Clock, venues: Venues) -> AsyncIterator[Collector]:
    collector = new_collector(db, clock, venues)
    async with collector.connections:
        yield collector
