"""What Telegram sent and what became of it: stored before it is confirmed, handled once.

    waiting -> done | set_aside

An update's content is kept until it is handled and no longer; its id stays for a while, so that one that
comes twice is known. What is set aside keeps its content, for whoever looks into why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from signals.moments import from_ms, to_ms
from storage.database import Database

InboxState = Literal["waiting", "done", "set_aside"]

KEPT = timedelta(days=8)
"""Telegram keeps an update for a day, and counts on from the last id for a week."""


class Received(NamedTuple):
    """One update as it came: its id, and its JSON as text."""

    update_id: int
    body: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The highest id that was received, and when the last update came."""

    update_id: int
    at: datetime


def receive(db: Database, updates: Iterable[Received], now: datetime) -> list[Received]:
    """Store updates; those that were not known before, in the order of their ids.

    Raises:
        StorageError: none was stored, so none may be confirmed.
    """
    with db.transaction():
        return [
            update
            for update in sorted(updates)
            if db.execute(
                """INSERT INTO inbox (update_id, body, state, received_at, attempts)
                   VALUES (?, ?, 'waiting', ?, 0) ON CONFLICT DO NOTHING""",
                (update.update_id, update.body, to_ms(now)),
            )
        ]


def begin(db: Database, update_id: int) -> int:
    """Handling begins; how often it has begun, this time included. 0: it is not waiting."""
    rows = db.rows(
        """UPDATE inbox SET attempts = attempts + 1 WHERE update_id = ? AND state = 'waiting'
           RETURNING attempts""",
        (update_id,),
    )
    return int(rows[0][0]) if rows else 0


def finish(db: Database, update_id: int) -> None:
    """It was handled; what it said is forgotten."""
    db.execute("UPDATE inbox SET state = 'done', body = '' WHERE update_id = ?", (update_id,))


def set_aside(db: Database, update_id: int, reason: str) -> None:
    """It cannot be handled; it holds up nobody any more."""
    db.execute("UPDATE inbox SET state = 'set_aside', error = ? WHERE update_id = ?", (reason, update_id))


def waiting(db: Database) -> list[Received]:
    """What was stored and not handled, in the order of ids: after a start, what the last run left."""
    rows = db.rows("SELECT update_id, body FROM inbox WHERE state = 'waiting' ORDER BY update_id")
    return [Received(*row) for row in rows]


def newest(db: Database) -> Newest | None:
    """Where receiving stands; None where nothing was ever received."""
    row = db.row("SELECT max(update_id), max(received_at) FROM inbox")
    return Newest(row[0], from_ms(row[1])) if row and row[0] is not None else None


def count_inbox(db: Database) -> dict[InboxState, int]:
    """How many updates there are in each state; a state without any is left out."""
    return dict(db.rows("SELECT state, count(*) FROM inbox GROUP BY state"))
