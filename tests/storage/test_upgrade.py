"""Whatever version made a database, with whatever in it: opened today it has lost nothing, lacks nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database as Tables

from storage.database import Database, open_database
from storage.engines.sqlite import SqliteDatabase
from storage.schema import MIGRATIONS
from storage.tables import tables
from storage.unfinished import TABLE
from tests.storage.every_table import fill

pytestmark = pytest.mark.usefixtures("made_here")

NAMES = [migration.name for migration in MIGRATIONS.pending(Tables(memory=True))]
Rows = dict[str, list[dict[str, Any]]]


def database_after(count: int, path: Path) -> Rows:
    """A database as the first `count` migrations left it, with two rows in every table; those rows."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        stop_before = NAMES[count] if count < len(NAMES) else None
        MIGRATIONS.apply(Tables(connection, execute_plugins=False), stop_before=stop_before)
        connection.execute("PRAGMA foreign_keys = ON")
        db = SqliteDatabase(connection, str(path))
        fill(db, (1, -2), person_id=7)
        return content(db)


_SINCE_LETTERS = {
    "outbox": "SELECT * FROM deliveries",
    "told": """SELECT told.*, outbox.id AS delivery_id
               FROM told JOIN outbox ON outbox.letter_id = told.letter_id""",
}
"""What a delivery says was part of its row, before letters were; it is still to be had."""


def content(db: Database) -> Rows:
    asked = _SINCE_LETTERS if "letters" in tables(db) else {}
    return {table: db.records(asked.get(table, f'SELECT * FROM "{table}"')) for table in tables(db)}


def schema(db: Database) -> list[Any]:
    """Every table with its columns (type, null, key, default) and references, and every index."""
    found: list[Any] = []
    for table in tables(db):
        columns = db.rows(
            'SELECT name, type, "notnull", pk, dflt_value FROM pragma_table_xinfo(?) ORDER BY name', (table,)
        )
        references = db.rows(
            'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?) ORDER BY 1, 2', (table,)
        )
        found.append((table, columns, references))
    indexes = db.rows("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")
    return [*found, *indexes]


def lost(before: Rows, after: Rows) -> list[tuple[str, dict[str, Any]]]:
    """Rows of before that are not there any more with all of their values, in the order of the tables."""
    return [
        (table, row)
        for table, rows in before.items()
        for row in rows
        if not any(row.items() <= now.items() for now in after.get(table, []))
    ]


@pytest.mark.parametrize("count", range(1, len(NAMES) + 1), ids=NAMES)
def test_a_database_of_every_earlier_version_keeps_all_that_is_in_it(count: int, path: Path) -> None:
    before = database_after(count, path)
    assert [table for table, rows in before.items() if not rows] in ([], [TABLE])
    with closing(open_database(path)) as db:
        after = content(db)
        assert lost(before, after) == []
        assert {table: len(after[table]) for table in before} == {
            table: len(rows) for table, rows in before.items()
        }
        assert db.rows("PRAGMA integrity_check") == [("ok",)]
        assert db.rows("PRAGMA foreign_key_check") == []
        with closing(open_database(":memory:")) as new:
            assert schema(db) == schema(new)


@pytest.mark.parametrize("count", range(1, len(NAMES)), ids=NAMES[:-1])
def test_an_upgrade_that_cannot_end_leaves_the_database_as_it_was(count: int, path: Path) -> None:
    """All steps or none: the old version still runs on what is there."""
    before = database_after(count, path)
    with closing(open_database(":memory:")) as new:
        added = [table for table in tables(new) if table not in before]
    if not added:
        pytest.skip("what follows makes no table whose place could be taken")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f'CREATE TABLE "{added[-1]}" (in_the_way INTEGER)')
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        db = SqliteDatabase(connection, str(path))
        assert [name for (name,) in db.rows("SELECT name FROM _sqlite_migrations ORDER BY id")] == NAMES[
            :count
        ]
        assert {table: db.records(f'SELECT * FROM "{table}"') for table in before} == before
