"""The processes that run on this database: each says so again and again, by the clock of the database.

Whoever has not said so for a while is taken for dead, and what it had begun is somebody else's.
"""

from datetime import timedelta
from typing import Literal, NamedTuple

from signals.moments import to_ms
from storage.clock import database_now
from storage.database import Database

ProcessPart = Literal["worker", "web"]

ALIVE_FOR = timedelta(seconds=5)
"""Several times as long as the pause between two signs of life."""


class Process(NamedTuple):
    """A process, what it does, and how long ago it last said that it is there."""

    name: str
    part: ProcessPart
    seen_ago: timedelta


def say_alive(db: Database, name: str, part: ProcessPart, per_second: int = 0) -> None:
    """A process is there, and sends so many messages a second beside those of the outbox."""
    db.execute(
        """INSERT INTO processes (name, part, seen_at, per_second) VALUES (?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE
           SET part = excluded.part, seen_at = excluded.seen_at, per_second = excluded.per_second""",
        (name, part, to_ms(database_now(db)), per_second),
    )


def said_by_webs(db: Database) -> int:
    """How many messages a second all web processes send together, as they said last."""
    [(said,)] = db.rows(
        "SELECT coalesce(sum(per_second), 0) FROM processes WHERE part = 'web' AND seen_at > ?",
        (to_ms(database_now(db) - ALIVE_FOR),),
    )
    return int(said)


def is_gone(db: Database, name: str) -> None:
    """A process has ended, or is known to have: what it had begun is anybody's at once."""
    db.execute("DELETE FROM processes WHERE name = ?", (name,))


def forget_dead(db: Database) -> None:
    """Forget those that have not said for a while that they are there."""
    db.execute("DELETE FROM processes WHERE seen_at <= ?", (to_ms(database_now(db) - ALIVE_FOR),))


def read_processes(db: Database) -> list[Process]:
    """The processes that are there, those that lead or stand by first."""
    now = database_now(db)
    rows = db.rows(
        "SELECT name, part, seen_at FROM processes WHERE seen_at > ? ORDER BY part DESC, name",
        (to_ms(now - ALIVE_FOR),),
    )
    return [Process(name, part, timedelta(milliseconds=to_ms(now) - seen_ms)) for name, part, seen_ms in rows]
