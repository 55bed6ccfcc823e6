"""Asking one feed: whether it may be asked, from when on, how often, and how long it is left alone after."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from signals.facts import Fact, Instrument, Quote
from signals.feeds.connections import Connections
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.feed import Feed
from signals.frozen import Seen
from signals.gauges import Gauge, Series
from storage.database import Database
from storage.feed_runs import FeedHealth

log = logging.getLogger(__name__)

Request = Callable[[], Awaitable[tuple[Fact, ...]]]
"""Asks a feed's source for facts once."""

FARTHEST_BACK = timedelta(days=16)
"""How far a feed goes back for what it missed: ETH/BTC's window of fourteen days, and two to spare."""

_PERMANENT_WAIT = timedelta(minutes=10)
_FIRST_LIMIT_WAIT = timedelta(minutes=1)
_LONGEST_LIMIT_WAIT = timedelta(hours=1)


@dataclass
class Collector:
    """What collecting needs, and what was kept last of quotes and states: the next are held against it."""

    db: Database
    connections: Connections
    random: Random
    tolerance: float
    """The share within which the prices of two venues agree."""
    last_good: dict[Instrument, Quote] = field(default_factory=dict)
    last_states: dict[Series, Gauge] = field(default_factory=dict)
    seen: dict[Instrument, Seen] = field(default_factory=dict)
    """What each venue says of an instrument, and since when it says the same."""

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.connections.context.clock()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a feed gave: facts, or the reason why there are none."""

    feed: Feed
    facts: tuple[Fact, ...] = ()
    failure: FeedError | None = None


def obstacle(feed: Feed, health: FeedHealth | None, collector: Collector) -> str | None:
    """Why a feed may not be asked now, in a few words; None where it may."""
    if feed.needs and not collector.connections.context.keys.get(feed.needs):
        return f"{feed.needs} is not set"
    if health is None or health.last_try_at is None:
        return None
    now = collector.now
    if health.blocked_until is not None and now < health.blocked_until:
        return f"left alone until {health.blocked_until:%Y-%m-%d %H:%M} UTC"
    # A clock that was set back must not keep a feed waiting for longer than its rest.
    if timedelta(0) <= now - health.last_try_at < feed.rest:
        return f"asked at {health.last_try_at:%H:%M} UTC already"
    return None


async def _attempt(feed: Feed, collector: Collector, request: Request) -> tuple[Fact, ...]:
    """Fetch, and try again what may pass by itself, with waits that double and are never quite the same.

    Raises:
        FeedError: it did not succeed within the feed's tries and time.
    """
    try:
        async with asyncio.timeout(feed.within.total_seconds()):
            for tried in range(1, feed.retry.attempts):
                try:
                    return await request()
                except FeedError as error:
                    if error.kind is not FailureKind.TEMPORARY:
                        raise
                await collector.connections.context.sleep(_wait(feed, tried, collector.random))
            return await request()
    except TimeoutError as error:
        text = f"no answer within {feed.within.total_seconds():g} s"
        raise FeedError(feed.source, FailureKind.TEMPORARY, text) from error


async def fetch(feed: Feed, since: datetime, collector: Collector) -> Fetched:
    """What a feed gives from a moment on. A failure is an answer too."""
    return await answered(feed, collector, lambda: feed.fetch(collector.connections, since))


async def answered(feed: Feed, collector: Collector, request: Request) -> Fetched:
    """What comes of a request to a feed's source, tried as often as the feed allows."""
    try:
        return Fetched(feed, await _attempt(feed, collector, request))
    except FeedError as error:
        return Fetched(feed, failure=error)
    except Exception as error:  # the last resort: a mistake of ours in one feed must not silence the others
        log.exception("%s: a mistake in the feed", feed.name)
        return Fetched(feed, failure=FeedError(feed.source, FailureKind.MALFORMED, type(error).__name__))


def since_of(feed: Feed, health: FeedHealth | None, now: datetime) -> datetime:
    """From when on a feed is asked: it fills the gap since its last good answer."""
    last = health.last_ok_at if health and health.last_ok_at else now
    return max(min(last, now) - feed.look_back, now - FARTHEST_BACK)


def blocked_until(failure: FeedError, failures_before: int, now: datetime) -> datetime | None:
    """Until when a feed is left alone after a failure."""
    match failure.kind:
        case FailureKind.RATE_LIMITED:
            growing = min(_FIRST_LIMIT_WAIT * 2 ** min(failures_before, 10), _LONGEST_LIMIT_WAIT)
            return now + (growing if failure.retry_after is None else failure.retry_after)
        case FailureKind.PERMANENT:
            return now + _PERMANENT_WAIT
        case _:
            return now + failure.retry_after if failure.retry_after else None


def _wait(feed: Feed, tried: int, random: Random) -> float:
    """Seconds before the next try. The jitter keeps many bots from returning at the same moment."""
    wait: timedelta = min(feed.retry.first_wait * 2 ** (tried - 1), feed.retry.longest_wait)
    return wait.total_seconds() * random.uniform(0.5, 1.5)
