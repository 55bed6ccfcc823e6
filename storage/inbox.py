"""What Telegram sent and what became of it: stored before it is confirmed, handled once.

    waiting -> done | set_aside

An update's content is kept until it is handled and no longer; its id stays for a while, so that one that
comes twice is known. What is set aside keeps its content, for whoever looks into why.

Each update has an owner, the process that handles it, and most have a queue, their chat: of several processes
on one database the owner alone begins it, and only when nothing before it in its queue waits, whoever owns
that. What a dead process owned is taken over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from signals.moments import from_ms, to_ms
from storage.clock import database_now
from storage.database import Database
from storage.processes import ALIVE_FOR

InboxState = Literal["waiting", "done", "set_aside"]

KEPT = timedelta(days=8)
"""Telegram keeps an update for a day, and counts on from the last id for a week."""


NOT_YET = -1
"""An update that came before in the same chat still waits."""


class Received(NamedTuple):
    """One update as it came: its id, its JSON as text, and the chat in whose order it is handled."""

    update_id: int
    body: str
    queue: int | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The highest id that was received, and when the last update came."""

    update_id: int
    at: datetime


def receive(
    db: Database, updates: Iterable[Received], now: datetime, owner: str | None = None
) -> list[Received]:
    """Store updates for a process to handle; those that were not known before, in the order of their ids.

    Raises:
        StorageError: none was stored, so none may be confirmed.
    """
    with db.transaction():
        return [
            update
            for update in sorted(updates, key=lambda update: update.update_id)
            if db.execute(
                """INSERT INTO inbox (update_id, body, state, received_at, attempts, owner, queue)
                   VALUES (?, ?, 'waiting', ?, 0, ?, ?) ON CONFLICT DO NOTHING""",
                (update.update_id, update.body, to_ms(now), owner, update.queue),
            )
        ]


def begin(db: Database, update_id: int, owner: str | None = None) -> int:
    """Its owner begins with it: how often it was begun, this time included.

    0: it does not wait any more, or is somebody else's by now. `NOT_YET`: it is not its turn.
    """
    rows = db.rows(
        """UPDATE inbox SET attempts = attempts + 1
           WHERE update_id = ? AND state = 'waiting' AND owner IS NOT DISTINCT FROM ?
             AND NOT EXISTS (SELECT 1 FROM inbox AS ahead
                             WHERE ahead.queue = inbox.queue AND ahead.state = 'waiting'
                               AND ahead.update_id < inbox.update_id)
           RETURNING attempts""",
        (update_id, owner),
    )
    if rows:
        return int(rows[0][0])
    waits = db.row(
        """SELECT 1 FROM inbox
           WHERE update_id = ? AND state = 'waiting' AND owner IS NOT DISTINCT FROM ?""",
        (update_id, owner),
    )
    return NOT_YET if waits else 0


def finish(db: Database, update_id: int) -> None:
    """It was handled; what it said, and where, is forgotten."""
    db.execute("UPDATE inbox SET state = 'done', body = '', queue = NULL WHERE update_id = ?", (update_id,))


def set_aside(db: Database, update_id: int, reason: str) -> None:
    """It cannot be handled; it holds up nobody any more."""
    db.execute(
        "UPDATE inbox SET state = 'set_aside', error = ?, queue = NULL WHERE update_id = ?",
        (reason, update_id),
    )


def take_over(db: Database, owner: str) -> list[Received]:
    """What waits and whose owner is dead or never was is somebody's now; in the order of ids."""
    rows = db.rows(
        """UPDATE inbox SET owner = :owner
           WHERE state = 'waiting' AND coalesce(owner, '') <> :owner
             AND coalesce(owner, '') NOT IN (SELECT name FROM processes WHERE seen_at > :alive)
           RETURNING update_id, body, queue""",
        {"owner": owner, "alive": to_ms(database_now(db) - ALIVE_FOR)},
    )
    return sorted((Received(*row) for row in rows), key=lambda update: update.update_id)


def newest(db: Database) -> Newest | None:
    """Where receiving stands; None where nothing was ever received."""
    row = db.row("SELECT max(update_id), max(received_at) FROM inbox")
    return Newest(row[0], from_ms(row[1])) if row and row[0] is not None else None


def count_inbox(db: Database) -> dict[InboxState, int]:
    """How many updates there are in each state; a state without any is left out."""
    return dict(db.rows("SELECT state, count(*) FROM inbox GROUP BY state"))
