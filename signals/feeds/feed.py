"""What a feed is: a name, a way to fetch, and when and how patiently it is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signals.facts import Fact
from signals.feeds.connections import Connections


class Brings(StrEnum):
    """What a feed brings."""

    QUOTES = "quotes"
    CANDLES = "candles"
    ETF_FLOWS = "ETF flows"
    ADL_STATES = "ADL states"
    ANNOUNCEMENTS = "announcements"
    DEPTH = "depth"
    LEVERAGE = "open interest and funding"
    LIQUIDATIONS = "liquidations"
    EXPLOITS = "exploits"
    MACRO = "repo operations and SOFR"


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a failure that may pass is tried again, with waits that double up to the longest."""

    attempts: int
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=1)


Facts = tuple[Fact, ...]
Fetch = Callable[[Connections, datetime], Awaitable[Facts]]
"""Brings the facts about the time from a moment on."""


def of_now(fetch: Callable[[Connections], Awaitable[Facts]]) -> Fetch:
    """How a source is asked that says what is, whatever the moment from which on it is asked for."""

    async def fetch_now(to: Connections, since: datetime) -> Facts:
        del since
        return await fetch(to)

    return fetch_now


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed.

    `fetch(connections, since)` brings its facts about the time from `since` on; quotes are of now.
    `look_back`: how much before the last good answer is asked for again, for sources add and correct.
    All tries together take at most `within`; `rest` is the least time between two rounds of them, restarts
    included. `needs` names the setting without which the feed is off.
    """

    name: str
    source: str
    brings: Brings
    fetch: Fetch
    interval: timedelta
    within: timedelta
    retry: Retry
    look_back: timedelta = timedelta(0)
    rest: timedelta = timedelta(0)
    needs: str | None = None
    fill: Fetch | None = None
    """Brings the past, from a moment on, where that is another request than for the present."""
