"""Which instruments there are, which lengths of bars each has, and since when."""

from typing import NamedTuple

from signals.facts import Instrument
from storage.database import Database


def known_instruments(db: Database) -> list[tuple[int, Instrument]]:
    """Every instrument with its number, in the order of their numbers."""
    rows = db.rows("SELECT id, venue, symbol FROM instruments ORDER BY id")
    return [(instrument_id, Instrument(*names)) for instrument_id, *names in rows]


def timeframes_ms(db: Database, instrument_id: int) -> list[int]:
    """The timeframes that an instrument has candles of, each by one look into the key, without a scan."""
    rows = db.rows(
        """WITH RECURSIVE found (timeframe_ms) AS (
               SELECT min(timeframe_ms) FROM candles WHERE instrument = :id
               UNION ALL
               SELECT (SELECT min(timeframe_ms) FROM candles
                       WHERE instrument = :id AND timeframe_ms > found.timeframe_ms)
               FROM found WHERE timeframe_ms IS NOT NULL)
           SELECT timeframe_ms FROM found WHERE timeframe_ms IS NOT NULL""",
        {"id": instrument_id},
    )
    return [timeframe_ms for (timeframe_ms,) in rows]


class BarTrack(NamedTuple):
    """The bars of one length that an instrument has; when the oldest of them opened."""

    instrument_id: int
    instrument: Instrument
    timeframe_ms: int
    oldest_ms: int


def bar_tracks(db: Database) -> list[BarTrack]:
    """All of them, by one statement that looks into the key once or twice for each."""
    rows = db.rows(
        """WITH RECURSIVE found (instrument, timeframe_ms) AS (
               SELECT id, (SELECT min(timeframe_ms) FROM candles WHERE instrument = instruments.id)
               FROM instruments
               UNION ALL
               SELECT found.instrument,
                      (SELECT min(candles.timeframe_ms) FROM candles
                       WHERE candles.instrument = found.instrument
                         AND candles.timeframe_ms > found.timeframe_ms)
               FROM found WHERE found.timeframe_ms IS NOT NULL)
           SELECT id, venue, symbol, timeframe_ms,
                  (SELECT min(opened_at) FROM candles
                   WHERE candles.instrument = found.instrument AND candles.timeframe_ms = found.timeframe_ms)
           FROM found JOIN instruments ON instruments.id = found.instrument
           WHERE timeframe_ms IS NOT NULL ORDER BY id, timeframe_ms"""
    )
    return [BarTrack(id_, Instrument(venue, symbol), *numbers) for id_, venue, symbol, *numbers in rows]


def oldest_quotes(db: Database) -> list[tuple[int, Instrument, int]]:
    """Every instrument that has quotes with its number, and the moment of the oldest, in milliseconds."""
    rows = db.rows(
        """SELECT id, venue, symbol, (SELECT min(at) FROM quotes WHERE instrument = instruments.id)
           FROM instruments ORDER BY id"""
    )
    return [(id_, Instrument(*names), oldest_ms) for id_, *names, oldest_ms in rows if oldest_ms is not None]
