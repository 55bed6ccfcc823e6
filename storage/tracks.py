"""Which instruments there are, and which lengths of bars each has."""

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
