"""Alerts held back one by one: the program withholds them of many threads by one statement."""

from collections.abc import Iterable

from signals.moments import to_ms
from storage.database import Database
from storage.held import HeldRow


def hold(db: Database, rows: Iterable[HeldRow]) -> None:
    """Hold alerts back, or note with an `outcome` that they are not told at all."""
    db.execute_many(
        """INSERT INTO held (chat_id, thread_id, alert_id, reason, held_at, until, outcome)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (chat_id, thread_id, alert_id) DO UPDATE
           SET (reason, held_at, until, outcome)
             = (excluded.reason, excluded.held_at, excluded.until, excluded.outcome)""",
        [
            (r.chat_id, r.thread_id, r.alert_id, r.reason, to_ms(r.held_at), to_ms(r.until), r.outcome)
            for r in rows
        ],
    )
