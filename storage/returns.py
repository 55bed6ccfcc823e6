"""Coming into a chat for the first time, or again: what was said there already, and what it has missed."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database


def claim_welcome(db: Database, chat_id: int, now: datetime) -> bool:
    """Whether the bot introduces itself in a chat now: once, however often and by whom it is asked."""
    return bool(
        db.execute(
            "UPDATE chats SET welcomed_at = ? WHERE id = ? AND welcomed_at IS NULL", (to_ms(now), chat_id)
        )
    )


def away_since(db: Database, delivery_id: int, now: datetime) -> datetime:
    """Since when a chat is away that has refused a delivery at `now`: the alert in it is missed as well."""
    [(raised_at,)] = db.rows(
        """SELECT min(alerts.raised_at) FROM deliveries
           JOIN told ON told.letter_id = deliveries.letter_id JOIN alerts ON alerts.id = told.alert_id
           WHERE deliveries.id = ? AND deliveries.kind = 'alert'""",
        (delivery_id,),
    )
    return now if raised_at is None else min(from_ms(raised_at), now)


def unheard_since(db: Database, chat_id: int, now: datetime) -> datetime:
    """Since when a chat is away that leaves at `now`: alerts that still wait for it are missed as well."""
    [(raised_at,)] = db.rows(
        """SELECT min(alerts.raised_at) FROM deliveries
           JOIN told ON told.letter_id = deliveries.letter_id JOIN alerts ON alerts.id = told.alert_id
           WHERE deliveries.chat_id = ? AND deliveries.state IN ('queued', 'sending')
             AND deliveries.kind = 'alert'""",
        (chat_id,),
    )
    return now if raised_at is None else min(from_ms(raised_at), now)


def missed_alerts(db: Database, chat_id: int, since: datetime) -> int:
    """How many alerts since a moment were about something that a chat wants to hear."""
    [(count,)] = db.rows(
        """SELECT count(DISTINCT alerts.id) FROM alerts JOIN changes ON changes.alert_id = alerts.id
           WHERE raised_at >= ? AND subject IN (SELECT topic FROM subscriptions WHERE chat_id = ?)""",
        (to_ms(since), chat_id),
    )
    return int(count)


def hears_anything(db: Database, chat_id: int) -> bool:
    """Whether a chat chose to hear anything, in any of its threads."""
    return db.row("SELECT 1 FROM subscriptions WHERE chat_id = ? LIMIT 1", (chat_id,)) is not None


def drop_queued(db: Database, chat_id: int) -> int:
    """Give up what was queued for a chat before it could be written to again; how much."""
    return db.execute(
        "UPDATE outbox SET state = 'expired' WHERE chat_id = ? AND state = 'queued'", (chat_id,)
    )


def release(db: Database, chat_id: int) -> bool:
    """Let a chat be written to at once where a right was missing that it has now given; whether one was."""
    with db.transaction():
        was_mute = db.execute(
            """UPDATE chats SET not_before = NULL, rights_told_at = NULL
               WHERE id = ? AND rights_told_at IS NOT NULL""",
            (chat_id,),
        )
        if was_mute:
            db.execute(
                "UPDATE outbox SET not_before = NULL WHERE chat_id = ? AND state = 'queued'", (chat_id,)
            )
    return bool(was_mute)
