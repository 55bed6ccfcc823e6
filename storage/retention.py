"""What is forgotten after a while. Flows, funding, notices and chats stay, changes unless told otherwise."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.moments import to_ms
from storage import inbox
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind is kept, by the moment it is about. `None`: for good."""

    quotes: timedelta
    candles: timedelta
    outbox: timedelta
    gauges: timedelta
    changes: timedelta | None = None


def prune(db: Database, retention: Retention, now: datetime) -> int:
    """Delete what is older than its time; how many rows. A delivery that is still open is never deleted."""
    with db.transaction():
        return (
            # By instrument, for the key to be of use: quotes are by far the most rows.
            db.execute(
                "DELETE FROM quotes WHERE instrument IN (SELECT id FROM instruments) AND at < ?",
                (to_ms(now - retention.quotes),),
            )
            + db.execute(
                "DELETE FROM candles WHERE opened_at + timeframe_ms < ?", (to_ms(now - retention.candles),)
            )
            + db.execute(
                "DELETE FROM gauges WHERE series IN (SELECT id FROM series) AND at < ?",
                (to_ms(now - retention.gauges),),
            )
            + _prune_outbox(db, now - retention.outbox)
            + db.execute("DELETE FROM topic_mutes WHERE until < ?", (to_ms(now),))
            + db.execute(
                "DELETE FROM held WHERE outcome IS NOT NULL AND held_at < ?",
                (to_ms(now - retention.outbox),),
            )
            + db.execute(
                "DELETE FROM inbox WHERE received_at < ? AND state <> 'waiting'", (to_ms(now - inbox.KEPT),)
            )
            + (0 if retention.changes is None else _prune_changes(db, now - retention.changes))
        )


def _prune_outbox(db: Database, before: datetime) -> int:
    """Old deliveries that are over, but for the last one about each subject in each thread of a chat.

    An alert answers the one that it takes back, however long ago that was.
    """
    return db.execute(
        """DELETE FROM outbox WHERE created_at < ? AND state NOT IN ('queued', 'sending')
           AND id NOT IN (SELECT max(sent.id)
                          FROM outbox AS sent JOIN told ON told.delivery_id = sent.id
                               JOIN changes ON changes.alert_id = told.alert_id
                          WHERE sent.state = 'sent'
                          GROUP BY sent.chat_id, sent.thread_id, changes.subject)""",
        (to_ms(before),),
    )


def _prune_changes(db: Database, before: datetime) -> int:
    """Old changes, and the alerts that nothing refers to any more."""
    return db.execute("DELETE FROM changes WHERE at < ?", (to_ms(before),)) + db.execute(
        """DELETE FROM alerts WHERE at < ?
           AND NOT EXISTS (SELECT 1 FROM changes WHERE alert_id = alerts.id)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE alert_id = alerts.id)
           AND id NOT IN (SELECT answers_alert FROM outbox WHERE answers_alert IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM told WHERE alert_id = alerts.id)
           AND NOT EXISTS (SELECT 1 FROM held WHERE alert_id = alerts.id)""",
        (to_ms(before),),
    )
