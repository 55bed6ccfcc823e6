"""The vocabulary of facts, and the market as the sum of them.

A *fact* is what a feed returned: `at` is the moment it is about, `known_at` the moment it could be known.
Prices are dollars, or the dollar token of the pair; volumes are the base coin; ETF flows are dollars.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from signals.levels import LevelsSet
from signals.moments import from_ms, to_ms

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Instrument(NamedTuple):
    """What is traded where: a venue's ccxt id and ccxt's unified symbol."""

    venue: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"


COINBASE_BTC = Instrument("coinbaseexchange", "BTC/USD")
BINANCE_BTC = Instrument("binance", "BTC/USDT")
BINANCE_ETH = Instrument("binance", "ETH/USDT")
KRAKEN_BTC = Instrument("kraken", "BTC/USD")
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


Fact = Quote | Candle | EtfFlow | Funding | LevelsSet


@dataclass(frozen=True, slots=True)
class Rows(ABC):
    """Columns of one track, one row a moment, ascending in `at_ms`. `known_ms` is never before `at_ms`."""

    at_ms: Ints
    known_ms: Ints

    @abstractmethod
    def columns(self) -> tuple[NDArray[Any], ...]:
        """Every column, in the order in which they are declared."""

    def __len__(self) -> int:
        return len(self.at_ms)

    def since(self, moment_ms: int) -> Self:
        """The rows at or after a moment."""
        return self.rows(slice(int(np.searchsorted(self.at_ms, moment_ms)), None))

    def known_by(self, moment_ms: int) -> Self:
        """The rows that could be known by a moment."""
        return self.rows(self.known_ms <= moment_ms)

    def joined(self, newer: Self) -> Self:
        """Both, in order; at the same moment the newer row replaces the older."""
        if len(self) and len(newer) and newer.at_ms[0] <= self.at_ms[-1]:
            both = self.rows(~np.isin(self.at_ms, newer.at_ms)).append(newer)
            return both.rows(np.argsort(both.at_ms, kind="stable"))
        return self.append(newer)

    def append(self, other: Self) -> Self:
        """Both, one after the other, as they are."""
        both = zip(self.columns(), other.columns(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in both))

    def rows(self, rows: slice | Bools | NDArray[np.intp]) -> Self:
        """Some of the rows."""
        return type(self)(*(column[rows] for column in self.columns()))


@dataclass(frozen=True, slots=True)
class Prices(Rows):
    """Prices of one instrument: closes of bars, or the middles of quotes."""

    price: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float]]) -> Self:
        """Columns from rows of (at_ms, known_ms, price) in any order; at one moment the last row stays."""
        return cls(*_columns(rows, 1))

    def columns(self) -> tuple[Ints, Ints, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.price

    def last_known(self, moment_ms: int) -> tuple[int, float] | None:
        """The newest row that could be known by a moment, as (at_ms, price)."""
        row = int(np.searchsorted(self.at_ms, moment_ms, side="right")) - 1
        while row >= 0 and self.known_ms[row] > moment_ms:
            row -= 1
        return (int(self.at_ms[row]), float(self.price[row])) if row >= 0 else None


@dataclass(frozen=True, slots=True)
class Bars(Rows):
    """What candles say besides their close, by the moment of the close; volume in the base coin."""

    high: Floats
    low: Floats
    volume: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, float, float]]) -> Self:
        """Columns from rows of (at_ms, known_ms, high, low, volume), as `Prices.of` makes them."""
        return cls(*_columns(rows, 3))

    def columns(self) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.high, self.low, self.volume


def _columns(rows: Iterable[tuple[Any, ...]], floats: int) -> Iterator[Any]:
    """The two columns of moments and so many of numbers, ascending; at one moment the last row stays."""
    unique = sorted({row[0]: row for row in rows}.values())
    columns = zip(*unique, strict=True) if unique else ((),) * (2 + floats)
    for place, column in enumerate(columns):
        yield np.array(column, np.int64 if place < 2 else np.float64)  # noqa: PLR2004  # the moments


NO_PRICES = Prices.of(())
NO_BARS = Bars.of(())

QUOTES = timedelta(0)
"""The step of prices that stand for a moment, not for a bar."""


class Track(NamedTuple):
    """Whose prices, and how long a step each stands for: a bar's timeframe, or `QUOTES`."""

    instrument: Instrument
    step: timedelta


class LastPrice(NamedTuple):
    """A price, the moment it is about, and how long a step it stands for."""

    at_ms: int
    price: float
    step: timedelta


@dataclass(frozen=True, repr=False)
class Market:
    """Every fact at hand, ready for the rules. Immutable: adding facts gives a new market."""

    prices: Mapping[Track, Prices] = field(default_factory=dict)
    flows: Mapping[str, tuple[EtfFlow, ...]] = field(default_factory=dict)
    bars: Mapping[Track, Bars] = field(default_factory=dict)
    levels: tuple[LevelsSet, ...] = ()

    def __repr__(self) -> str:
        counts = {f"{track.instrument} {track.step}": len(rows) for track, rows in self.prices.items()}
        return f"Market({counts}, { ({asset: len(flows) for asset, flows in self.flows.items()}) })"

    def track(self, instrument: Instrument, step: timedelta = QUOTES) -> Prices:
        """The prices of one track, empty where there are none."""
        return self.prices.get(Track(instrument, step), NO_PRICES)

    def steps(self, instrument: Instrument) -> list[timedelta]:
        """The steps that an instrument has prices for, finest first."""
        return sorted(
            track.step for track, rows in self.prices.items() if track.instrument == instrument and len(rows)
        )

    def last_price(self, instrument: Instrument, by_ms: int) -> "LastPrice | None":
        """The newest price known by a moment; of two of the same moment that of the finer step."""
        newest = ((self.track(instrument, step).last_known(by_ms), step) for step in self.steps(instrument))
        return max(
            (LastPrice(*row, step) for row, step in newest if row), key=lambda p: p.at_ms, default=None
        )

    def add(self, facts: Iterable[Fact]) -> "Market":
        """The market with more facts in it. Funding has no place in a view yet and is passed over."""
        rows: dict[Track, list[tuple[int, int, float]]] = {}
        bars: dict[Track, list[tuple[int, int, float, float, float]]] = {}
        flows: dict[str, list[EtfFlow]] = {}
        levels: list[LevelsSet] = []
        for fact in facts:
            match fact:
                case Quote():
                    row = (to_ms(fact.at), to_ms(fact.known_at), fact.mid)
                    rows.setdefault(Track(fact.instrument, QUOTES), []).append(row)
                case Candle():
                    closed_ms = to_ms(fact.at)
                    track = Track(fact.instrument, fact.timeframe)
                    rows.setdefault(track, []).append((closed_ms, closed_ms, fact.close))
                    bar = (closed_ms, closed_ms, fact.high, fact.low, fact.volume)
                    bars.setdefault(track, []).append(bar)
                case EtfFlow():
                    flows.setdefault(fact.asset, []).append(fact)
                case LevelsSet():
                    levels.append(fact)
                case Funding():
                    pass
        return self.joined(
            Market(
                {track: Prices.of(new) for track, new in rows.items()},
                {a: tuple(f) for a, f in flows.items()},
                {track: Bars.of(new) for track, new in bars.items()},
                tuple(levels),
            )
        )

    def joined(self, newer: "Market") -> "Market":
        """Both markets' facts; at the same moment the newer one's."""
        flows = {**self.flows, **{a: (*self.flows.get(a, ()), *new) for a, new in newer.flows.items()}}
        levels = (*self.levels, *newer.levels)
        return Market(_joined(self.prices, newer.prices), flows, _joined(self.bars, newer.bars), levels)

    def known_by(self, moment_ms: int) -> "Market":
        """What could be known by a moment, and nothing later."""
        return Market(
            {track: rows.known_by(moment_ms) for track, rows in self.prices.items()},
            {a: tuple(f for f in flows if to_ms(f.known_at) <= moment_ms) for a, flows in self.flows.items()},
            {track: rows.known_by(moment_ms) for track, rows in self.bars.items()},
            tuple(fact for fact in self.levels if to_ms(fact.known_at) <= moment_ms),
        )

    def since(self, moment_ms: int) -> "Market":
        """The market without prices and bars from before a moment; flows and levels are few and all stay."""
        return replace(
            self,
            prices={track: rows.since(moment_ms) for track, rows in self.prices.items()},
            bars={track: rows.since(moment_ms) for track, rows in self.bars.items()},
        )


_R = TypeVar("_R", bound=Rows)


def _joined(older: Mapping[Track, _R], newer: Mapping[Track, _R]) -> dict[Track, _R]:
    tracks = {**older, **newer}
    return {t: older[t].joined(newer[t]) if t in older and t in newer else rows for t, rows in tracks.items()}


def step_ms(step: timedelta) -> int:
    """A step in milliseconds."""
    return step // timedelta(milliseconds=1)


def next_open(moment: datetime, timeframe: timedelta) -> datetime:
    """When the first bar opens that opens at or after a moment: bars open at multiples of their length."""
    step = step_ms(timeframe)
    return from_ms(-(-to_ms(moment) // step) * step)
