"""One SQLite file that survives being killed at any moment, and errors that name it."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database as Tables

from storage.engines.interface import BusyError, Database, Dialect, Record, Row, StorageError, Values
from storage.engines.sqlite_sole import sole_use_of
from storage.engines.versions import missing_migrations
from storage.schema import APPLICATION_ID, MIGRATIONS

IN_MEMORY = ":memory:"

_BUSY_TIMEOUT_SECONDS = 10.0
_ROOM_KIB = 64 * 1024  # an alert for a hundred thousand chats and the indexes that it is in
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

_DIALECT = Dialect(
    # Not SQLite's own, nor the record of the migrations.
    tables=r"""SELECT name FROM sqlite_master
               WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
                 AND name NOT LIKE '\_sqlite\_%' ESCAPE '\' ORDER BY name""",
    columns='SELECT name, "notnull" OR pk, pk > 0 FROM pragma_table_info(?)',
    references='SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)',
    size="SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    let_references_wait="PRAGMA defer_foreign_keys = ON",
    now_ms="SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    numbers="SELECT name, seq FROM sqlite_sequence",
    number_after=(
        "UPDATE sqlite_sequence SET seq = :number WHERE name = :table",
        """INSERT INTO sqlite_sequence (name, seq)
           SELECT :table, :number FROM sqlite_master
           WHERE name = :table AND sql LIKE '%AUTOINCREMENT%'
             AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)""",
    ),
)


class SqliteDatabase(Database):
    """An open file. One writer at a time; readers never wait for it."""

    dialect = _DIALECT

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    @property
    def name(self) -> str:
        """The path of its file, or `IN_MEMORY`."""
        return self._name

    @property
    def _is_in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def _can_undo(self) -> bool:
        return self._connection.in_transaction

    def _begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self.execute("COMMIT")

    def _forget_transaction(self) -> None:
        """SQLite knows by itself."""

    def another(self) -> Self:
        """The file opened once more."""
        assert self._name != IN_MEMORY, "a database in memory has one connection"
        return type(self)(_connect(self._name), self._name)

    def sole_use(self) -> AbstractContextManager[None]:
        """By a lock on a file beside it."""
        return nullcontext() if self._name == IN_MEMORY else sole_use_of(Path(self._name))

    def unhurried(self) -> AbstractContextManager[None]:
        """Nothing ends a statement here."""
        return nullcontext()

    @contextmanager
    def roomy(self) -> Iterator[None]:
        """Rows that belong to all places of an index are else read and written over and over."""
        [(usual,)] = self.rows("PRAGMA cache_size")
        self.execute(f"PRAGMA cache_size = {-_ROOM_KIB}")
        try:
            yield
        finally:
            # What is over it is given back as soon as it is on disk.
            self.execute(f"PRAGMA cache_size = {usual}")

    def wholesale(self) -> AbstractContextManager[None]:
        """It always joins row by row, along the keys that the statements count on."""
        return nullcontext()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """The write-ahead log keeps what the first statement saw."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            if self._can_undo:
                self.execute("ROLLBACK")

    def keep_to_indexes(self) -> None:
        """There are no statistics here."""

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

    def records(self, sql: str, values: Values = ()) -> list[Record]:
        """All rows that a statement gives, by the names of their columns."""
        with _errors_of(self._name):
            cursor = self._connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def close(self) -> None:
        """Close the file. What was committed is on disk already."""
        with _errors_of(self._name):
            self._connection.close()


def open_sqlite(path: str | Path) -> SqliteDatabase:
    """Open a database file, made where there is none, and bring its tables up to date. `:memory:` keeps none.

    Raises:
        StorageError: the file cannot be used; the message is one line that says why.
    """
    name = str(path)
    if name != IN_MEMORY:
        _check_place(Path(path))
    return SqliteDatabase(_connect(name), name)


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


def _connect(name: str) -> sqlite3.Connection:
    with _errors_of(name):
        connection = sqlite3.connect(name, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None)
    try:
        missing = _check_ours(connection, name)
        with _errors_of(name):
            _configure(connection)
        if missing:
            _migrate(connection, name)
    except BaseException:
        connection.close()
        raise
    return connection


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
    return missing_migrations(name, applied)


def _configure(connection: sqlite3.Connection) -> None:
    """With FULL a commit is on disk when it returns; with WAL readers never wait for it."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _migrate(connection: sqlite3.Connection, name: str) -> None:
    """Apply what is missing. Of two processes that start together one waits and finds the work done."""
    with SqliteDatabase(connection, name).transaction(), _errors_of(name):
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
        kind = BusyError if _code(error) == sqlite3.SQLITE_BUSY else StorageError
        raise kind(f"{name}: {_sentence(error)}") from error


def _is_bug(error: sqlite3.Error) -> bool:
    """Wrong SQL or values that break a rule of the schema are ours to mend, so they stay what they are."""
    return isinstance(error, _BUGS) or _code(error) == sqlite3.SQLITE_ERROR


def _sentence(error: sqlite3.Error) -> str:
    return _SENTENCES.get(_code(error), str(error))


def _code(error: sqlite3.Error) -> int:
    """The primary result code. An error of Python's own making has none, and is a bug too."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & _PRIMARY_CODE
