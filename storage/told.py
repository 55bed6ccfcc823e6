"""What was told to whom, and when: alerts share messages, so this stands apart from the outbox's rows."""

from collections.abc import Iterable
from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database
from storage.held import Place


def note_told(db: Database, delivery_id: int, alert_ids: Iterable[int]) -> None:
    """A delivery tells of these alerts."""
    for alert_id in alert_ids:
        db.execute(
            "INSERT INTO told (alert_id, delivery_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (alert_id, delivery_id),
        )


def alerts_of_delivery(db: Database, delivery_id: int) -> list[int]:
    """The alerts that a delivery tells of, oldest first."""
    rows = db.rows("SELECT alert_id FROM told WHERE delivery_id = ? ORDER BY alert_id", (delivery_id,))
    return [alert_id for (alert_id,) in rows]


def last_told(db: Database, place: Place, since: datetime) -> dict[str, datetime]:
    """When a thread was last told of each subject, as far as that was after a moment."""
    rows = db.rows(
        # The cross join is a join in this order: from the little that one chat was told to what it is about.
        """SELECT changes.subject, max(outbox.created_at)
           FROM outbox CROSS JOIN told CROSS JOIN changes
           WHERE outbox.chat_id = ? AND outbox.thread_id = ? AND outbox.created_at > ?
             AND outbox.kind IN ('alert', 'digest')
             AND told.delivery_id = outbox.id AND changes.alert_id = told.alert_id
           GROUP BY changes.subject""",
        (*place, to_ms(since)),
    )
    return {subject: from_ms(told_ms) for subject, told_ms in rows}


def told_since(db: Database, place: Place, alert_id: int) -> dict[str, int]:
    """The newest alert by which a thread was told of each subject, where it is not older than this alert."""
    chat_id, thread_id = place
    return dict(
        db.rows(
            # The plus keeps the planner from going through what everybody else was told.
            """SELECT subject, max(told.alert_id)
               FROM outbox JOIN told ON told.delivery_id = outbox.id
                    JOIN changes ON changes.alert_id = told.alert_id
               WHERE chat_id = ? AND thread_id = ? AND outbox.kind IN ('alert', 'digest')
                 AND +told.alert_id >= ?
               GROUP BY subject""",
            (chat_id, thread_id, alert_id),
        )
    )


def count_alerts(db: Database, chat_id: int, since: datetime) -> int:
    """How many messages with alerts a chat got from a moment on, in all of its threads; digests aside."""
    [(count,)] = db.rows(
        """SELECT count(*) FROM outbox
           WHERE chat_id = ? AND created_at >= ? AND kind IN ('alert', 'digest') AND kind = 'alert'""",
        (chat_id, to_ms(since)),
    )
    return int(count)
