from collections.abc import AsyncIterator

import pytest

from signals.feeds.exchange import Exchanges
from tests.feed_fixtures import clock, prompt, venues
from tests.signals.feeds.moments import Clock, context
from tests.venues import Venues

__all__ = ["clock", "prompt", "venues"]


@pytest.fixture
async def exchanges(clock: Clock, venues: Venues) -> AsyncIterator[Exchanges]:
    async with Exchanges(context(clock, venues.base_urls())) as exchanges:
        yield exchanges
