"""The clock of the database: the one that all processes share, whatever their machines say."""

from datetime import datetime

from signals.moments import from_ms
from storage.database import Database


def database_now(db: Database) -> datetime:
    """The present moment, as the database has it."""
    [(now_ms,)] = db.rows(db.dialect.now_ms)
    return from_ms(now_ms)
