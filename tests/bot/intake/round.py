"""A collector over loopback sources, with a clock that only tests move."""

import random
from datetime import datetime, timedelta

from bot.intake.fetching import Collector
from signals.feeds import sosovalue
from signals.feeds.connections import Connections
from signals.feeds.feed import Feed
from signals.feeds.table import FEEDS
from signals.quorum import TOLERANCE
from storage.database import Database
from storage.feed_runs import FeedHealth, read_feeds
from tests.signals.feeds.moments import Clock, context
from tests.venues import Venues

KEYS = {sosovalue.KEY: "soso-secret-key"}


def feed(name: str) -> Feed:
    [found] = [feed for feed in FEEDS if feed.name == name]
    return found


def named(*names: str) -> list[Feed]:
    return [feed(name) for name in names]


def new_collector(
    db: Database, clock: Clock, venues: Venues, *, with_key: bool = True, timeout_s: float = 5
) -> Collector:
    keys = KEYS if with_key else {}
    to = context(clock, venues.base_urls(), keys=keys, timeout_s=timeout_s)
    return Collector(db, Connections(to), random.Random(1), TOLERANCE)


def health(collector: Collector, name: str) -> FeedHealth:
    return read_feeds(collector.db)[name]


def later(clock: Clock, **passed: float) -> datetime:
    clock.now += timedelta(**passed)
    return clock.now


QUOTES = named("coinbaseexchange quotes", "binance quotes", "kraken quotes")
CANDLES = named("coinbaseexchange candles", "binance candles", "kraken candles")
FLOWS = [feed for feed in FEEDS if feed.name.endswith("flows")]
