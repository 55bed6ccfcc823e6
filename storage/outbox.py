"""What is to be sent, in order, and what became of it. A delivery is stored with the change that caused it.

    queued -> sending -> sent | failed | queued again
    queued -> expired

Which goes first over all chats, and what may overtake within one, stands in `storage.kinds`. Whatever the
order, a chat gets one at a time: the next one waits for the end of the one before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from signals.moments import from_ms, to_ms
from storage.columns import from_json, moment_or_none, ms_or_null
from storage.database import Database, Record
from storage.kinds import KINDS, Lane, first_rank, rank_of, turn_of
from storage.letters import Buttons, Letter, end_overdue, note_deliveries, write_letters

DeliveryState = Literal["queued", "sending", "sent", "failed", "expired"]
ACTIVE_AT = "CASE chats.kind WHEN 'private' THEN chats.active_at ELSE 99999999999999 END"
"""When a chat was active, in milliseconds, for the order of deliveries: always, where many read."""

_ENQUEUE = f"""
    INSERT INTO outbox (chat_id, thread_id, letter_id, turn, rank, active_at, silent, state, attempts,
                        not_before, unsure, answers_alert)
    VALUES (:chat_id, :thread_id, :letter_id, :turn, :rank,
            (SELECT {ACTIVE_AT} FROM chats WHERE chats.id = :chat_id), :silent, 'queued', 0,
            :not_before, 0, :answers_alert)"""  # noqa: S608  # from the constant above


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one chat. `id` is 0 until it is enqueued.

    `text` is Telegram HTML. `not_before` holds back all that follows in the chat; from `expires_at` on it is
    not worth sending, None: when the lifetime of its kind is over. `unsure`: an earlier attempt may have
    arrived. `urgency` is its place among those of its lane, 0 to 9, None: the usual one; it is not read back.
    """

    id: int = 0
    chat_id: int
    thread_id: int = 0
    alert_id: int | None = None
    """The alert that it tells of; of several the most urgent one, and the others in `more_alerts`."""
    more_alerts: tuple[int, ...] = ()
    kind: str
    """One of `storage.kinds`."""
    urgency: int | None = None
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
    """The broadcast that it belongs to."""


def enqueue(db: Database, deliveries: Iterable[Delivery]) -> int:
    """Queue deliveries in this order, all or none; how many. Every chat must be known."""
    deliveries = list(deliveries)
    with db.transaction():
        letter_ids = write_letters(db, map(_letter, deliveries))
        for delivery, letter_id in zip(deliveries, letter_ids, strict=True):
            db.execute(_ENQUEUE, _queued_row(delivery, letter_id))
        note_deliveries(db, letter_ids)
    return len(deliveries)


def claim(db: Database, now: datetime, limit: int, *, before: Lane | None = None) -> list[Delivery]:
    """Take what may be sent now, one a chat; nobody else gets it. The overdue expires.

    The chat with the most urgent delivery goes first, with the one whose turn it is there: what is ahead of
    an alert in its chat leaves when that would. A chat gives nothing while one of its deliveries is being
    sent, while it is paused or blocked, or while it or its next delivery has to wait. With `before` only
    chats with something in the lanes before that one are looked at.
    """
    below = first_rank(max(Lane) + 1 if before is None else before)
    with db.transaction():
        db.keep_to_indexes()
        expire(db, now)
        ids = [
            delivery_id
            for (delivery_id,) in db.rows(_NEXT, {"now": to_ms(now), "limit": limit, "below": below})
        ]
        return _taken(db, ids) if ids else []


def _taken(db: Database, ids: Sequence[int]) -> list[Delivery]:
    marks = ", ".join("?" * len(ids))
    db.execute(f"UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id IN ({marks})", ids)  # noqa: S608  # marks
    records = db.records(f"SELECT * FROM deliveries WHERE id IN ({marks})", ids)  # noqa: S608  # marks
    return sorted(map(delivery_of, records), key=lambda delivery: ids.index(delivery.id))


_OF_ITS_CHAT = """outbox AS of_chat INDEXED BY outbox_open
                  WHERE of_chat.chat_id = due.chat_id AND of_chat.state IN ('queued', 'sending')"""
_WHOSE_TURN_IT_IS = f"{_OF_ITS_CHAT} ORDER BY of_chat.turn, of_chat.id LIMIT 1"

# A walk along `outbox_next` that ends at the limit. On its way it steps over the deliveries of chats that
# were just written to or are held, and over less urgent ones of those that it has met, however many wait.
_NEXT = f"""
    SELECT (SELECT of_chat.id FROM {_WHOSE_TURN_IT_IS})
    FROM outbox AS due JOIN chats ON chats.id = due.chat_id
    WHERE due.state = 'queued' AND due.rank < :below AND chats.state = 'active'
      AND coalesce(chats.not_before, 0) <= :now
      AND coalesce((SELECT of_chat.not_before FROM {_WHOSE_TURN_IT_IS}), 0) <= :now
      AND NOT EXISTS (SELECT 1 FROM {_OF_ITS_CHAT}
                        AND (of_chat.state = 'sending'
                             OR (of_chat.rank, -of_chat.active_at, of_chat.id)
                                < (due.rank, -due.active_at, due.id)))
    ORDER BY due.rank, due.active_at DESC, due.id LIMIT :limit"""  # noqa: S608  # from the constants above


# Of a letter that is over nothing is queued, for nobody would look at it again.
_QUEUED_AGAIN = """CASE WHEN (SELECT is_over FROM letters WHERE letters.id = letter_id) = 1
                         THEN 'expired' ELSE 'queued' END"""


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
        # The first part is the one that answers an earlier alert. Not even a reply comes between the parts.
        f"""UPDATE outbox SET state = {_QUEUED_AGAIN}, own_text = ?, attempts = 0, not_before = NULL,
                              unsure = 0, error = NULL, answers_alert = NULL, turn = -1
            WHERE id = ? AND state = 'sending'""",  # noqa: S608  # from the constant
        (text, delivery_id),
    )


def requeue(db: Database, delivery_id: int, not_before: datetime | None, error: str, *, unsure: bool) -> None:
    """A claimed delivery did not arrive, or nobody knows (`unsure`), and is to be tried again."""
    db.execute(
        f"""UPDATE outbox SET state = {_QUEUED_AGAIN}, not_before = ?, error = ?,
                              unsure = CASE WHEN ? = 1 THEN 1 ELSE unsure END
            WHERE id = ? AND state = 'sending'""",  # noqa: S608  # from the constant
        (ms_or_null(not_before), error, int(unsure), delivery_id),
    )


def leave_thread(db: Database, delivery_id: int, note: str) -> None:
    """A delivery whose topic is no more goes to the chat itself, with a note (HTML) below its text."""
    db.execute(
        """UPDATE outbox SET thread_id = 0,
               own_text = coalesce(own_text, (SELECT text FROM letters WHERE letters.id = letter_id)) || ?
           WHERE id = ?""",
        (f"\n\n{note}", delivery_id),
    )


def mark_failed(db: Database, delivery_id: int, error: str) -> None:
    """A claimed delivery did not arrive and never will."""
    db.execute(
        "UPDATE outbox SET state = 'failed', error = ? WHERE id = ? AND state = 'sending'",
        (error, delivery_id),
    )


def expire(db: Database, now: datetime) -> int:
    """Give up what waited until it was not worth sending; how many."""
    return end_overdue(db, now)


def reclaim(db: Database) -> int:
    """Queue again what a crash left half sent; how many. Nobody knows whether those arrived.

    For the start, before anything is claimed: it would take a running delivery away from its owner.
    """
    return db.execute(f"UPDATE outbox SET state = {_QUEUED_AGAIN}, unsure = 1 WHERE state = 'sending'")  # noqa: S608  # the constant


def hold_chat(db: Database, chat_id: int, until: datetime) -> None:
    """Send nothing to a chat before a moment. A later moment that was set before stays."""
    db.execute(
        "UPDATE chats SET not_before = :until WHERE id = :id AND coalesce(not_before, 0) < :until",
        {"until": to_ms(until), "id": chat_id},
    )


def next_due(db: Database) -> datetime | None:
    """The earliest moment at which `claim` gives something, as things stand; None: not before a change.

    Looks at everything that is queued: for when `claim` gave nothing, and little is.
    """
    [(due_ms,)] = db.rows(
        """SELECT min(CASE WHEN chat_at > made_at AND chat_at > own_at THEN chat_at
                           WHEN own_at > made_at THEN own_at ELSE made_at END)
           FROM (SELECT letters.created_at AS made_at, coalesce(due.not_before, 0) AS own_at,
                        coalesce(chats.not_before, 0) AS chat_at
                 FROM outbox AS due JOIN chats ON chats.id = due.chat_id
                      JOIN letters ON letters.id = due.letter_id
                 WHERE due.state = 'queued' AND chats.state = 'active'
                   AND NOT EXISTS (SELECT 1 FROM outbox AS ahead INDEXED BY outbox_open
                       WHERE ahead.chat_id = due.chat_id AND ahead.state IN ('queued', 'sending')
                         AND (ahead.state = 'sending' OR (ahead.turn, ahead.id) < (due.turn, due.id)))
                ) AS heads"""
    )
    return moment_or_none(due_ms)


def count_by_state(db: Database) -> dict[DeliveryState, int]:
    """How many deliveries there are in each state; a state without any is left out. Reads indexes alone."""
    [(open_, queued, sent)] = db.rows(
        """SELECT (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')),
                  (SELECT count(*) FROM outbox WHERE state = 'queued'),
                  (SELECT count(sent_at) FROM outbox WHERE sent_at IS NOT NULL)"""
    )
    given_up = db.rows(
        """SELECT state, count(*) FROM outbox WHERE state IN ('failed', 'expired')
           GROUP BY state ORDER BY state"""
    )
    counts: dict[DeliveryState, int] = {
        "queued": queued,
        "sending": open_ - queued,
        "sent": sent,
        **dict(given_up),
    }
    return {state: count for state, count in counts.items() if count}


def _letter(delivery: Delivery) -> Letter:
    lifetime = KINDS[delivery.kind].lifetime
    return Letter(
        kind=delivery.kind,
        text=delivery.text,
        buttons=delivery.buttons,
        chart=delivery.chart,
        alert_ids=() if delivery.alert_id is None else (delivery.alert_id, *delivery.more_alerts),
        broadcast_id=delivery.broadcast_id,
        created_at=delivery.created_at,
        expires_at=delivery.expires_at or delivery.created_at + lifetime,
    )


def _queued_row(delivery: Delivery, letter_id: int) -> dict[str, Any]:
    return {
        "chat_id": delivery.chat_id,
        "thread_id": delivery.thread_id,
        "letter_id": letter_id,
        "turn": turn_of(delivery.kind),
        "rank": rank_of(delivery.kind, delivery.urgency),
        "silent": int(delivery.silent),
        "not_before": ms_or_null(delivery.not_before),
        "answers_alert": delivery.answers_alert,
    }


def delivery_of(record: Record) -> Delivery:
    """The delivery of a row of `deliveries`."""
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
