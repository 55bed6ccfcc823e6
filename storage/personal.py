"""All that is stored about a chat, to be shown or deleted, found by the schema: no table is forgotten.

A row is about a chat where it is in a column named `chat_id` (`old_id` and `new_id` where a group moved) or
one that refers to `chats`, or where the row refers to such a row. A person's Telegram id is in a column named
`user_id` or `..._by`, the name that they showed beside it in `name`, `user_name` or `..._by_name`. In a
private chat the chat's id is its person's, who may stand in rows about other chats: those stay, without them.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from signals.moments import from_ms
from storage.columns import from_json
from storage.database import Database, Record
from storage.letters import drop_unread
from storage.tables import Column, Reference, key_of, references, table_columns, tables

_PERSON = re.compile(r"(^user_id|_by)$")
_PERSONS_NAME = re.compile(r"(^name|^user_name|_by_name)$")
_CHAT = re.compile(r"(^|_)chat_id$|^(old|new)_id$")
_MOMENT = re.compile(r"(^|_)(at|until|ms)$|^not_before$")
_EARLIEST_MS = 10**11
"""In 1973: a smaller number is no moment, but a length or a time of day."""
_WITH_ALL_IT_SAYS = {"outbox": "deliveries"}
"""A view that is read for a table: of a delivery people want to see what it said."""
_WORDS = {"text", "title"}
"""What people wrote may look like JSON, and stays as it is."""


class Part(NamedTuple):
    """The rows of a table that are about a chat: a condition in SQL, with `:chat` for its id."""

    table: str
    condition: str


def parts_about_a_chat(db: Database) -> list[Part]:
    """Every table with rows about chats; one whose rows hang on another's comes after it."""
    referring_rows = references(db)
    found = {"chats": Part("chats", "id = :chat")}
    for table in tables(db):
        named = [column.name for column in table_columns(db, table) if _CHAT.search(column.name)]
        referring = [r.column for r in referring_rows if (r.table, r.to_table) == (table, "chats")]
        if about := dict.fromkeys((*named, *referring)):
            found[table] = Part(table, " OR ".join(f'"{column}" = :chat' for column in about))
    while hanging := [r for r in referring_rows if r.table not in found and r.to_table in found]:
        for table in dict.fromkeys(reference.table for reference in hanging):
            found[table] = Part(table, _hangs_on([r for r in hanging if r.table == table], found))
    return list(found.values())


def stored_about(db: Database, chat_id: int) -> dict[str, list[Record]]:
    """Every row about a chat, by table; moments as ISO 8601 and structures taken apart."""
    parts = (*parts_about_a_chat(db), _updates_about(db, chat_id))
    return {part.table: _read(db, part.table, part.condition, chat_id) for part in parts}


def stored_of_person(db: Database, user_id: int) -> dict[str, list[Record]]:
    """Every other row that holds a person's Telegram id, by table; tables without any are left out."""
    own = {part.table: part.condition for part in parts_about_a_chat(db)}
    found = {}
    for table, columns in _tables_of_persons(db):
        holds = " OR ".join(f'"{column.name}" = :chat' for column in columns)
        condition = f"({holds}) AND NOT ({own.get(table, 'FALSE')})"
        found[table] = _read(db, table, condition, user_id)
    return {table: rows for table, rows in found.items() if rows}


def forget(db: Database, chat_id: int) -> int:
    """Delete every row about a chat, all or none; how many. A person's id goes out of all others.

    Raises:
        StorageError: nothing was deleted.
    """
    with db.transaction():
        heard = db.rows("SELECT DISTINCT letter_id FROM outbox WHERE chat_id = ?", (chat_id,))
        # Rows refer to each other in all ways; what counts is that none is left hanging at the end.
        db.execute(db.dialect.let_references_wait)
        values = {"chat": chat_id}
        deleted = sum(
            db.execute(f'DELETE FROM "{part.table}" WHERE {part.condition}', values)  # noqa: S608  # the schema's names
            for part in reversed((*parts_about_a_chat(db), _updates_about(db, chat_id)))
        )
        # What it alone was told goes with it; that is no entry of its own.
        drop_unread(db, [letter_id for (letter_id,) in heard])
        if chat_id > 0:
            _leave_out(db, chat_id)
    return deleted


def _leave_out(db: Database, user_id: int) -> None:
    """Take a person's id out of what stays."""
    for table, columns in _tables_of_persons(db):
        names = [column for column in table_columns(db, table) if _PERSONS_NAME.search(column.name)]
        for column in columns:
            where = f'WHERE "{column.name}" = ?'
            if column.is_key:
                db.execute(f'DELETE FROM "{table}" {where}', (user_id,))  # noqa: S608  # the schema's names
                continue
            blanks = ", ".join([_nobody(column), *(_blank(name, "''") for name in names)])
            db.execute(f'UPDATE "{table}" SET {blanks} {where}', (user_id,))  # noqa: S608  # the schema's names


def _nobody(column: Column) -> str:
    """Somebody did it, not known any more who: 0 in a `user_id`, for null may mean that nobody did."""
    return f'"{column.name}" = 0' if column.name == "user_id" else _blank(column, "0")


def _blank(column: Column, nothing: str) -> str:
    return f'"{column.name}" = {nothing if column.is_required else "NULL"}'


def _tables_of_persons(db: Database) -> Iterator[tuple[str, list[Column]]]:
    for table in tables(db):
        if columns := [column for column in table_columns(db, table) if _PERSON.search(column.name)]:
            yield table, columns


def _hangs_on(references: list[Reference], found: dict[str, Part]) -> str:
    return " OR ".join(
        f'"{r.column}" IN (SELECT "{r.to_column}" FROM "{r.to_table}" WHERE {found[r.to_table].condition})'  # noqa: S608  # the schema's names
        for r in references
    )


def _updates_about(db: Database, chat_id: int) -> Part:
    """Updates that nobody could handle keep what they said; one that waits is answered first, and then empty.

    They are few, and some of them no JSON: the id is looked for as it is written.
    """
    named = re.compile(rf'(?<!\\)"id"\s*:\s*{chat_id}(?![\d.])')
    rows = db.rows("SELECT update_id, body FROM inbox WHERE state = 'set_aside'")
    ids = ", ".join(str(update_id) for update_id, body in rows if named.search(body))
    return Part("inbox", f"update_id IN ({ids or 'NULL'})")


def _read(db: Database, table: str, condition: str, chat_id: int) -> list[Record]:
    order = ", ".join(f'"{name}"' for name in key_of(db, table)) or "1"
    sql = f'SELECT * FROM "{_WITH_ALL_IT_SAYS.get(table, table)}" WHERE {condition} ORDER BY {order}'  # noqa: S608  # the schema's names
    records = db.records(sql, {"chat": chat_id})
    return [{name: _readable(name, value) for name, value in record.items()} for record in records]


def _readable(name: str, value: Any) -> Any:
    """A column's value for people: what it is named by decides what it is."""
    if isinstance(value, int) and value > _EARLIEST_MS and _MOMENT.search(name):
        return from_ms(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and name not in _WORDS and value[:1] in {"{", "["}:
        try:
            return from_json(value)
        except ValueError:
            return value
    return value
