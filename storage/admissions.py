"""Groups and channels in which the operators decide whether the bot may be there, and what they decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from signals.moments import from_ms, to_ms
from storage.columns import moment_or_none
from storage.database import Database, Record

AdmissionState = Literal["asked", "admitted", "refused"]


@dataclass(frozen=True, slots=True)
class Admission:
    """One chat's. `asked_by` and `decided_by` are the names of people; empty: nobody is known."""

    chat_id: int
    state: AdmissionState
    asked_at: datetime
    asked_by: str
    told_at: datetime | None = None
    decided_by: str = ""


class Person(NamedTuple):
    """Who did it: their Telegram id and the name that they showed."""

    id: int
    name: str


def ask(db: Database, chat_id: int, asked_by: Person | None, now: datetime) -> bool:
    """Note that a chat waits for the operators; False where it was noted before. The chat must be known."""
    return bool(
        db.execute(
            """INSERT INTO admissions (chat_id, state, asked_at, asked_by, asked_by_name)
               VALUES (?, 'asked', ?, ?, ?) ON CONFLICT DO NOTHING""",
            (chat_id, to_ms(now), asked_by and asked_by.id, asked_by.name if asked_by else ""),
        )
    )


def read_admission(db: Database, chat_id: int) -> Admission | None:
    """What is noted about a chat; None for one that was there before anybody had to be asked."""
    record = db.record("SELECT * FROM admissions WHERE chat_id = ?", (chat_id,))
    return _admission(record) if record else None


def waiting(db: Database) -> list[Admission]:
    """The chats that wait, in the order of asking."""
    records = db.records("SELECT * FROM admissions WHERE state = 'asked' ORDER BY asked_at, chat_id")
    return [_admission(record) for record in records]


def decide(db: Database, chat_id: int, state: AdmissionState, by: Person, now: datetime) -> bool:
    """An operator decides; False where it stands so already, or there is nothing to decide.

    Of two who press at once the first decides. A refusal can be taken back, an admission cannot: in a chat
    that was admitted the bot is removed like any other member.
    """
    return bool(
        db.execute(
            """UPDATE admissions
               SET state = :state, decided_at = :now, decided_by = :by, decided_by_name = :name
               WHERE chat_id = :chat AND (state = 'asked' OR (state = 'refused' AND :state = 'admitted'))""",
            {"state": state, "now": to_ms(now), "by": by.id, "name": by.name, "chat": chat_id},
        )
    )


def claim_telling(db: Database, chat_id: int, now: datetime, not_since: datetime) -> bool:
    """Whether the chat may be told now that it has to wait: not if it was told after `not_since`."""
    return bool(
        db.execute(
            """UPDATE admissions SET told_at = ?
               WHERE chat_id = ? AND state = 'asked' AND (told_at IS NULL OR told_at <= ?)""",
            (to_ms(now), chat_id, to_ms(not_since)),
        )
    )


def _admission(record: Record) -> Admission:
    return Admission(
        chat_id=record["chat_id"],
        state=record["state"],
        asked_at=from_ms(record["asked_at"]),
        asked_by=record["asked_by_name"],
        told_at=moment_or_none(record["told_at"]),
        decided_by=record["decided_by_name"] or "",
    )
