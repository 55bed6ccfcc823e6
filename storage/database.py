"""One SQLite file that survives being killed at any moment, explicit transactions, and errors that name it.

One connection, used from one thread. A statement outside a transaction is its own transaction.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Tables

from storage.schema import APPLICATION_ID, MIGRATIONS, migration_names

Row = tuple[Any, ...]
"""The columns of one row, in the order of the SELECT."""

Values = Sequence[Any] | Mapping[str, Any]
"""What stands for the `?`s or the `:name`s of a statement."""

Record = dict[str, Any]
"""The columns of one row by name."""

IN_MEMORY = ":memory:"

_BUSY_TIMEOUT_SECONDS = 10.0
_EFFECTIVE = os.access in os.supports_effective_ids  # not on every system

_SENTENCES = {
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_READONLY: "the file may not be written",
    sqlite3.SQLITE_PERM: "the file may not be opened",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_BUSY: "another process keeps the database locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
}
_PRIMARY_CODE = 0xFF  # an extended result code holds the primary one in its lowest byte
_BUGS = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError, sqlite3.NotSupportedError)


class StorageError(Exception):
    """The database cannot do its work, and no code of ours is to blame. One line that names the file."""


class Database:
    """An open database. All SQL of the project goes through it, and all of it stands in this package."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    @property
    def name(self) -> str:
        """The path of its file, or `IN_MEMORY`."""
        return self._name

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it.

        A block within a block is undone alone and committed with the outer one.
        Never await inside: another task would join the transaction.

        Raises:
            StorageError: another process keeps the lock, or the disk refuses; nothing is stored.
        """
        if self._connection.in_transaction:
            begin, commit, undo = "SAVEPOINT inner", "RELEASE inner", ["ROLLBACK TO inner", "RELEASE inner"]
        else:
            begin, commit, undo = "BEGIN IMMEDIATE", "COMMIT", ["ROLLBACK"]
        self.execute(begin)
        try:
            yield
            self.execute(commit)
        except BaseException:
            # A full disk may have made SQLite roll back by itself.
            if self._connection.in_transaction:
                for statement in undo:
                    self.execute(statement)
            raise

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the number of rows that it wrote."""
        with _errors_of(self._name):
            return self._connection.execute(sql, values).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run one statement for every row, all or none; the number of rows that were written."""
        with self.transaction(), _errors_of(self._name):
            before = self._connection.total_changes
            self._connection.executemany(sql, rows)
            return self._connection.total_changes - before

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows that a statement gives."""
        with _errors_of(self._name):
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """The only row that a statement gives, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def records(self, sql: str, values: Values = ()) -> list[Record]:
        """All rows that a statement gives, by the names of their columns."""
        with _errors_of(self._name):
            cursor = self._connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def record(self, sql: str, values: Values = ()) -> Record | None:
        """The only row that a statement gives, by the names of its columns, or None."""
        records = self.records(sql, values)
        return records[0] if records else None

    def close(self) -> None:
        """Close the file. What was committed is on disk already."""
        with _errors_of(self._name):
            self._connection.close()


def open_database(path: str | Path) -> Database:
    """Open a database file, made where there is none, and bring its tables up to date. `:memory:` keeps none.

    Raises:
        StorageError: the file cannot be used; the message is one line that says why.
    """
    name = str(path)
    if name != IN_MEMORY:
        _check_place(Path(path))
    with _errors_of(name):
        connection = sqlite3.connect(name, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None)
    try:
        missing = _check_ours(connection, name)
        with _errors_of(name):
            _configure(connection)
        db = Database(connection, name)
        if missing:
            _migrate(db, connection, name)
    except BaseException:
        connection.close()
        raise
    return db


def _check_place(path: Path) -> None:
    """What SQLite would report late, or in words that do not help."""
    if path.is_dir():
        raise StorageError(f"{path}: this is a folder, not a file")
    if not path.parent.is_dir():
        raise StorageError(f"{path}: the folder {path.parent} does not exist")
    # The write-ahead log stands beside the file.
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.W_OK, effective_ids=_EFFECTIVE):
            raise StorageError(f"{path}: {_SENTENCES[sqlite3.SQLITE_READONLY]}")


def _check_ours(connection: sqlite3.Connection, name: str) -> frozenset[str]:
    """The migrations that are still to be applied. Nothing has been written when this refuses a file."""
    with _errors_of(name):
        # One statement, hence one moment: another process may be making the tables right now.
        [(tables, application)] = connection.execute(
            "SELECT (SELECT count(*) FROM sqlite_master), application_id FROM pragma_application_id"
        )
        applied = {migration.name for migration in MIGRATIONS.applied(_tables(connection))}
    if tables and application != APPLICATION_ID:
        raise StorageError(f"{name}: this is the database of another program")
    if newer := applied - migration_names():
        raise StorageError(f"{name}: made by a newer version of the bot (it has {', '.join(sorted(newer))})")
    return migration_names() - applied


def _configure(connection: sqlite3.Connection) -> None:
    """With FULL a commit is on disk when it returns; with WAL readers never wait for it."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _migrate(db: Database, connection: sqlite3.Connection, name: str) -> None:
    """Apply what is missing. Of two processes that start together one waits and finds the work done."""
    with db.transaction(), _errors_of(name):
        MIGRATIONS.apply(_tables(connection))


def _tables(connection: sqlite3.Connection) -> Tables:
    return Tables(connection, recursive_triggers=False, execute_plugins=False)


@contextmanager
def _errors_of(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if _is_bug(error):
            raise
        raise StorageError(f"{name}: {_sentence(error)}") from error


def _is_bug(error: sqlite3.Error) -> bool:
    """Wrong SQL or values that break a rule of the schema are ours to mend, so they stay what they are."""
    return isinstance(error, _BUGS) or _code(error) == sqlite3.SQLITE_ERROR


def _sentence(error: sqlite3.Error) -> str:
    return _SENTENCES.get(_code(error), str(error))


def _code(error: sqlite3.Error) -> int:
    """The primary result code. An error of Python's own making has none, and is a bug too."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & _PRIMARY_CODE
