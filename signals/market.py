"""The market: the sum of all facts, in columns ready for the rules.

Prices are dollars, or the dollar token of the pair; volumes are the base coin; ETF flows are dollars.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple, Self, TypeVar

from signals.facts import Candle, EtfFlow, Fact, Funding, Instrument, Quote
from signals.gauges import NO_GAUGES, Gauge, Gauges, Measure, Series, funding_8h
from signals.levels import LevelsSet
from signals.moments import to_ms
from signals.notices import Notice
from signals.rows import Floats, Ints, Rows, columns_of


@dataclass(frozen=True, slots=True)
class Prices(Rows):
    """Prices of one instrument: closes of bars, or the middles of quotes."""

    price: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float]]) -> Self:
        """Columns from rows of (at_ms, known_ms, price) in any order; at one moment the last row stays."""
        return cls(*columns_of(rows, 1))

    def columns(self) -> tuple[Ints, Ints, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.price

    def last_known(self, moment_ms: int) -> tuple[int, float] | None:
        """The newest row that could be known by a moment, as (at_ms, price)."""
        row = self.last_known_row(moment_ms)
        return None if row is None else (int(self.at_ms[row]), float(self.price[row]))


@dataclass(frozen=True, slots=True)
class Bars(Rows):
    """What candles say besides their close, by the moment of the close; volume in the base coin."""

    high: Floats
    low: Floats
    volume: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, float, float]]) -> Self:
        """Columns from rows of (at_ms, known_ms, high, low, volume), as `Prices.of` makes them."""
        return cls(*columns_of(rows, 3))

    def columns(self) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.high, self.low, self.volume


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
    gauges: Mapping[Series, Gauges] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def __repr__(self) -> str:
        counts = {f"{track.instrument} {track.step}": len(rows) for track, rows in self.prices.items()}
        return f"Market({counts}, { ({asset: len(flows) for asset, flows in self.flows.items()}) })"

    def track(self, instrument: Instrument, step: timedelta = QUOTES) -> Prices:
        """The prices of one track, empty where there are none."""
        return self.prices.get(Track(instrument, step), NO_PRICES)

    def gauge(self, source: str, subject: str, measure: Measure) -> Gauges:
        """The numbers of one series, empty where there are none."""
        return self.gauges.get(Series(source, subject, measure), NO_GAUGES)

    def sources_of(self, subject: str, measure: Measure) -> list[str]:
        """Who has numbers of a measure about a subject, in order of name."""
        return sorted(
            s.source
            for s, rows in self.gauges.items()
            if (s.subject, s.measure) == (subject, measure) and len(rows)
        )

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
        """The market with more facts in it."""
        heap = _Heap()
        for fact in facts:
            heap.take(fact)
        return self.joined(heap.sorted())

    def joined(self, newer: "Market") -> "Market":
        """Both markets' facts; at the same moment the newer one's."""
        flows = {**self.flows, **{a: (*self.flows.get(a, ()), *new) for a, new in newer.flows.items()}}
        return Market(
            _joined(self.prices, newer.prices),
            flows,
            _joined(self.bars, newer.bars),
            (*self.levels, *newer.levels),
            _joined(self.gauges, newer.gauges),
            (*self.notices, *newer.notices),
        )

    def known_by(self, moment_ms: int) -> "Market":
        """What could be known by a moment, and nothing later."""
        return Market(
            {track: rows.known_by(moment_ms) for track, rows in self.prices.items()},
            {a: tuple(f for f in flows if to_ms(f.known_at) <= moment_ms) for a, flows in self.flows.items()},
            {track: rows.known_by(moment_ms) for track, rows in self.bars.items()},
            tuple(fact for fact in self.levels if to_ms(fact.known_at) <= moment_ms),
            {series: rows.known_by(moment_ms) for series, rows in self.gauges.items()},
            tuple(fact for fact in self.notices if to_ms(fact.known_at) <= moment_ms),
        )

    def since(self, moment_ms: int) -> "Market":
        """The market without prices, bars and gauges from before a moment; the rest is little and stays."""
        return replace(
            self,
            prices={track: rows.since(moment_ms) for track, rows in self.prices.items()},
            bars={track: rows.since(moment_ms) for track, rows in self.bars.items()},
            gauges={series: rows.since(moment_ms) for series, rows in self.gauges.items()},
        )


class _Heap:
    """Facts on their way into a market, as rows of the columns that they are to stand in."""

    def __init__(self) -> None:
        self._prices: dict[Track, list[tuple[int, int, float]]] = defaultdict(list)
        self._bars: dict[Track, list[tuple[int, int, float, float, float]]] = defaultdict(list)
        self._flows: dict[str, list[EtfFlow]] = defaultdict(list)
        self._levels: list[LevelsSet] = []
        self._gauges: dict[Series, list[tuple[int, int, float]]] = defaultdict(list)
        self._notices: list[Notice] = []

    def take(self, fact: Fact) -> None:
        """Put a fact where it belongs."""
        match fact:
            case Quote():
                row = (to_ms(fact.at), to_ms(fact.known_at), fact.mid)
                self._prices[Track(fact.instrument, QUOTES)].append(row)
            case Candle():
                closed_ms, track = to_ms(fact.at), Track(fact.instrument, fact.timeframe)
                self._prices[track].append((closed_ms, closed_ms, fact.close))
                self._bars[track].append((closed_ms, closed_ms, fact.high, fact.low, fact.volume))
            case EtfFlow():
                self._flows[fact.asset].append(fact)
            case LevelsSet():
                self._levels.append(fact)
            case Gauge():
                row = (to_ms(fact.at), to_ms(fact.known_at), fact.value)
                self._gauges[fact.series].append(row)
            case Funding():
                series, row = funding_row(fact)
                self._gauges[series].append(row)
            case Notice():
                self._notices.append(fact)

    def sorted(self) -> Market:
        """The market of these facts alone."""
        return Market(
            {track: Prices.of(rows) for track, rows in self._prices.items()},
            {asset: tuple(flows) for asset, flows in self._flows.items()},
            {track: Bars.of(rows) for track, rows in self._bars.items()},
            tuple(self._levels),
            {series: Gauges.of(rows) for series, rows in self._gauges.items()},
            tuple(self._notices),
        )


_K = TypeVar("_K", Track, Series)
_R = TypeVar("_R", bound=Rows)


def _joined(older: Mapping[_K, _R], newer: Mapping[_K, _R]) -> dict[_K, _R]:
    keys = {**older, **newer}
    return {k: older[k].joined(newer[k]) if k in older and k in newer else rows for k, rows in keys.items()}


def funding_row(funding: Funding) -> tuple[Series, tuple[int, int, float]]:
    """A settlement as a row of a gauge; it is known as it is paid."""
    at_ms = to_ms(funding.at)
    series = Series(funding.instrument.venue, funding.instrument.coin, Measure.FUNDING_8H)
    return series, (at_ms, at_ms, funding_8h(funding.rate, funding.interval))
