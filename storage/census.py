"""How many there are: chats by kind and state, what they hear, what waits or failed, rows in every table."""

from datetime import datetime, timedelta
from typing import NamedTuple

from signals.moments import from_ms, to_ms
from storage.chats import ChatKind, ChatState
from storage.database import Database
from storage.tables import tables

_MOMENT = timedelta(seconds=2)


class ChatCount(NamedTuple):
    """Chats of one kind in one state."""

    kind: ChatKind
    state: ChatState
    chats: int


class TopicCount(NamedTuple):
    """In how many chats a topic is heard, with sound and without; a chat may do both in its threads."""

    topic: str
    sound: int
    silent: int


class Size(NamedTuple):
    """What the database takes, in bytes, and how many rows each table has, the largest first."""

    bytes: int
    rows: dict[str, int]


class Waiting(NamedTuple):
    """Deliveries of a kind that are still to be sent, or being sent, and since when the oldest waits."""

    kind: str
    deliveries: int
    oldest_at: datetime


class Held(NamedTuple):
    """How many chats have to wait, and until when the last of them does."""

    chats: int
    until: datetime


class Failures(NamedTuple):
    """Deliveries of a kind that failed for the same reason."""

    kind: str
    error: str
    times: int
    last_at: datetime


def count_chats(db: Database) -> list[ChatCount]:
    """Every kind in every state that there is."""
    rows = db.rows("SELECT kind, state, count(*) FROM chats GROUP BY kind, state ORDER BY kind, state")
    return [ChatCount(*row) for row in rows]


def count_topics(db: Database) -> list[TopicCount]:
    """What is heard in chats that can be written to, the most wanted first."""
    rows = db.rows(
        """SELECT topic, count(DISTINCT chat_id) FILTER (WHERE mode = 'sound'),
                  count(DISTINCT chat_id) FILTER (WHERE mode = 'silent')
           FROM subscriptions JOIN chats ON chats.id = chat_id WHERE state = 'active'
           GROUP BY topic ORDER BY count(DISTINCT chat_id) DESC, topic"""
    )
    return [TopicCount(*row) for row in rows]


def oldest_queued(db: Database) -> datetime | None:
    """Since when the oldest delivery waits that could be sent; None: none waits."""
    [(oldest_ms,)] = db.rows(
        # Along the index of what is queued, however much was sent before.
        """SELECT min(letters.created_at)
           FROM outbox INDEXED BY outbox_next CROSS JOIN chats CROSS JOIN letters
           WHERE outbox.state = 'queued' AND chats.id = outbox.chat_id AND chats.state = 'active'
             AND letters.id = outbox.letter_id"""
    )
    return None if oldest_ms is None else from_ms(oldest_ms)


def count_held(db: Database, now: datetime) -> Held | None:
    """The chats that something waits for and that may not be written to for a while; None: there are none.

    The second after each message is no such while.
    """
    [(count, until_ms)] = db.rows(
        """SELECT count(*), max(not_before) FROM chats
           WHERE not_before > ? AND state = 'active' AND EXISTS (
               SELECT 1 FROM outbox INDEXED BY outbox_open
               WHERE chat_id = chats.id AND outbox.state IN ('queued', 'sending'))""",
        (to_ms(now + _MOMENT),),
    )
    return Held(count, from_ms(until_ms)) if count else None


def count_waiting(db: Database) -> list[Waiting]:
    """What is still to be sent, by kind; walks only what is open, however much was sent before."""
    rows = db.rows(
        """SELECT kind, count(*), min(created_at)
           FROM outbox INDEXED BY outbox_open CROSS JOIN letters
           WHERE state IN ('queued', 'sending') AND letters.id = outbox.letter_id
           GROUP BY kind ORDER BY kind"""
    )
    return [Waiting(kind, deliveries, from_ms(oldest_ms)) for kind, deliveries, oldest_ms in rows]


_KEPT = {
    "boards": "SELECT count(*) FROM boards WHERE state = 'kept'",
    "held_alerts": "SELECT count(*) FROM held WHERE outcome IS NULL",
    "own_alerts": "SELECT count(*) FROM own_alerts WHERE state = 'armed'",
}


def count_kept(db: Database) -> dict[str, int]:
    """How many there are of what the bot looks after for chats, by name."""
    return {name: db.rows(sql)[0][0] for name, sql in _KEPT.items()}


def last_failures(db: Database, limit: int) -> list[Failures]:
    """Why deliveries failed, the newest reasons first, as far as the outbox still knows them."""
    rows = db.rows(
        """SELECT kind, coalesce(error, ''), count(*), max(created_at) FROM deliveries
           WHERE state IN ('failed', 'expired') AND state = 'failed'
           GROUP BY kind, error ORDER BY max(created_at) DESC LIMIT ?""",
        (limit,),
    )
    return [Failures(kind, error, count, from_ms(last_ms)) for kind, error, count, last_ms in rows]


def measure(db: Database) -> Size:
    """The size of everything. Counts every row: a second or so for a database of some gigabytes."""
    [(size,)] = db.rows(db.dialect.size)
    counted = {table: db.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables(db)}  # noqa: S608  # from the schema
    return Size(size, dict(sorted(counted.items(), key=lambda each: -each[1])))
