"""Facts in, the market out. Saving what is already there changes nothing."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.facts import Candle, EtfFlow, Fact, Funding, Instrument, Quote
from signals.gauges import Gauge, Gauges, Series
from signals.levels import LevelsSet
from signals.market import QUOTES, Bars, Market, Prices, Track, funding_row
from signals.moments import from_ms, length_ms, to_ms
from signals.notices import Notice
from storage.database import Database
from storage.flows import FlowObservation, read_flow_observations, read_flows, save_flow
from storage.gauges import load_gauges, save_gauges
from storage.levels import read_levels, save_levels
from storage.notices import read_notices, save_notice
from storage.retention import Retention, prune
from storage.spans import Span, span
from storage.tracks import known_instruments, timeframes_ms

__all__ = [
    "FlowObservation",
    "Retention",
    "Span",
    "load_bars",
    "load_market",
    "prune",
    "read_candles",
    "read_flow_observations",
    "read_funding",
    "save_facts",
    "span",
]

_FIRST_MS, _LAST_MS = -(2**60), 2**60
_PRICE = np.dtype([("at", np.int64), ("known", np.int64), ("price", np.float64)])
_BAR = np.dtype([*_PRICE.descr, ("high", np.float64), ("low", np.float64), ("volume", np.float64)])

_SAVE_CANDLE = """
    INSERT INTO candles (instrument, timeframe_ms, opened_at, open, high, low, close, volume)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (instrument, timeframe_ms, opened_at) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume
    WHERE (candles.open, candles.high, candles.low, candles.close, candles.volume)
       <> (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)"""
_SAVE_QUOTE = """
    INSERT INTO quotes (instrument, at, bid, ask, known_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (instrument, at) DO UPDATE
    SET bid = excluded.bid, ask = excluded.ask, known_at = excluded.known_at
    WHERE (quotes.bid, quotes.ask) <> (excluded.bid, excluded.ask)"""
_SAVE_FUNDING = """
    INSERT INTO funding (instrument, at, rate, interval_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (instrument, at) DO UPDATE SET rate = excluded.rate, interval_ms = excluded.interval_ms
    WHERE (funding.rate, funding.interval_ms) <> (excluded.rate, excluded.interval_ms)"""

_CANDLES = """
    SELECT opened_at, open, high, low, close, volume
    FROM candles JOIN instruments ON instruments.id = instrument
    WHERE (venue, symbol, timeframe_ms) = (?, ?, ?) AND opened_at BETWEEN ? AND ?
    ORDER BY opened_at"""


def save_facts(db: Database, facts: Iterable[Fact]) -> int:
    """Store facts, all or none; how many of them were new or said something else than before."""
    facts = list(facts)
    with db.transaction():
        ids = {named: _save_instrument(db, named) for named in _instruments(facts)}
        return (
            db.execute_many(_SAVE_CANDLE, (_candle_row(ids, f) for f in facts if isinstance(f, Candle)))
            + db.execute_many(_SAVE_QUOTE, (_quote_row(ids, f) for f in facts if isinstance(f, Quote)))
            + db.execute_many(_SAVE_FUNDING, (_funding_row(ids, f) for f in facts if isinstance(f, Funding)))
            + sum(save_flow(db, fact) for fact in facts if isinstance(fact, EtfFlow))
            + sum(save_levels(db, fact) for fact in facts if isinstance(fact, LevelsSet))
            + save_gauges(db, (fact for fact in facts if isinstance(fact, Gauge)))
            + sum(save_notice(db, fact) for fact in facts if isinstance(fact, Notice))
        )


def load_market(db: Database, since: datetime | None = None, until: datetime | None = None) -> Market:
    """The market from one moment to another, both included, in columns ready for the rules.

    Prices and gauges are chosen by the moment they are about; flows, levels and notices are few, and all come
    that were known by `until`. Funding comes as a gauge; what was polled goes before what was imported.
    """
    window = _window(since, until)
    bars = _market_of_bars(_load_bars(db, *window))
    prices = {**bars.prices, **dict(_load_quotes(db, *window))}
    flows: dict[str, tuple[EtfFlow, ...]] = {}
    for flow in read_flows(db, until):
        flows[flow.asset] = (*flows.get(flow.asset, ()), flow)
    gauges = _imported_funding(db, since, until)
    for series, rows in load_gauges(db, *window):
        gauges[series] = gauges[series].joined(rows) if series in gauges else rows
    return Market(prices, flows, bars.bars, read_levels(db, until), gauges, read_notices(db, until))


def load_bars(db: Database, instruments: Container[Instrument], since: datetime, until: datetime) -> Market:
    """A market of nothing but the bars of some instruments that closed in a time, both ends included."""
    return _market_of_bars(_load_bars(db, *_window(since, until), instruments))


def read_candles(
    db: Database,
    instrument: Instrument,
    timeframe: timedelta,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Candle]:
    """The candles of one track that closed from one moment to another, both included, oldest first."""
    step_ms = length_ms(timeframe)
    first_ms, last_ms = _window(since, until)
    rows = db.rows(_CANDLES, (*instrument, step_ms, first_ms - step_ms, last_ms - step_ms))
    return [Candle(instrument, timeframe, from_ms(opened_ms), *ohlcv) for opened_ms, *ohlcv in rows]


def read_funding(
    db: Database, instrument: Instrument, since: datetime | None = None, until: datetime | None = None
) -> list[Funding]:
    """The funding of a perpetual settled from one moment to another, both included, oldest first."""
    rows = db.rows(
        """SELECT at, rate, interval_ms FROM funding JOIN instruments ON instruments.id = instrument
           WHERE (venue, symbol) = (?, ?) AND at BETWEEN ? AND ? ORDER BY at""",
        (*instrument, *_window(since, until)),
    )
    return [
        Funding(instrument, from_ms(at_ms), rate, timedelta(milliseconds=interval_ms))
        for at_ms, rate, interval_ms in rows
    ]


def _instruments(facts: list[Fact]) -> set[Instrument]:
    return {fact.instrument for fact in facts if isinstance(fact, Candle | Quote | Funding)}


def _save_instrument(db: Database, instrument: Instrument) -> int:
    db.execute("INSERT INTO instruments (venue, symbol) VALUES (?, ?) ON CONFLICT DO NOTHING", instrument)
    [(instrument_id,)] = db.rows("SELECT id FROM instruments WHERE (venue, symbol) = (?, ?)", instrument)
    return int(instrument_id)


def _candle_row(ids: dict[Instrument, int], candle: Candle) -> tuple[Any, ...]:
    prices = candle.open, candle.high, candle.low, candle.close
    timeframe_ms, opened_ms = length_ms(candle.timeframe), to_ms(candle.opened_at)
    return ids[candle.instrument], timeframe_ms, opened_ms, *prices, candle.volume


def _quote_row(ids: dict[Instrument, int], quote: Quote) -> tuple[Any, ...]:
    return ids[quote.instrument], to_ms(quote.at), quote.bid, quote.ask, to_ms(quote.known_at)


def _funding_row(ids: dict[Instrument, int], funding: Funding) -> tuple[Any, ...]:
    return ids[funding.instrument], to_ms(funding.at), funding.rate, length_ms(funding.interval)


def _window(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    return _FIRST_MS if since is None else to_ms(since), _LAST_MS if until is None else to_ms(until)


def _market_of_bars(loaded: Iterable[tuple[Track, NDArray[np.void]]]) -> Market:
    bars = dict(loaded)
    prices = {track: Prices(*_of(each, "at", "known", "price")) for track, each in bars.items()}
    shapes = {track: Bars(*_of(each, "at", "known", "high", "low", "volume")) for track, each in bars.items()}
    return Market(prices, bars=shapes)


def _load_bars(
    db: Database, first_ms: int, last_ms: int, only: Container[Instrument] | None = None
) -> Iterator[tuple[Track, NDArray[np.void]]]:
    """Every track that has candles which closed in the window."""
    known = known_instruments(db)
    for instrument_id, instrument in known if only is None else [each for each in known if each[1] in only]:
        for timeframe_ms in timeframes_ms(db, instrument_id):
            rows = db.rows(
                """SELECT opened_at + timeframe_ms, opened_at + timeframe_ms, close, high, low, volume
                   FROM candles WHERE instrument = ? AND timeframe_ms = ? AND opened_at BETWEEN ? AND ?
                   ORDER BY opened_at""",
                (instrument_id, timeframe_ms, first_ms - timeframe_ms, last_ms - timeframe_ms),
            )
            if rows:
                track = Track(instrument, timedelta(milliseconds=timeframe_ms))
                yield track, np.fromiter(rows, _BAR, count=len(rows))


def _load_quotes(db: Database, first_ms: int, last_ms: int) -> Iterator[tuple[Track, Prices]]:
    """Every instrument that has quotes in the window."""
    for instrument_id, instrument in known_instruments(db):
        rows = db.rows(
            """SELECT at, known_at, (bid + ask) / 2 FROM quotes
               WHERE instrument = ? AND at BETWEEN ? AND ? ORDER BY at""",
            (instrument_id, first_ms, last_ms),
        )
        if rows:
            columns = np.fromiter(rows, _PRICE, count=len(rows))
            yield Track(instrument, QUOTES), Prices(*_of(columns, "at", "known", "price"))


def _imported_funding(db: Database, since: datetime | None, until: datetime | None) -> dict[Series, Gauges]:
    rows: dict[Series, list[tuple[int, int, float]]] = {}
    for _, instrument in known_instruments(db):
        for funding in read_funding(db, instrument, since, until):
            series, row = funding_row(funding)
            rows.setdefault(series, []).append(row)
    return {series: Gauges.of(new) for series, new in rows.items()}


def _of(rows: NDArray[np.void], *names: str) -> Iterator[NDArray[Any]]:
    """Columns of rows that are in order and one a moment already, which the tables' keys see to."""
    return (np.ascontiguousarray(rows[name]) for name in names)
