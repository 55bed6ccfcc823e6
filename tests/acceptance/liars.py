"""Venues of a market that bleeds all day, one of which is down, frozen, late or lying at any time.

In truth no break condition is met: Coinbase trades below Binance, and ETH loses against BTC. Every lie points
the other way.
"""

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from signals.facts import COINBASE_BTC, COINBASE_ETH, Candle, Fact, Instrument, Quote
from signals.feeds.connections import Connections
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.feed import Brings, Feed
from signals.feeds.kinds import BAR
from signals.feeds.table import FEEDS
from signals.feeds.venues import VENUES

_DISCOUNT = 0.9985
"""What BTC and ETH cost on Coinbase, of what they cost elsewhere: the premium is far below 0."""
_HISTORY = timedelta(days=16)


class Lie(StrEnum):
    """What is wrong with a venue."""

    DOWN = "no connection"
    REFUSES = "451"
    HANGS = "no answer"
    FROZEN = "what it said an hour ago"
    HIGH = "prices that are too high"
    ZERO = "prices of 0"
    NOT_A_NUMBER = "prices that are no numbers"
    CROSSED = "bids above asks"


@dataclass
class Liars:
    """The market. `clock` gives aware UTC; `chance` decides when who lies how."""

    clock: Callable[[], datetime]
    chance: Random
    start: datetime
    btc: float = 107_500.0
    lies: dict[str, Lie] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    _frozen: dict[Instrument, float] = field(default_factory=dict)

    def feeds(self) -> list[Feed]:
        """The feeds of quotes, which ask this market."""
        return [replace(f, fetch=self._fetch_of(f.source)) for f in FEEDS if f.brings is Brings.QUOTES]

    def price(self, instrument: Instrument, at: datetime) -> float:
        """What it costs in truth."""
        if instrument.coin == "USDT":
            return 0.9995
        discount = _DISCOUNT if instrument in {COINBASE_BTC, COINBASE_ETH} else 1.0
        wave = 1 + 0.0002 * math.sin(at.timestamp() / 97)
        if instrument.coin == "BTC":
            return self.btc * discount * wave
        # ETH loses a tenth of its ratio in the history, and goes on losing.
        days = (at - self.start + _HISTORY) / timedelta(days=1)
        return self.btc * 0.036 * (1 - 0.006 * days) * discount * wave

    def history(self) -> Iterator[Candle]:
        """What was before the start."""
        opens = self.start - _HISTORY
        for venue in VENUES.values():
            for instrument in venue.market_ids:
                for number in range(int(_HISTORY / BAR)):
                    at = opens + number * BAR
                    price = self.price(instrument, at)
                    yield Candle(instrument, BAR, at, price, price, price, price, 1.0)

    def change_lies(self) -> None:
        """Somebody else lies from now on, or nobody; sometimes all are down."""
        self.lies.clear()
        roll = self.chance.random()
        if roll < 0.6:
            lie = self.chance.choice(list(Lie))
            self.lies[self.chance.choice(sorted(VENUES))] = lie
            self.told[str(lie)] = self.told.get(str(lie), 0) + 1
            now = self.clock()
            self._frozen = {i: self.price(i, now) for venue in VENUES.values() for i in venue.market_ids}
        elif roll < 0.7:
            self.lies = dict.fromkeys(VENUES, Lie.DOWN)
            self.told["all down"] = self.told.get("all down", 0) + 1

    def _fetch_of(self, source: str) -> Callable[[Connections, datetime], "asyncio.Future[tuple[Fact, ...]]"]:
        async def fetch(_to: Connections, _since: datetime) -> tuple[Fact, ...]:
            lie = self.lies.get(source)
            if lie is Lie.DOWN:
                raise FeedError(source, FailureKind.TEMPORARY, "ClientConnectorError")
            if lie is Lie.REFUSES:
                raise FeedError(source, FailureKind.GEO_BLOCKED, "HTTP 451")
            if lie is Lie.HANGS:
                await asyncio.sleep(3600)
            return tuple(self._quotes(source, lie))

        return fetch  # type: ignore[return-value]

    def _quotes(self, source: str, lie: Lie | None) -> Iterator[Quote]:
        now = self.clock()
        for instrument in VENUES[source].market_ids:
            bid = self.price(instrument, now)
            match lie:
                case Lie.FROZEN:
                    bid = self._frozen[instrument]
                case Lie.HIGH if instrument.coin != "USDT":
                    bid *= 1.04
                case Lie.ZERO:
                    bid = 0.0
                case Lie.NOT_A_NUMBER:
                    bid = math.nan
            ask = bid * (0.99 if lie is Lie.CROSSED else 1.00001)
            yield Quote(instrument, now, bid, ask, now)


def walk(chance: Random, usd: float) -> float:
    """Where BTC is next: in its zone or out of it as a rule."""
    goes: Sequence[float] = (105_500.0, 105_800.0, 106_400.0, 107_200.0, 108_000.0)
    return chance.choice([goal for goal in goes if goal != usd])
