"""Who wants a brief, at which time of day, and for which day the last one was made."""

from dataclasses import dataclass
from datetime import date, time

from storage.chats import ChatRow, read_chat
from storage.database import Database


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A chat's choice: the time of day in its own zone; `last_day` is the day there of the last brief."""

    chat: ChatRow
    at: time
    last_day: date | None


def choose(db: Database, chat_id: int, at: time) -> None:
    """Let a chat have its brief at a time of day; one that it had today stays had."""
    db.execute(
        """INSERT INTO briefs (chat_id, at) VALUES (?, ?)
           ON CONFLICT (chat_id) DO UPDATE SET at = excluded.at""",
        (chat_id, f"{at:%H:%M}"),
    )


def stop(db: Database, chat_id: int) -> None:
    """No more briefs for a chat."""
    db.execute("DELETE FROM briefs WHERE chat_id = ?", (chat_id,))


def read_brief(db: Database, chat_id: int) -> time | None:
    """When a chat has its brief; None where it wants none."""
    row = db.row("SELECT at FROM briefs WHERE chat_id = ?", (chat_id,))
    return time.fromisoformat(row[0]) if row else None


def read_briefs(db: Database) -> list[BriefRow]:
    """Everybody who wants one and can be written to."""
    rows = db.rows(
        """SELECT chat_id, at, last_day FROM briefs JOIN chats ON chats.id = chat_id
           WHERE state = 'active' ORDER BY chat_id"""
    )
    return [
        BriefRow(chat, time.fromisoformat(at), date.fromisoformat(last_day) if last_day else None)
        for chat_id, at, last_day in rows
        if (chat := read_chat(db, chat_id))
    ]


def note_day(db: Database, chat_id: int, day: date) -> None:
    """The brief of a day is made."""
    db.execute("UPDATE briefs SET last_day = ? WHERE chat_id = ?", (day.isoformat(), chat_id))
