"""The levels that were set, each with when and by whom; what was set is never changed, only set anew."""

from datetime import datetime

from signals.levels import Band, Levels, LevelsSet, Origin
from signals.moments import from_ms, to_ms
from storage.database import Database, Record


def save_levels(db: Database, fact: LevelsSet) -> int:
    """Store levels, or that the last ones were taken back; 1, or 0 where this is stored already."""
    levels = fact.levels
    values = (*levels.support, levels.break_usd, *levels.rally) if levels else (None,) * 5
    return db.execute(
        """INSERT INTO levels (origin, known_at, set_by, support_low_usd, support_high_usd, break_usd,
                               rally_low_usd, rally_high_usd)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        (str(fact.origin), to_ms(fact.known_at), fact.set_by, *values),
    )


def read_levels(db: Database, until: datetime | None = None) -> tuple[LevelsSet, ...]:
    """All levels that were known by a moment, oldest first."""
    records = db.records(
        "SELECT * FROM levels WHERE :until IS NULL OR known_at <= :until ORDER BY known_at",
        {"until": None if until is None else to_ms(until)},
    )
    return tuple(map(_fact, records))


def _fact(record: Record) -> LevelsSet:
    levels = None
    if record["break_usd"] is not None:
        support = Band(record["support_low_usd"], record["support_high_usd"])
        rally = Band(record["rally_low_usd"], record["rally_high_usd"])
        levels = Levels(support, record["break_usd"], rally)
    return LevelsSet(levels, from_ms(record["known_at"]), Origin(record["origin"]), record["set_by"])
