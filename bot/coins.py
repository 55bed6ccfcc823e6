"""The coins that own alerts name besides BTC and ETH: who trades each, its past, and which are to be polled.

Without venues, as in the playground, there are only those whose prices the market holds.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from signals.coins import Coin
from signals.facts import Candle, Instrument
from signals.feeds.coins import CoinFeed, UnknownCoinError
from signals.feeds.failure import FeedError
from signals.market import Market
from signals.own.prices import instrument_of
from signals.own.readings import OWN_READINGS
from signals.own.rule import Ref
from storage.coins import read_coins, save_coin
from storage.database import Database

log = logging.getLogger(__name__)

MOST_COINS = 100
"""What one bot polls besides its own: a request each, where a venue takes one at a time."""
_DEADLINE = timedelta(seconds=12)
"""Whoever asks for a preview waits no longer than that for the venues."""
_FRESH = timedelta(minutes=15)
"""So long a history that was fetched serves the next preview of the same coin."""


class NoSuchCoinError(Exception):
    """A rule names a coin that has no price here. `near`: what may have been meant."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(name)
        self.name, self.near = name, near


class NoVenueError(NoSuchCoinError):
    """There is nobody to ask: the market is played."""


class TooManyCoinsError(NoSuchCoinError):
    """So many are polled already that no more can be."""


class CoinNotAskedError(NoSuchCoinError):
    """Whether it is traded could not be found out in time."""


class _Past(NamedTuple):
    """Bars, and when they were fetched."""

    bars: tuple[Candle, ...]
    at: datetime


class Coins:
    """Who trades which coin, as far as rules needed to know. Lives in one event loop.

    `feed` asks the venues, `None` where there are none. `polled` are the names that armed rules need.
    """

    def __init__(self, db: Database, feed: CoinFeed | None = None) -> None:
        self.feed = feed
        self.polled: frozenset[str] = frozenset()
        self._db = db
        self._settled = read_coins(db)
        self._past: dict[str, _Past] = {}

    def instrument(self, name: str) -> Instrument | None:
        """Whose price a coin's is."""
        coin = self._settled.get(name)
        return coin.instrument if coin else instrument_of(name)

    def learn(self) -> None:
        """Take in what other processes have settled."""
        self._settled |= read_coins(self._db)

    def priced_since(self, market: Market, since_ms: int) -> frozenset[str]:
        """The coins that were settled and have been polled since a moment, by whoever polls them."""
        return frozenset(
            name for name, coin in self._settled.items() if len(market.track(coin.instrument).since(since_ms))
        )

    async def settle(self, refs: Iterable[Ref], market: Market) -> None:
        """Find out who trades the coins of some readings, where that is not known yet.

        Raises:
            NoSuchCoinError: one of them has no price here, or that is not known.
        """
        for name in coins_of(refs):
            if name not in self._settled and (self.feed or not _is_played(name, market)):
                await self._find(name)

    async def past(self, refs: Iterable[Ref], now: datetime) -> tuple[Candle, ...]:
        """The last month of the coins of some readings, as far as it can be had in time."""
        bars = [await self._history(name, now) for name in coins_of(refs)]
        return tuple(bar for bars_of_one in bars for bar in bars_of_one)

    def to_poll(self) -> list[Coin]:
        """The coins that armed rules need and that the bot would not ask for by itself."""
        return [self._settled[name] for name in sorted(self.polled) if name in self._settled]

    async def _find(self, name: str) -> None:
        if self.feed is None:
            raise NoVenueError(name)
        if len(self.polled - {name}) >= MOST_COINS:
            raise TooManyCoinsError(name)
        try:
            async with asyncio.timeout(_DEADLINE.total_seconds()):
                coin = await self.feed.find(name)
        except UnknownCoinError as error:
            raise NoSuchCoinError(name, error.near) from error
        except (FeedError, TimeoutError) as error:
            raise CoinNotAskedError(name) from error
        self._settled[name] = coin
        save_coin(self._db, coin)

    async def _history(self, name: str, now: datetime) -> tuple[Candle, ...]:
        """A month of bars; none where they cannot be had."""
        coin, before = self._settled.get(name), self._past.get(name)
        if coin is None or self.feed is None:
            return ()
        if before is None or now - before.at > _FRESH:
            try:
                async with asyncio.timeout(_DEADLINE.total_seconds()):
                    before = self._past[name] = _Past(await self.feed.history(coin, now), now)
            except (FeedError, TimeoutError) as error:
                log.warning("%s: no history: %s", name, str(error) or type(error).__name__)
                return ()
            self._past = {name: past for name, past in self._past.items() if now - past.at <= _FRESH}
        return before.bars


def _is_played(name: str, market: Market) -> bool:
    """Whether a market that nobody feeds has a coin's prices all the same."""
    usual = instrument_of(name)
    return usual is not None and bool(market.steps(usual))


def coins_of(refs: Iterable[Ref]) -> Iterator[str]:
    """The coins of readings, each once, that are none of those which the bot always knows."""
    seen: set[str] = set()
    for ref in refs:
        row = OWN_READINGS[ref.reading]
        if row.any_coin and ref.subject not in row.subjects and ref.subject not in seen:
            seen.add(ref.subject)
            yield ref.subject
