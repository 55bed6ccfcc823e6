"""Who wants a brief, at which time of day, and for which day the last one was made."""

from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from storage.chats import ChatRow, chat_of
from storage.database import Database, Row


class Wish(NamedTuple):
    """A time of day in a zone, and the day there of the last brief: what says when the next one is due."""

    timezone: str
    at: time
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A chat's choice, and the thread it goes to."""

    chat: ChatRow
    wish: Wish
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


def read_wishes(db: Database) -> list[tuple[Wish, list[int]]]:
    """Everybody who wants one and can be written to, those with the same wish together.

    By one statement, and only what says whether it is due: they may be a hundred thousand, and it is asked
    each minute.
    """
    rows = db.rows(
        """SELECT chats.id, timezone, at, last_day FROM briefs JOIN chats ON chats.id = chat_id
           WHERE state = 'active' ORDER BY chats.id"""
    )
    alike: dict[Row, list[int]] = {}
    for chat_id, *wish in rows:
        alike.setdefault(tuple(wish), []).append(chat_id)
    return [(_wish(*columns), ids) for columns, ids in alike.items()]


def brief_of(db: Database, chat_id: int) -> BriefRow | None:
    """What a chat chose; None where it wants none, or cannot be written to."""
    record = db.record(
        """SELECT chats.*, briefs.at AS brief_at, briefs.last_day AS brief_day,
                  briefs.thread_id AS brief_thread, briefs.silent AS brief_silent
           FROM briefs JOIN chats ON chats.id = briefs.chat_id
           WHERE chats.id = ? AND chats.state = 'active'""",
        (chat_id,),
    )
    if record is None:
        return None
    return BriefRow(
        chat_of(record),
        _wish(record["timezone"], record["brief_at"], record["brief_day"]),
        record["brief_thread"],
        bool(record["brief_silent"]),
    )


def note_day(db: Database, chat_id: int, day: date) -> None:
    """The brief of a day is made."""
    db.execute("UPDATE briefs SET last_day = ? WHERE chat_id = ?", (day.isoformat(), chat_id))


def _wish(timezone: str, at: str, last_day: str | None) -> Wish:
    day = None if last_day is None else date.fromisoformat(last_day)
    return Wish(timezone, time.fromisoformat(at), day)
