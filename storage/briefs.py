"""Who wants a brief, at which time of day, and for which day the last one was made."""

from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from storage.chats import ChatRow, chat_of
from storage.database import Database


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A chat's choice: the time of day in its own zone, and the thread it goes to.

    `last_day` is the day there of the last brief.
    """

    chat: ChatRow
    at: time
    last_day: date | None
    thread_id: int = 0
    silent: bool = False


def choose(db: Database, chat_id: int, at: time, *, thread_id: int = 0, silent: bool = False) -> None:
    """Let a chat have its brief at a time of day, in a thread; one that it had today stays had."""
    db.execute(
        """INSERT INTO briefs (chat_id, at, thread_id, silent) VALUES (?, ?, ?, ?)
           ON CONFLICT (chat_id) DO UPDATE
           SET (at, thread_id, silent) = (excluded.at, excluded.thread_id, excluded.silent)""",
        (chat_id, f"{at:%H:%M}", thread_id, int(silent)),
    )


def stop(db: Database, chat_id: int) -> None:
    """No more briefs for a chat."""
    db.execute("DELETE FROM briefs WHERE chat_id = ?", (chat_id,))


class Choice(NamedTuple):
    """When a chat has its brief, and whether without a sound."""

    at: time
    silent: bool


def read_brief(db: Database, chat_id: int) -> Choice | None:
    """How a chat has its brief; None where it wants none."""
    row = db.row("SELECT at, silent FROM briefs WHERE chat_id = ?", (chat_id,))
    return Choice(time.fromisoformat(row[0]), bool(row[1])) if row else None


def read_briefs(db: Database) -> list[BriefRow]:
    """Everybody who wants one and can be written to, by one statement however many they are."""
    records = db.records(
        """SELECT chats.*, briefs.at AS brief_at, briefs.last_day AS brief_day,
                  briefs.thread_id AS brief_thread, briefs.silent AS brief_silent
           FROM briefs JOIN chats ON chats.id = briefs.chat_id
           WHERE chats.state = 'active' ORDER BY chats.id"""
    )
    return [
        BriefRow(
            chat_of(each),
            time.fromisoformat(each["brief_at"]),
            date.fromisoformat(each["brief_day"]) if each["brief_day"] else None,
            each["brief_thread"],
            bool(each["brief_silent"]),
        )
        for each in records
    ]


def note_day(db: Database, chat_id: int, day: date) -> None:
    """The brief of a day is made."""
    db.execute("UPDATE briefs SET last_day = ? WHERE chat_id = ?", (day.isoformat(), chat_id))
