"""A clock that tests set, and contexts that lead to loopback only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from signals.feeds.context import FeedContext

NOW = datetime(2026, 11, 20, 14, 32, 7, tzinfo=UTC)
"""A Friday, in session."""


@dataclass
class Clock:
    """The present moment, which only a test, or sleeping in it, moves."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep without waiting."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def context(
    clock: Clock,
    base_urls: Mapping[str, str],
    *,
    keys: Mapping[str, str] | None = None,
    proxy: str | None = None,
    timeout_s: float = 5,
) -> FeedContext:
    return FeedContext(clock, base_urls, keys or {}, proxy, timedelta(seconds=timeout_s), clock.sleep)
