"""Alerts that are held back from a chat for a while, why, and what became of each."""

from dataclasses import dataclass
from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database, Record

Place = tuple[int, int]
"""A thread of a chat: the chat's id and the thread's, 0 for the chat itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """An alert that a thread of a chat is not told of before `until`, or, with an `outcome`, never was."""

    chat_id: int
    thread_id: int
    alert_id: int
    reason: str
    held_at: datetime
    until: datetime
    outcome: str | None = None


def postpone(db: Database, row: HeldRow, reason: str, until: datetime) -> None:
    """Hold an alert on, for another reason."""
    db.execute(
        """UPDATE held SET reason = ?, until = ?
           WHERE (chat_id, thread_id, alert_id) = (?, ?, ?) AND outcome IS NULL""",
        (reason, to_ms(until), row.chat_id, row.thread_id, row.alert_id),
    )


def settle(db: Database, row: HeldRow, outcome: str) -> None:
    """An alert is not held any more: it was told, or is not worth telling now."""
    db.execute(
        """UPDATE held SET outcome = ?
           WHERE (chat_id, thread_id, alert_id) = (?, ?, ?) AND outcome IS NULL""",
        (outcome, row.chat_id, row.thread_id, row.alert_id),
    )


def hurry(db: Database, chat_id: int, now: datetime) -> None:
    """Let what a chat itself holds back be decided anew: it changed its mute, its hours or its cap."""
    db.execute(
        """UPDATE held SET until = :now
           WHERE chat_id = :chat AND outcome IS NULL AND reason <> 'cooldown' AND until > :now""",
        {"now": to_ms(now), "chat": chat_id},
    )


def due_places(db: Database, now: datetime, chat_id: int | None, limit: int) -> list[Place]:
    """Where something is to be decided anew, in one chat or all that can be written to, longest due first."""
    return [
        (chat, thread)
        for chat, thread in db.rows(
            """SELECT chat_id, thread_id FROM held JOIN chats ON chats.id = chat_id
               WHERE outcome IS NULL AND until <= :now AND state = 'active'
                 AND (:chat IS NULL OR chat_id = :chat)
               GROUP BY chat_id, thread_id ORDER BY min(until), chat_id, thread_id LIMIT :limit""",
            {"now": to_ms(now), "chat": chat_id, "limit": limit},
        )
    ]


def read_open(db: Database, place: Place) -> list[HeldRow]:
    """Everything that is held back from a thread of a chat at present, oldest alert first."""
    return [
        _held(record)
        for record in db.records(
            """SELECT * FROM held WHERE (chat_id, thread_id) = (?, ?) AND outcome IS NULL
               ORDER BY alert_id""",
            place,
        )
    ]


def held_subjects(db: Database, place: Place) -> dict[str, tuple[str, datetime]]:
    """Of which subjects something is held back from a thread: why, and until when at the latest."""
    rows = db.rows(
        """SELECT changes.subject, held.reason, held.until
           FROM held JOIN changes ON changes.alert_id = held.alert_id
           WHERE held.chat_id = ? AND held.thread_id = ? AND held.outcome IS NULL
           ORDER BY held.until, held.reason""",
        place,
    )
    return {subject: (reason, from_ms(until)) for subject, reason, until in rows}


def count_held(db: Database, chat_id: int) -> int:
    """How many alerts are held back from a chat at present."""
    [(count,)] = db.rows("SELECT count(*) FROM held WHERE chat_id = ? AND outcome IS NULL", (chat_id,))
    return int(count)


def _held(record: Record) -> HeldRow:
    return HeldRow(
        chat_id=record["chat_id"],
        thread_id=record["thread_id"],
        alert_id=record["alert_id"],
        reason=record["reason"],
        held_at=from_ms(record["held_at"]),
        until=from_ms(record["until"]),
        outcome=record["outcome"],
    )
