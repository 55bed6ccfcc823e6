"""What belongs to a chat moves with it: to a supergroup's new id, or from one topic of a forum to another.

Both go by the schema: a table with a `chat_id` moves with the chat, one with a `thread_id` too by topics.
"""

from storage.chats import read_chat, unblock
from storage.database import Database
from storage.tables import columns_of, key_of, optional_columns_of, tables_with

_OF_THE_SUPERGROUP = {"id", "kind", "title", "not_before"}
"""What a supergroup has of its own; all other columns are the group's choices."""

_OF_THE_GROUP = {"admissions"}
"""What a supergroup that spoke first may have got as a newcomer, which it is not."""

_ONLY_OPEN = {"outbox": "state = 'queued'"}
"""What was sent stays on record where it was sent."""


def migrate_chat(db: Database, old_id: int, new_id: int) -> None:
    """A group became a supergroup: choices, subscriptions, deliveries, all move; the old id goes away.

    Telegram tells twice, once in each chat, and once more to whoever writes; the second time there is nothing
    left to move, and what was chosen in between stays.
    """
    with db.transaction():
        if old_id == new_id or read_chat(db, old_id) is None:
            return
        _copy_chat(db, old_id, new_id)
        for table in tables_with(db, "chat_id"):
            if table in _OF_THE_GROUP:
                db.execute(f"DELETE FROM {table} WHERE chat_id = ?", (new_id,))  # noqa: S608  a name of the schema
            _move_rows(db, table, old_id, new_id)
        db.execute("DELETE FROM chats WHERE id = ?", (old_id,))
        db.execute(
            """INSERT INTO moved_chats (old_id, new_id) VALUES (?, ?)
               ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id""",
            (old_id, new_id),
        )


def present_id(db: Database, chat_id: int) -> int:
    """The id under which a chat is known by now: updates that come late still have the one before."""
    row = db.row("SELECT new_id FROM moved_chats WHERE old_id = ?", (chat_id,))
    return row[0] if row else chat_id


def move_to_thread(db: Database, chat_id: int, thread_id: int, *, only_from: int | None = None) -> int:
    """Let everything of a chat go to one topic from now on, or only what went to topic `only_from`; how much.

    What the topic has already stays as it is: of two subscriptions to the same, its own counts.
    """
    moved = 0
    with db.transaction():
        for table in tables_with(db, "chat_id", "thread_id"):
            moved += _move_thread(db, table, chat_id, thread_id, only_from)
    return moved


def _copy_chat(db: Database, old_id: int, new_id: int) -> None:
    """The supergroup may have spoken first and have a row already; the group's choices are the older ones."""
    copied = [name for name in columns_of(db, "chats") if name not in _OF_THE_SUPERGROUP]
    names = ", ".join(copied)
    updates = ", ".join(f"{name} = excluded.{name}" for name in copied)
    db.execute(
        f"""INSERT INTO chats (id, kind, title, {names})
            SELECT ?, 'supergroup', title, {names} FROM chats WHERE id = ?
            ON CONFLICT (id) DO UPDATE SET {updates}""",  # noqa: S608  names of the schema
        (new_id, old_id),
    )
    # On its way the bot may have been told that it left the group: nobody left.
    unblock(db, new_id)


def _move_rows(db: Database, table: str, old_id: int, new_id: int) -> None:
    # A message's id means something only in the chat that it was sent to.
    forget = ", message_id = NULL" if "message_id" in optional_columns_of(db, table) else ""
    where, values = "chat_id = :old", {"old": old_id, "to": new_id}
    free = _is_free(db, table, "chat_id", where)
    db.execute(f"UPDATE {table} SET chat_id = :to{forget} WHERE {where} AND {free}", values)  # noqa: S608  as above
    db.execute(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608  as above


def _move_thread(db: Database, table: str, chat_id: int, thread_id: int, only_from: int | None) -> int:
    where = f"""chat_id = :chat AND thread_id <> :to AND (:only IS NULL OR thread_id = :only)
                AND {_ONLY_OPEN.get(table, "true")}"""
    values = {"chat": chat_id, "to": thread_id, "only": only_from}
    free = _is_free(db, table, "thread_id", where)
    moved = db.execute(f"UPDATE {table} SET thread_id = :to WHERE {where} AND {free}", values)  # noqa: S608  as above
    return moved + db.execute(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608  as above


def _is_free(db: Database, table: str, column: str, where: str) -> str:
    """The condition that no row has the key that a row would get by moving, or gets it before that row."""
    key = key_of(db, table)
    if column not in key:
        return "true"
    same = " AND ".join(["true", *(f"rival.{name} = {table}.{name}" for name in key if name != column)])
    return f"""NOT EXISTS (SELECT 1 FROM {table} AS rival
                           WHERE {same} AND (rival.{column} = :to
                                             OR ({where} AND rival.{column} < {table}.{column})))"""  # noqa: S608  as above
