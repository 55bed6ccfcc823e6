"""A row in every table of the schema, for each of some chats: so that no new table escapes a test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from storage.database import Database
from storage.tables import tables
from storage.unfinished import TABLE
from tests.storage.engines import schema_of

Record = dict[str, Any]


def fill(db: Database, chat_ids: tuple[int, ...], person_id: int) -> None:
    """One row a table and chat. Columns for a person's id hold `person_id`, in the rows of every chat."""
    numbers = count(1)
    for chat_id in chat_ids:
        filling = _Filling(db, chat_id, person_id, numbers)
        with db.transaction():
            db.execute(db.dialect.let_references_wait)
            # With the mark of an unfinished move it would be opened by nobody.
            for table in (table for table in tables(db) if table != TABLE):
                filling.row(table)


@dataclass
class _Filling:
    """The rows of one chat. `numbers` gives a new one for every value, so that no key is there twice."""

    db: Database
    chat_id: int
    person_id: int
    numbers: Iterator[int]
    made: dict[str, Record] = field(default_factory=dict)

    @property
    def schema(self) -> Database:
        return schema_of(self.db)

    def row(self, table: str) -> Record:
        """The row of a table, made with all that it refers to."""
        if table not in self.made:
            self.made[table] = {}
            columns = self.schema.rows("SELECT name, type FROM pragma_table_info(?)", (table,))
            self.made[table] |= {name: self._value(table, name, type_) for name, type_ in columns}
            names = ", ".join(f'"{name}"' for name in self.made[table])
            marks = ", ".join("?" * len(columns))
            # Of a table that has one row at most, the first chat's stays.
            sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'
            self.db.execute(sql, tuple(self.made[table].values()))
        return self.made[table]

    def _value(self, table: str, name: str, type_: str) -> Any:
        parent, key = self._parent(table, name)
        if (
            (table, name) == ("chats", "id")
            or re.search(r"(^|_)chat_id$|^(old|new)_id$", name)
            or parent == "chats"
        ):
            return self.chat_id
        if parent is not None:
            return self.row(parent)[key]
        if re.search(r"(^user_id|_by)$", name):
            return self.person_id
        allowed = self._allowed(table, name)
        if allowed is not None:
            return allowed
        number = next(self.numbers)
        return {"INTEGER": number, "REAL": float(number)}.get(type_, f"x{number}")

    def _parent(self, table: str, column: str) -> tuple[str | None, str]:
        found = self.schema.row(
            'SELECT "table", "to" FROM pragma_foreign_key_list(?) WHERE "from" = ?', (table, column)
        )
        if column == "letter_id":
            return "letters", "id"  # it is not declared: see the migration of letters
        return (found[0], found[1] or "id") if found else (None, "")

    def _allowed(self, table: str, column: str) -> Any:
        """The first value that the schema allows, where it names them."""
        [(sql,)] = self.schema.rows("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
        found = re.search(rf"CHECK \(\"?{column}\"? (?:IN \(|= )('?)(\w+)\1", sql)
        return None if found is None else found[2] if found[1] else int(found[2])
