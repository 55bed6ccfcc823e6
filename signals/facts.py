"""The vocabulary of facts: what a feed returned, about which moment, and since when it could be known.

A *fact* is what a feed returned: `at` is the moment it is about, `known_at` the moment it could be known.
Prices are dollars, or the dollar token of the pair; volumes are the base coin; ETF flows are dollars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from signals.gauges import Gauge
from signals.levels import LevelsSet
from signals.notices import Notice


class Instrument(NamedTuple):
    """What is traded where: a venue's ccxt id and ccxt's unified symbol."""

    venue: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"

    @property
    def coin(self) -> str:
        """What is traded: venues name it alike, their dollars not."""
        return self.symbol.partition("/")[0]

    @property
    def in_token(self) -> bool:
        """Whether its price is in USDT, not in dollars."""
        return self.symbol.endswith("/USDT")


COINBASE_BTC = Instrument("coinbaseexchange", "BTC/USD")
BINANCE_BTC = Instrument("binance", "BTC/USDT")
BINANCE_ETH = Instrument("binance", "ETH/USDT")
KRAKEN_BTC = Instrument("kraken", "BTC/USD")
COINBASE_ETH = Instrument("coinbaseexchange", "ETH/USD")
KRAKEN_ETH = Instrument("kraken", "ETH/USD")
COINBASE_USDT = Instrument("coinbaseexchange", "USDT/USD")
KRAKEN_USDT = Instrument("kraken", "USDT/USD")


@dataclass(frozen=True, slots=True)
class Quote:
    """The best bid and ask at a moment."""

    instrument: Instrument
    at: datetime
    bid: float
    ask: float
    known_at: datetime

    @property
    def mid(self) -> float:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar. It is known at its close, `opened_at + timeframe`."""

    instrument: Instrument
    timeframe: timedelta
    opened_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def at(self) -> datetime:
        """The close, the moment the closing price is about."""
        return self.opened_at + self.timeframe

    @property
    def known_at(self) -> datetime:
        """A bar can be known as soon as it has closed."""
        return self.at


@dataclass(frozen=True, slots=True)
class EtfFlow:
    """The net flow of all US spot funds of one asset in one session, as one source gave it.

    `complete` says that every fund expected to report has; `final_at` is the moment the number became final
    (`None`: still preliminary). Rows with a later `known_at` revise earlier ones of the same source.
    """

    asset: str
    session: date
    source: str
    total_usd: float
    known_at: datetime
    final_at: datetime | None = None
    complete: bool = True
    funds_usd: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Funding:
    """The funding rate of a perpetual at its settlement, as a fraction per interval."""

    instrument: Instrument
    at: datetime
    rate: float
    interval: timedelta


Fact = Quote | Candle | EtfFlow | Funding | LevelsSet | Gauge | Notice
