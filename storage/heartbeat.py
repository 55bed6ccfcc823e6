"""The heartbeat: when the market was looked at last, so that a pause is noticed, whoever ended it."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database


def record_beat(db: Database, at: datetime) -> None:
    """The market is looked at."""
    db.execute(
        "INSERT INTO heartbeat (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
        (to_ms(at),),
    )


def last_beat(db: Database) -> datetime | None:
    """When the market was looked at last; None: never."""
    row = db.row("SELECT at FROM heartbeat")
    return from_ms(row[0]) if row else None
