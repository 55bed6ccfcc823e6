"""What an operator says to many chats at once: a draft, then deliveries, queued once and together.

    draft -> dropped
    draft -> sent -> cancelled

`sent` means that its deliveries are queued; what became of them stands in the outbox.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text, moment_or_none
from storage.database import Database, Record
from storage.letters import deliveries_of
from storage.outbox import DeliveryState

BroadcastState = Literal["draft", "dropped", "sent", "cancelled"]

_LETTER = "broadcast_id = :id"

DRAFT_LIFETIME = timedelta(days=1)
"""A button that is pressed by mistake much later must not send what was meant for another day."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One message to many chats: `text` is Telegram HTML, `language` None means all of them."""

    id: int
    text: str
    kinds: frozenset[str]
    language: str | None
    silent: bool
    state: BroadcastState
    created_at: datetime
    sent_at: datetime | None


def draft(db: Database, made_by: int, text: str, kinds: Iterable[str], now: datetime) -> int:
    """Keep a text that is not sent yet; its id."""
    [(broadcast_id,)] = db.rows(
        """INSERT INTO broadcasts (made_by, text, kinds, silent, state, created_at)
           VALUES (?, ?, ?, 0, 'draft', ?) RETURNING id""",
        (made_by, text, json_text(sorted(kinds)), to_ms(now)),
    )
    return int(broadcast_id)


def read_broadcast(db: Database, broadcast_id: int) -> Broadcast | None:
    """A broadcast by its id, or None."""
    record = db.record("SELECT * FROM broadcasts WHERE id = ?", (broadcast_id,))
    return _broadcast(record) if record else None


def last_broadcasts(db: Database, limit: int) -> list[Broadcast]:
    """The newest first, without drafts."""
    records = db.records(
        "SELECT * FROM broadcasts WHERE state IN ('sent', 'cancelled') ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [_broadcast(record) for record in records]


def choose(
    db: Database, broadcast_id: int, *, kinds: Iterable[str], language: str | None, silent: bool
) -> None:
    """Choose to whom a draft goes and whether it sounds; of what is sent nothing changes."""
    db.execute(
        """UPDATE broadcasts SET kinds = ?, language = ?, silent = ? WHERE id = ? AND state = 'draft'""",
        (json_text(sorted(kinds)), language, int(silent), broadcast_id),
    )


def drop(db: Database, broadcast_id: int) -> bool:
    """Give up a draft; False where it is none any more."""
    return _moved(db, broadcast_id, "draft", "dropped")


def send(db: Database, broadcast_id: int, now: datetime, queue: Callable[[], int]) -> int | None:
    """Let a draft's deliveries be queued, all or none; how many, None where it is no fresh draft any more.

    However often the button is pressed: only the first press finds the draft.
    """
    with db.transaction():
        claimed = db.execute(
            """UPDATE broadcasts SET state = 'sent', sent_at = :now
               WHERE id = :id AND state = 'draft' AND created_at > :oldest""",
            {"id": broadcast_id, "now": to_ms(now), "oldest": to_ms(now - DRAFT_LIFETIME)},
        )
        return queue() if claimed else None


def cancel(db: Database, broadcast_id: int) -> int | None:
    """Take back what is still queued; how much that was, None where it is not under way."""
    with db.transaction():
        if not _moved(db, broadcast_id, "sent", "cancelled"):
            return None
        values = {"id": broadcast_id}
        deliveries = deliveries_of(db, _LETTER, values)
        return db.execute(
            f"""UPDATE outbox SET state = 'expired', error = 'cancelled by the operator'
                WHERE state = 'queued' AND id IN (SELECT outbox.id FROM {deliveries})""",  # noqa: S608  # from above
            values,
        )


def progress(db: Database, broadcast_id: int) -> dict[DeliveryState, int]:
    """How many of its deliveries are in each state, as far as the outbox still knows them."""
    values = {"id": broadcast_id}
    deliveries = deliveries_of(db, _LETTER, values)
    return dict(db.rows(f"SELECT state, count(*) FROM {deliveries} GROUP BY state", values))  # noqa: S608  # from above


def _moved(db: Database, broadcast_id: int, old: BroadcastState, new: BroadcastState) -> bool:
    return bool(
        db.execute("UPDATE broadcasts SET state = ? WHERE id = ? AND state = ?", (new, broadcast_id, old))
    )


def _broadcast(record: Record) -> Broadcast:
    return Broadcast(
        id=record["id"],
        text=record["text"],
        kinds=frozenset(from_json(record["kinds"])),
        language=record["language"],
        silent=bool(record["silent"]),
        state=record["state"],
        created_at=from_ms(record["created_at"]),
        sent_at=moment_or_none(record["sent_at"]),
    )
