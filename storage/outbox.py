"""What is to be sent, in order, and what became of it. A delivery is stored with the change that caused it.

    queued -> sending -> sent | failed | queued again
    queued -> expired

Which goes first over all chats, and what may overtake within one, stands in `storage.kinds`. Whatever the
order, a chat gets one at a time: the next one waits for the end of the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text, moment_or_none, ms_or_null
from storage.database import Database, Record
from storage.kinds import KINDS, Lane, first_rank, rank_of, turn_of
from storage.told import note_told

DeliveryState = Literal["queued", "sending", "sent", "failed", "expired"]
Buttons = Sequence[Sequence[Mapping[str, str]]]
"""Rows of buttons, each with its `text` and `data`."""

ACTIVE_AT = "CASE chats.kind WHEN 'private' THEN chats.active_at ELSE 99999999999999 END"
"""When a chat was active, in milliseconds, for the order of deliveries: always, where many read."""

_ENQUEUE = f"""
    INSERT INTO outbox (chat_id, thread_id, alert_id, kind, turn, rank, active_at, text, buttons, silent,
                        state, attempts, created_at, not_before, expires_at, unsure, chart, answers_alert,
                        broadcast_id)
    VALUES (:chat_id, :thread_id, :alert_id, :kind, :turn, :rank,
            coalesce((SELECT {ACTIVE_AT} FROM chats WHERE chats.id = :chat_id), 0), :text, :buttons, :silent,
            'queued', 0, :created_at, :not_before, :expires_at, 0, :chart, :answers_alert,
            :broadcast_id)
    RETURNING id"""  # noqa: S608  # from the constant above


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one chat. `id` is 0 until it is enqueued.

    `text` is Telegram HTML. `not_before` holds back all that follows in the chat; from `expires_at` on it is
    not worth sending, None: when the lifetime of its kind is over. `unsure`: an earlier attempt may have
    arrived. `urgency` is its place among those of its lane, 0 to 9, None: the usual one; it is not read
    back, for what waits behind a delivery hastens it.
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
    with db.transaction():
        ids = [_enqueue(db, delivery) for delivery in deliveries]
        if ids:
            hasten_ahead(db, ids[0])
    return len(ids)


def _enqueue(db: Database, delivery: Delivery) -> int:
    [(delivery_id,)] = db.rows(_ENQUEUE, _queued_row(delivery))
    if delivery.alert_id is not None:
        note_told(db, delivery_id, (delivery.alert_id, *delivery.more_alerts))
    return int(delivery_id)


def hasten_ahead(db: Database, first_id: int) -> int:
    """Let what is ahead of new deliveries in their chats go when those would; how much that was.

    The new ones are those from `first_id` on. For whoever inserts rows without `enqueue`, in the same
    transaction. An alert behind a digest would else wait for the digests of all other chats.
    """
    return db.execute(
        """UPDATE outbox SET rank = (SELECT min(behind.rank) FROM outbox AS behind
                                     WHERE behind.chat_id = outbox.chat_id
                                       AND behind.state IN ('queued', 'sending')
                                       AND (behind.turn, behind.id) >= (outbox.turn, outbox.id))
           WHERE id IN (SELECT ahead.id FROM outbox AS new
                        JOIN outbox AS ahead ON ahead.chat_id = new.chat_id
                        WHERE new.id >= ? AND new.state = 'queued' AND ahead.state IN ('queued', 'sending')
                          AND (ahead.turn, ahead.id) < (new.turn, new.id) AND ahead.rank > new.rank)""",
        (first_id,),
    )


def claim(db: Database, now: datetime, limit: int, *, before: Lane | None = None) -> list[Delivery]:
    """Take what may be sent now, in order of rank, one a chat; nobody else gets it. The overdue expires.

    A chat gives nothing while one of its deliveries is being sent, while it is paused or blocked, or while it
    or its next delivery has to wait. With `before` only lanes that go before that one are looked at.
    """
    below = first_rank(max(Lane) + 1 if before is None else before)
    with db.transaction():
        expire(db, now)
        db.keep_to_indexes()
        records = db.records(_CLAIM, {"now": to_ms(now), "limit": limit, "below": below})
    # A statement returns what it wrote in no order that can be relied upon.
    records.sort(key=lambda record: (record["rank"], -record["active_at"], record["id"]))
    return [delivery_of(record) for record in records]


_IS_FIRST = """NOT EXISTS (SELECT 1 FROM outbox AS ahead
    WHERE ahead.chat_id = due.chat_id AND ahead.state IN ('queued', 'sending')
      AND (ahead.state = 'sending' OR (ahead.turn, ahead.id) < (due.turn, due.id)))"""

# A walk along `outbox_next` that ends at the limit. On its way it steps over deliveries that have to wait:
# at most those of the chats that were just written to or are held, however many others are queued.
# The `coalesce` keeps planners from finding the few that it takes by going through all that are queued.
_CLAIM = f"""
    WITH next AS MATERIALIZED (
        SELECT due.id FROM outbox AS due JOIN chats ON chats.id = due.chat_id
        WHERE due.state = 'queued' AND due.rank < :below AND chats.state = 'active'
          AND coalesce(due.not_before, 0) <= :now AND coalesce(chats.not_before, 0) <= :now
          AND {_IS_FIRST}
        ORDER BY due.rank, due.active_at DESC, due.id LIMIT :limit)
    UPDATE outbox SET state = 'sending', attempts = attempts + 1
    WHERE coalesce(state, '') = 'queued' AND id IN (SELECT id FROM next)
    RETURNING *"""  # noqa: S608  # from the constant above


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
        """UPDATE outbox SET state = 'queued', text = ?, attempts = 0, not_before = NULL, unsure = 0,
                             error = NULL, answers_alert = NULL, turn = -1
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
        "UPDATE chats SET not_before = :until WHERE id = :id AND coalesce(not_before, 0) < :until",
        {"until": to_ms(until), "id": chat_id},
    )


def next_due(db: Database) -> datetime | None:
    """The earliest moment at which `claim` gives something, as things stand; None: not before a change.

    Looks at everything that is queued: for when `claim` gave nothing, and little is.
    """
    [(due_ms,)] = db.rows(
        f"""SELECT min(CASE WHEN chat_at > made_at AND chat_at > own_at THEN chat_at
                           WHEN own_at > made_at THEN own_at ELSE made_at END)
           FROM (SELECT due.created_at AS made_at, coalesce(due.not_before, 0) AS own_at,
                        coalesce(chats.not_before, 0) AS chat_at
                 FROM outbox AS due JOIN chats ON chats.id = due.chat_id
                 WHERE due.state = 'queued' AND chats.state = 'active'
                   AND {_IS_FIRST}) AS heads"""  # noqa: S608  # from the constant
    )
    return moment_or_none(due_ms)


def made_since(db: Database, chat_id: int, kind: str, since: datetime) -> bool:
    """Whether something of a kind was made for a chat after a moment, whatever became of it."""
    row = db.row(
        "SELECT 1 FROM outbox WHERE chat_id = ? AND kind = ? AND created_at > ? LIMIT 1",
        (chat_id, kind, to_ms(since)),
    )
    return row is not None


def has_open(db: Database, chat_id: int) -> bool:
    """Whether something that goes before edits is still to be sent to a chat, or anything is being sent."""
    row = db.row(
        """SELECT 1 FROM outbox WHERE chat_id = ? AND state IN ('queued', 'sending')
           AND (rank < ? OR state = 'sending') LIMIT 1""",
        (chat_id, first_rank(Lane.EDIT)),
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


def _queued_row(delivery: Delivery) -> dict[str, Any]:
    lifetime = KINDS[delivery.kind].lifetime
    return {
        "chat_id": delivery.chat_id,
        "thread_id": delivery.thread_id,
        "alert_id": delivery.alert_id,
        "kind": delivery.kind,
        "turn": turn_of(delivery.kind),
        "rank": rank_of(delivery.kind, delivery.urgency),
        "text": delivery.text,
        "buttons": json_text([[dict(button) for button in row] for row in delivery.buttons]),
        "silent": int(delivery.silent),
        "created_at": to_ms(delivery.created_at),
        "not_before": ms_or_null(delivery.not_before),
        "expires_at": to_ms(delivery.expires_at or delivery.created_at + lifetime),
        "chart": delivery.chart,
        "answers_alert": delivery.answers_alert,
        "broadcast_id": delivery.broadcast_id,
    }


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
