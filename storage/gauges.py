"""Gauges as they were told. A number that is told again about the same moment replaces the one before."""

from collections.abc import Iterable, Iterator

import numpy as np

from signals.gauges import Gauge, Gauges, Measure, Series
from signals.moments import to_ms
from storage.database import Database

_SAVE = """
    INSERT INTO gauges (series, at, value, known_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (series, at) DO UPDATE SET value = excluded.value, known_at = excluded.known_at
    WHERE gauges.value <> excluded.value"""
_ROW = np.dtype([("at", np.int64), ("known", np.int64), ("value", np.float64)])


def save_gauges(db: Database, gauges: Iterable[Gauge]) -> int:
    """Store numbers; how many were new or said something else than before."""
    gauges = list(gauges)
    ids = {series: _save_series(db, series) for series in {gauge.series for gauge in gauges}}
    return db.execute_many(_SAVE, ((ids[g.series], to_ms(g.at), g.value, to_ms(g.known_at)) for g in gauges))


def load_gauges(db: Database, first_ms: int, last_ms: int) -> Iterator[tuple[Series, Gauges]]:
    """Every series that has numbers about the time between two moments, both included."""
    for series_id, source, subject, measure in db.rows("SELECT id, source, subject, measure FROM series"):
        rows = db.rows(
            "SELECT at, known_at, value FROM gauges WHERE series = ? AND at BETWEEN ? AND ? ORDER BY at",
            (series_id, first_ms, last_ms),
        )
        if rows:
            columns = np.fromiter(rows, _ROW, count=len(rows))
            values = (np.ascontiguousarray(columns[name]) for name in ("at", "known", "value"))
            yield Series(source, subject, Measure(measure)), Gauges(*values)


def _save_series(db: Database, series: Series) -> int:
    db.execute(
        "INSERT INTO series (source, subject, measure) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", series
    )
    [(series_id,)] = db.rows("SELECT id FROM series WHERE (source, subject, measure) = (?, ?, ?)", series)
    return int(series_id)
