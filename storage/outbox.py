"""What is to be sent, in order, and what became of it. A delivery is stored with the change that caused it.

    queued -> sending -> sent | failed | queued again
    queued -> expired

Within a chat nothing overtakes: the oldest open delivery goes first and the next one waits for its end.
A broadcast alone gives way: to everything that is not one, everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text, moment_or_none, ms_or_null
from storage.database import Database, Record
from storage.told import note_told

DeliveryState = Literal["queued", "sending", "sent", "failed", "expired"]
Buttons = Sequence[Sequence[Mapping[str, str]]]
"""Rows of buttons, each with its `text` and `data`."""

_ENQUEUE = """
    INSERT INTO outbox (chat_id, thread_id, alert_id, kind, text, buttons, silent, state, attempts,
                        created_at, not_before, expires_at, unsure, chart, answers_alert, broadcast_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?, 0, ?, ?, ?) RETURNING id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one chat. `id` is 0 until it is enqueued.

    `text` is Telegram HTML. `not_before` holds back all that follows in the chat; from `expires_at` on it is
    not worth sending. `unsure`: an earlier attempt may have arrived.
    """

    id: int = 0
    chat_id: int
    thread_id: int = 0
    alert_id: int | None = None
    """The alert that it tells of; of several the most urgent one, and the others in `more_alerts`."""
    more_alerts: tuple[int, ...] = ()
    kind: str
    text: str
    buttons: Buttons = ()
    silent: bool = False
    state: DeliveryState = "queued"
    attempts: int = 0
    created_at: datetime
    not_before: datetime | None = None
    expires_at: datetime | None = None
    unsure: bool = False
    chart: str | None = None
    """The picture that goes with the text, by its name; it is drawn when it is sent."""
    answers_alert: int | None = None
    """The earlier alert that this one takes back: it is sent as an answer to it, where the chat heard it."""
    broadcast_id: int | None = None
    """The broadcast that it belongs to: it goes after everything that belongs to none."""


def enqueue(db: Database, deliveries: Iterable[Delivery]) -> int:
    """Queue deliveries in this order, all or none; how many. Every chat must be known."""
    with db.transaction():
        ids = [_enqueue(db, delivery) for delivery in deliveries]
    return len(ids)


def _enqueue(db: Database, delivery: Delivery) -> int:
    [(delivery_id,)] = db.rows(_ENQUEUE, _queued_row(delivery))
    if delivery.alert_id is not None:
        note_told(db, delivery_id, (delivery.alert_id, *delivery.more_alerts))
    return int(delivery_id)


def claim(db: Database, now: datetime, limit: int) -> list[Delivery]:
    """Take what may be sent now, oldest first, one a chat; nobody else gets it. The overdue expires first.

    A chat gives nothing while one of its deliveries is being sent, while it is paused or blocked, or while it
    or its oldest delivery has to wait.
    """
    with db.transaction():
        expire(db, now)
        # Two looks, each along an index of its own: one that sorted would walk a whole broadcast every time.
        claimed = _claim(db, now, limit, "due.broadcast_id IS NULL")
        if len(claimed) < limit:
            claimed += _claim(db, now, limit - len(claimed), "due.broadcast_id IS NOT NULL")
    return claimed


def _claim(db: Database, now: datetime, limit: int, which: str) -> list[Delivery]:
    records = db.records(
        f"""UPDATE outbox SET state = 'sending', attempts = attempts + 1
            WHERE state = 'queued' AND id IN (
                SELECT due.id FROM outbox AS due JOIN chats ON chats.id = due.chat_id
                WHERE due.state = 'queued' AND {which} AND chats.state = 'active'
                  AND coalesce(due.not_before, 0) <= :now AND coalesce(chats.not_before, 0) <= :now
                  AND NOT EXISTS (SELECT 1 FROM outbox AS ahead
                                  WHERE ahead.chat_id = due.chat_id
                                    AND ahead.state IN ('queued', 'sending')
                                    AND (ahead.state = 'sending'
                                         OR (ahead.broadcast_id IS NOT NULL, ahead.id)
                                            < (due.broadcast_id IS NOT NULL, due.id)))
                ORDER BY due.id LIMIT :limit)
            RETURNING *""",  # noqa: S608  # `which` is one of the two above
        {"now": to_ms(now), "limit": limit},
    )
    return sorted(map(delivery_of, records), key=lambda delivery: delivery.id)


def mark_sent(db: Database, delivery_id: int, message_id: int, at: datetime) -> None:
    """A claimed delivery arrived, as this message of its chat."""
    db.execute(
        """UPDATE outbox SET state = 'sent', message_id = ?, sent_at = ?, error = NULL
           WHERE id = ? AND state = 'sending'""",
        (message_id, to_ms(at), delivery_id),
    )


def keep_rest(db: Database, delivery_id: int, text: str) -> None:
    """The first part of a claimed delivery arrived; what is left of its text goes next in its chat."""
    db.execute(
        # The first part is the one that answers an earlier alert.
        """UPDATE outbox SET state = 'queued', text = ?, attempts = 0, not_before = NULL, unsure = 0,
                             error = NULL, answers_alert = NULL
           WHERE id = ? AND state = 'sending'""",
        (text, delivery_id),
    )


def requeue(db: Database, delivery_id: int, not_before: datetime | None, error: str, *, unsure: bool) -> None:
    """A claimed delivery did not arrive, or nobody knows (`unsure`), and is to be tried again."""
    db.execute(
        """UPDATE outbox SET state = 'queued', not_before = ?, error = ?,
                             unsure = CASE WHEN ? = 1 THEN 1 ELSE unsure END
           WHERE id = ? AND state = 'sending'""",
        (ms_or_null(not_before), error, int(unsure), delivery_id),
    )


def leave_thread(db: Database, delivery_id: int, note: str) -> None:
    """A delivery whose topic is no more goes to the chat itself, with a note (HTML) below its text."""
    db.execute("UPDATE outbox SET thread_id = 0, text = text || ? WHERE id = ?", (f"\n\n{note}", delivery_id))


def mark_failed(db: Database, delivery_id: int, error: str) -> None:
    """A claimed delivery did not arrive and never will."""
    db.execute(
        "UPDATE outbox SET state = 'failed', error = ? WHERE id = ? AND state = 'sending'",
        (error, delivery_id),
    )


def expire(db: Database, now: datetime) -> int:
    """Give up what waited until it was not worth sending; how many."""
    return db.execute(
        "UPDATE outbox SET state = 'expired' WHERE state = 'queued' AND expires_at <= ?", (to_ms(now),)
    )


def reclaim(db: Database) -> int:
    """Queue again what a crash left half sent; how many. Nobody knows whether those arrived.

    For the start, before anything is claimed: it would take a running delivery away from its owner.
    """
    return db.execute("UPDATE outbox SET state = 'queued', unsure = 1 WHERE state = 'sending'")


def hold_chat(db: Database, chat_id: int, until: datetime) -> None:
    """Send nothing to a chat before a moment. A later moment that was set before stays."""
    db.execute(
        "UPDATE chats SET not_before = :until WHERE id = :chat AND coalesce(not_before, 0) < :until",
        {"until": to_ms(until), "chat": chat_id},
    )


def next_due(db: Database) -> datetime | None:
    """The earliest moment at which `claim` gives something, as things stand; None: not before a change."""
    [(due_ms,)] = db.rows(
        """SELECT min(CASE WHEN made >= held AND made >= asked THEN made
                           WHEN held >= asked THEN held ELSE asked END)
           FROM (SELECT head.created_at AS made, coalesce(head.not_before, 0) AS held,
                        coalesce(chats.not_before, 0) AS asked
                 FROM (SELECT coalesce(min(id) FILTER (WHERE broadcast_id IS NULL), min(id)) AS id, chat_id
                       FROM outbox
                       WHERE state IN ('queued', 'sending') GROUP BY chat_id
                       HAVING count(*) FILTER (WHERE state = 'sending') = 0) AS oldest
                      JOIN outbox AS head ON head.id = oldest.id JOIN chats ON chats.id = oldest.chat_id
                 WHERE chats.state = 'active') AS heads"""
    )
    return moment_or_none(due_ms)


def message_of_alert(db: Database, chat_id: int, alert_id: int, *, thread_id: int = 0) -> int | None:
    """The message by which a thread was told of an alert, perhaps among others; None where none is known."""
    row = db.row(
        """SELECT message_id FROM outbox JOIN told ON told.delivery_id = outbox.id
           WHERE (chat_id, thread_id, told.alert_id) = (?, ?, ?) AND message_id IS NOT NULL
           ORDER BY outbox.id DESC LIMIT 1""",
        (chat_id, thread_id, alert_id),
    )
    return row[0] if row else None


def made_since(db: Database, chat_id: int, kind: str, since: datetime) -> bool:
    """Whether something of a kind was made for a chat after a moment, whatever became of it."""
    row = db.row(
        "SELECT 1 FROM outbox WHERE chat_id = ? AND kind = ? AND created_at > ? LIMIT 1",
        (chat_id, kind, to_ms(since)),
    )
    return row is not None


def has_open(db: Database, chat_id: int) -> bool:
    """Whether something is still to be sent to a chat, or is being sent."""
    row = db.row(
        "SELECT 1 FROM outbox WHERE chat_id = ? AND state IN ('queued', 'sending') LIMIT 1", (chat_id,)
    )
    return row is not None


def sent_since(db: Database, moment: datetime) -> list[tuple[int, datetime]]:
    """What arrived since a moment, by chat, the oldest first."""
    rows = db.rows(
        "SELECT chat_id, sent_at FROM outbox WHERE state = 'sent' AND sent_at > ? ORDER BY sent_at",
        (to_ms(moment),),
    )
    return [(chat_id, from_ms(sent_ms)) for chat_id, sent_ms in rows]


def count_by_state(db: Database) -> dict[DeliveryState, int]:
    """How many deliveries there are in each state; a state without any is left out."""
    return dict(db.rows("SELECT state, count(*) FROM outbox GROUP BY state"))


def _queued_row(delivery: Delivery) -> tuple[Any, ...]:
    return (
        delivery.chat_id,
        delivery.thread_id,
        delivery.alert_id,
        delivery.kind,
        delivery.text,
        json_text([[dict(button) for button in row] for row in delivery.buttons]),
        int(delivery.silent),
        to_ms(delivery.created_at),
        ms_or_null(delivery.not_before),
        ms_or_null(delivery.expires_at),
        delivery.chart,
        delivery.answers_alert,
        delivery.broadcast_id,
    )


def delivery_of(record: Record) -> Delivery:
    """The delivery of a row."""
    return Delivery(
        id=record["id"],
        chat_id=record["chat_id"],
        thread_id=record["thread_id"],
        alert_id=record["alert_id"],
        kind=record["kind"],
        text=record["text"],
        buttons=tuple(tuple(row) for row in from_json(record["buttons"])),
        silent=bool(record["silent"]),
        state=record["state"],
        attempts=record["attempts"],
        created_at=from_ms(record["created_at"]),
        not_before=moment_or_none(record["not_before"]),
        expires_at=moment_or_none(record["expires_at"]),
        unsure=bool(record["unsure"]),
        chart=record["chart"],
        answers_alert=record["answers_alert"],
        broadcast_id=record["broadcast_id"],
    )
