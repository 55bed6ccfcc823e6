"""Topics that a thread of a chat does not want to hear for a while; what else it hears stays as it is."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.columns import moment_or_none
from storage.database import Database
from storage.held import Place


def mute_topic(db: Database, place: Place, topic: str, until: datetime | None) -> None:
    """Keep quiet about a topic in a thread until a moment; None ends it."""
    if until is None:
        db.execute("DELETE FROM topic_mutes WHERE (chat_id, thread_id, topic) = (?, ?, ?)", (*place, topic))
        return
    db.execute(
        """INSERT INTO topic_mutes (chat_id, thread_id, topic, until) VALUES (?, ?, ?, ?)
           ON CONFLICT (chat_id, thread_id, topic) DO UPDATE SET until = excluded.until""",
        (*place, topic, to_ms(until)),
    )


def muted_until(db: Database, place: Place, topic: str) -> datetime | None:
    """Until when a topic is muted in a thread, which may be over; None where it never was."""
    row = db.row(
        "SELECT until FROM topic_mutes WHERE (chat_id, thread_id, topic) = (?, ?, ?)", (*place, topic)
    )
    return moment_or_none(row[0]) if row else None


def muted_topics(db: Database, place: Place, now: datetime) -> dict[str, datetime]:
    """The topics that are muted in a thread now, each with until when."""
    rows = db.rows(
        """SELECT topic, until FROM topic_mutes WHERE (chat_id, thread_id) = (?, ?) AND until > ?
           ORDER BY until, topic""",
        (*place, to_ms(now)),
    )
    return {topic: from_ms(until) for topic, until in rows}


def is_muted(db: Database, place: Place, topic: str, now: datetime) -> bool:
    """Whether a topic is muted in a thread now."""
    until = muted_until(db, place, topic)
    return until is not None and until > now
