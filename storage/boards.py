"""Boards: the one message of a chat, or of a thread of it, that is kept current.

    wanted -> sent -> pinned -> edited ... -> found deleted -> sent anew -> ...
    moved to another topic -> unpinned -> wanted there
    ended -> unpinned -> forgotten

A row is what Telegram shows as far as we know, written after each call: a restart goes on from it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signals.moments import to_ms
from storage.chats import ChatRow, chat_of
from storage.columns import moment_or_none
from storage.database import Database, Record

BoardState = Literal["kept", "ending"]
Pin = Literal["wanted", "done", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One board. `text_hash`: of what it shows, None: not known. `losses`: so often it was found deleted."""

    chat_id: int
    thread_id: int = 0
    state: BoardState = "kept"
    message_id: int | None = None
    pin: Pin = "wanted"
    sent_in: int | None = None
    text_hash: str | None = None
    sent_at: datetime | None = None
    edited_at: datetime | None = None
    not_before: datetime | None = None
    losses: int = 0


def want(db: Database, chat_id: int, thread_id: int) -> bool:
    """Let there be a pinned board in a thread of a chat; whether there was none.

    One that is there is looked at again, and pinned again: it may have been deleted or unpinned.
    """
    is_new = read_board(db, chat_id, thread_id) is None
    db.execute(
        """INSERT INTO boards (chat_id, thread_id, state, pin) VALUES (?, ?, 'kept', 'wanted')
           ON CONFLICT (chat_id, thread_id) DO UPDATE SET state = 'kept', pin = 'wanted', text_hash = NULL,
               edited_at = NULL, not_before = NULL, losses = 0""",
        (chat_id, thread_id),
    )
    return is_new


def end(db: Database, chat_id: int, thread_id: int) -> bool:
    """Let a board end: it is unpinned, then forgotten. Whether there was one."""
    ended = db.execute(
        "UPDATE boards SET state = 'ending', not_before = NULL WHERE (chat_id, thread_id) = (?, ?)",
        (chat_id, thread_id),
    )
    return bool(ended)


def forget(db: Database, chat_id: int, thread_id: int) -> None:
    """There is no board in this place any more."""
    db.execute("DELETE FROM boards WHERE (chat_id, thread_id) = (?, ?)", (chat_id, thread_id))


def leave(db: Database, chat_id: int, thread_id: int) -> None:
    """The message is left behind: the end of a board that ends, else it is to be sent as another message."""
    with db.transaction():
        db.execute(
            "DELETE FROM boards WHERE (chat_id, thread_id) = (?, ?) AND state = 'ending'",
            (chat_id, thread_id),
        )
        db.execute(
            """UPDATE boards SET message_id = NULL, text_hash = NULL, sent_at = NULL, edited_at = NULL
               WHERE (chat_id, thread_id) = (?, ?)""",
            (chat_id, thread_id),
        )


def note_sent(
    db: Database, chat_id: int, thread_id: int, *, message_id: int, text_hash: str, at: datetime
) -> None:
    """The board arrived, for the first time or anew, as this message."""
    db.execute(
        """UPDATE boards SET message_id = ?, sent_in = thread_id, text_hash = ?, sent_at = ?, edited_at = ?,
                             pin = 'wanted', not_before = NULL, error = NULL
           WHERE (chat_id, thread_id) = (?, ?)""",
        (message_id, text_hash, to_ms(at), to_ms(at), chat_id, thread_id),
    )


def note_edited(db: Database, chat_id: int, thread_id: int, *, text_hash: str, at: datetime) -> None:
    """The board shows this now."""
    db.execute(
        """UPDATE boards SET text_hash = ?, edited_at = ?, not_before = NULL, error = NULL
           WHERE (chat_id, thread_id) = (?, ?)""",
        (text_hash, to_ms(at), chat_id, thread_id),
    )


def note_pin(db: Database, chat_id: int, thread_id: int, pin: Pin) -> None:
    """The board was pinned, or could not be."""
    db.execute(
        "UPDATE boards SET pin = ?, not_before = NULL WHERE (chat_id, thread_id) = (?, ?)",
        (pin, chat_id, thread_id),
    )


def note_lost(db: Database, chat_id: int, thread_id: int) -> None:
    """The board's message is not there any more: somebody deleted it."""
    db.execute(
        """UPDATE boards SET message_id = NULL, text_hash = NULL, edited_at = NULL, pin = 'wanted',
                             losses = losses + 1
           WHERE (chat_id, thread_id) = (?, ?)""",
        (chat_id, thread_id),
    )


def hold(db: Database, chat_id: int, thread_id: int, until: datetime, error: str) -> None:
    """Try nothing with a board before a moment; `error` is one line for whoever asks why."""
    db.execute(
        "UPDATE boards SET not_before = ?, error = ? WHERE (chat_id, thread_id) = (?, ?)",
        (to_ms(until), error, chat_id, thread_id),
    )


def read_board(db: Database, chat_id: int, thread_id: int) -> BoardRow | None:
    """The board of a place, or None where there is none."""
    record = db.record("SELECT * FROM boards WHERE (chat_id, thread_id) = (?, ?)", (chat_id, thread_id))
    return _board(record) if record else None


def read_boards(db: Database) -> list[tuple[BoardRow, ChatRow]]:
    """All boards in chats that can be written to, those first that were not touched for longest."""
    chats = {
        record["id"]: chat_of(record)
        for record in db.records(
            "SELECT * FROM chats WHERE state = 'active' AND id IN (SELECT chat_id FROM boards)"
        )
    }
    records = db.records("SELECT * FROM boards ORDER BY coalesce(edited_at, 0), chat_id, thread_id")
    return [(_board(record), chats[record["chat_id"]]) for record in records if record["chat_id"] in chats]


def _board(record: Record) -> BoardRow:
    return BoardRow(
        chat_id=record["chat_id"],
        thread_id=record["thread_id"],
        state=record["state"],
        message_id=record["message_id"],
        sent_in=record["sent_in"],
        pin=record["pin"],
        text_hash=record["text_hash"],
        sent_at=moment_or_none(record["sent_at"]),
        edited_at=moment_or_none(record["edited_at"]),
        not_before=moment_or_none(record["not_before"]),
        losses=record["losses"],
    )
