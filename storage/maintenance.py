"""The operator's maintenance note: one line that `/status` and `/start` show while it is set."""

from datetime import datetime
from typing import NamedTuple

from signals.moments import from_ms, to_ms
from storage.database import Database


class Note(NamedTuple):
    """What the operator says, as plain text, and since when."""

    text: str
    since: datetime


def set_note(db: Database, text: str, now: datetime) -> None:
    """Say something to everybody who looks, in place of what was said before."""
    db.execute(
        """INSERT INTO maintenance (id, text, since_at) VALUES (1, ?, ?)
           ON CONFLICT (id) DO UPDATE SET (text, since_at) = (excluded.text, excluded.since_at)""",
        (text, to_ms(now)),
    )


def clear_note(db: Database) -> None:
    """Say nothing any more."""
    db.execute("DELETE FROM maintenance")


def read_note(db: Database) -> Note | None:
    """What the operator says at present; None: nothing."""
    row = db.row("SELECT text, since_at FROM maintenance")
    return Note(row[0], from_ms(row[1])) if row else None
