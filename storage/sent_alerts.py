"""What each chat was told: the last alert about a subject, and the messages that an alert went out as.

This is what lets an alert answer the one that it takes back, and a message be edited long after it was sent.
"""

from typing import NamedTuple

from storage.database import Database
from storage.held import Place
from storage.outbox import Delivery, delivery_of


class Told(NamedTuple):
    """An alert that told of a subject, and the state that the subject came to in it."""

    alert_id: int
    state: str


class SentMessage(NamedTuple):
    """A delivery that arrived, and Telegram's id of its message (of its last part, where it has several)."""

    message_id: int
    delivery: Delivery


def last_told(db: Database, place: Place, subject: str) -> Told | None:
    """The last alert about a subject that a thread of a chat was told, or is about to be; None: none."""
    row = db.row(
        """SELECT changes.alert_id, changes.to_state
           FROM outbox CROSS JOIN told CROSS JOIN changes
           WHERE outbox.chat_id = ? AND outbox.thread_id = ?
             AND outbox.state IN ('queued', 'sending', 'sent') AND told.letter_id = outbox.letter_id
             AND changes.alert_id = told.alert_id AND changes.subject = ?
           ORDER BY changes.alert_id DESC, changes.id DESC LIMIT 1""",
        (*place, subject),
    )
    return None if row is None else Told(*row)


def messages_of_alert(db: Database, chat_id: int, alert_id: int) -> list[SentMessage]:
    """The messages by which a chat was told of an alert, one a thread as a rule."""
    records = db.records(
        """SELECT deliveries.* FROM deliveries JOIN told ON told.letter_id = deliveries.letter_id
           WHERE told.alert_id = ? AND chat_id = ? AND message_id IS NOT NULL ORDER BY id""",
        (alert_id, chat_id),
    )
    return [SentMessage(record["message_id"], delivery_of(record)) for record in records]


def message_of_alert(db: Database, chat_id: int, alert_id: int, *, thread_id: int = 0) -> int | None:
    """The message by which a thread was told of an alert, perhaps among others; None where none is known."""
    row = db.row(
        """SELECT message_id FROM outbox JOIN told ON told.letter_id = outbox.letter_id
           WHERE (chat_id, thread_id, told.alert_id) = (?, ?, ?) AND message_id IS NOT NULL
           ORDER BY outbox.id DESC LIMIT 1""",
        (chat_id, thread_id, alert_id),
    )
    return row[0] if row else None
