"""What was told to whom, and when: alerts share letters, and a letter goes to many."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database
from storage.held import Place
from storage.letters import SINCE


def alerts_of_delivery(db: Database, delivery_id: int) -> list[int]:
    """The alerts that a delivery tells of, oldest first."""
    rows = db.rows(
        """SELECT told.alert_id FROM outbox JOIN told ON told.letter_id = outbox.letter_id
           WHERE outbox.id = ? ORDER BY told.alert_id""",
        (delivery_id,),
    )
    return [alert_id for (alert_id,) in rows]


def last_told(db: Database, place: Place, since: datetime) -> dict[str, datetime]:
    """When a thread was last told of each subject, as far as that was after a moment."""
    rows = db.rows(
        # The cross join is a join in this order: from the little that one chat was told to what it is about.
        f"""SELECT changes.subject, max(letters.created_at)
            FROM outbox CROSS JOIN letters CROSS JOIN told CROSS JOIN changes
            WHERE outbox.chat_id = :chat AND outbox.thread_id = :thread AND {SINCE}
              AND letters.id = outbox.letter_id AND letters.created_at > :since
              AND told.letter_id = letters.id AND changes.alert_id = told.alert_id
            GROUP BY changes.subject""",  # noqa: S608  # the constant
        {"chat": place[0], "thread": place[1], "since": to_ms(since)},
    )
    return {subject: from_ms(told_ms) for subject, told_ms in rows}


def told_since(db: Database, place: Place, alert_id: int) -> dict[str, int]:
    """The newest alert by which a thread was told of each subject, where it is not older than this alert."""
    chat_id, thread_id = place
    return dict(
        db.rows(
            # The plus keeps the planner from going through what everybody else was told.
            """SELECT subject, max(told.alert_id)
               FROM outbox CROSS JOIN told CROSS JOIN changes
               WHERE chat_id = ? AND thread_id = ? AND told.letter_id = outbox.letter_id
                 AND changes.alert_id = told.alert_id AND +told.alert_id >= ?
               GROUP BY subject""",
            (chat_id, thread_id, alert_id),
        )
    )


def count_alerts(db: Database, chat_id: int, since: datetime) -> int:
    """How many messages with alerts a chat got from a moment on, in all of its threads; digests aside."""
    [(count,)] = db.rows(
        f"""SELECT count(*) FROM outbox CROSS JOIN letters
            WHERE outbox.chat_id = :chat AND {SINCE} AND letters.id = outbox.letter_id
              AND letters.created_at >= :since AND letters.kind = 'alert'""",  # noqa: S608  # the constant
        {"chat": chat_id, "since": to_ms(since)},
    )
    return int(count)
