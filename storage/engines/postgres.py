"""A PostgreSQL that several machines share, with the meaning that SQLite's one file has.

A transaction holds a lock that only one can hold: what it has read stays so until it has written, as in
SQLite, and numbers (the order of sending) become visible in their order. A single statement needs no lock: it
looks at its rows again before it changes them. A connection that is lost is made anew for the next statement
outside of a transaction; what was under way fails, and is nowhere.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from math import inf
from time import monotonic
from typing import Any, Self

import psycopg

from storage.engines.interface import (
    BusyError,
    Database,
    Dialect,
    Record,
    Row,
    StorageError,
    TakenError,
    Values,
)
from storage.engines.postgres_address import Address, address_of
from storage.engines.postgres_connection import LIMITS, SILENCE_SECONDS, Connection, SilenceError, connect
from storage.engines.postgres_errors import is_bug, sentence, sentence_at_connecting
from storage.engines.postgres_schema import DIALECT, bring_up_to_date
from storage.engines.translation import statement
from storage.schema import APPLICATION_ID

WRITER, SOLE_USE = 1, 2
"""Numbers of the locks, next to `APPLICATION_ID`: other programs' locks have another one."""

_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({APPLICATION_ID}, {WRITER})"
_KEEP_TO_INDEXES = " ".join(
    f"SET LOCAL enable_{way} = off;" for way in ("sort", "bitmapscan", "seqscan", "hashjoin", "mergejoin")
)
_WHOLESALE = "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL work_mem = '32MB'"
_AS_USUAL = " ".join(
    f"SET LOCAL {setting} TO DEFAULT;" for setting in ("enable_nestloop", "enable_mergejoin", "work_mem")
)
_WHO = "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_THE_OLD = """SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
                  WHERE pid = ? AND backend_start::text = ?"""


class PostgresDatabase(Database):
    """A connection that is made when it is needed, and made again when it is lost."""

    dialect: Dialect = DIALECT

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Connection | None = None
        self._is_open = True
        self._in_block = False
        self._locks: set[int] = set()
        self._session: Row | None = None
        self._pause: tuple[float, StorageError] | None = None

    @property
    def name(self) -> str:
        """Its address, without the password."""
        return self._address.name

    @property
    def _is_in_transaction(self) -> bool:
        return self._in_block

    @property
    def _can_undo(self) -> bool:
        return self._connection is not None and not self._connection.closed

    def _begin(self) -> None:
        connection = self._live()
        try:
            with self._errors():
                connection.execute(_BEGIN)
        except StorageError:
            if self._can_undo:
                self.execute("ROLLBACK")
            raise
        self._in_block = True

    def _commit(self) -> None:
        if self._run("COMMIT").statusmessage != "COMMIT":
            # Somebody passed over the error of a statement, and the server has undone everything.
            raise StorageError(f"{self.name}: a statement of the transaction failed, and nothing is stored")

    def _forget_transaction(self) -> None:
        self._in_block = False

    def another(self) -> Self:
        """A connection of its own to the same database."""
        return type(self)(self._address)

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let the server's statements take as long as they need, and the program between two of them."""
        with (
            self._limited("idle_in_transaction_session_timeout", "0"),
            self._limited("statement_timeout", "0") as connection,
        ):
            connection.patience = inf
            try:
                yield
            finally:
                connection.patience = SILENCE_SECONDS

    @contextmanager
    def sole_use(self) -> Iterator[None]:
        """By a lock of the connection that writes: without the lock there is no connection to write by."""
        try:
            # A bot that was killed while a statement of its ran is noticed only at the end of that.
            with self._limited("lock_timeout", "1s"):
                self._run("SELECT pg_advisory_lock(?, ?)", (APPLICATION_ID, SOLE_USE))
        except BusyError as error:
            raise TakenError(
                f"{self.name}: another bot is running on this database; stop it first"
            ) from error
        self._locks.add(SOLE_USE)
        try:
            yield
        finally:
            self.unlock(SOLE_USE)

    def try_lock(self, number: int) -> bool:
        """Take a lock for as long as the connection lives, and with every later one; whether it was free."""
        [(is_taken,)] = self.rows("SELECT pg_try_advisory_lock(?, ?)", (APPLICATION_ID, number))
        if is_taken:
            self._locks.add(number)
        return bool(is_taken)

    def unlock(self, number: int) -> None:
        """Give a lock back. With a connection that is lost it is gone anyway."""
        self._locks.discard(number)
        if self._can_undo:
            with contextlib.suppress(StorageError):
                self._run("SELECT pg_advisory_unlock(?, ?)", (APPLICATION_ID, number))

    def roomy(self) -> AbstractContextManager[None]:
        """The server has a memory of its own."""
        return contextlib.nullcontext()

    @contextmanager
    def wholesale(self) -> Iterator[None]:
        """Statistics do not know what the transaction has written, and guess that it is next to nothing."""
        self.execute(_WHOLESALE)
        yield
        # Where the block fails, whatever undoes it undoes this too.
        self.execute(_AS_USUAL)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Without the lock of those who write."""
        self._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._in_block = True
        try:
            yield
        finally:
            self._in_block = False
            if self._can_undo:
                self._run("ROLLBACK")

    def keep_to_indexes(self) -> None:
        """Statistics are a minute old or more: after a fan-out they know nothing of all that is queued."""
        self.execute(_KEEP_TO_INDEXES)

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the number of rows that it wrote."""
        return self._run(sql, values).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run one statement for every row, all or none; the number of rows that were written."""
        with self.transaction(), self._errors():
            # This kind of cursor lets the server plan the statement once for all rows.
            cursor = psycopg.Cursor(self._live())
            cursor.executemany(statement(sql), rows)
            return max(cursor.rowcount, 0)

    def insert_all(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows in one stream, all or none: several times as fast as one statement after the other."""
        names = ", ".join(f'"{name}"' for name in columns)
        with (
            self.transaction(),
            self._errors(),
            self._live().cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as stream,
        ):
            for row in rows:
                stream.write_row(row)

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows that a statement gives."""
        return self._run(sql, values).fetchall()

    def records(self, sql: str, values: Values = ()) -> list[Record]:
        """All rows that a statement gives, by the names of their columns."""
        cursor = self._run(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close the connection. What was committed is on disk already."""
        self._is_open = False
        self._drop_connection()

    @contextmanager
    def _limited(self, limit: str, value: str) -> Iterator[Connection]:
        """Another limit for a while; not within a transaction."""
        connection = self._live()
        with self._errors():
            connection.execute(f"SET {limit} = '{value}'")
        try:
            yield connection
        finally:
            if not connection.closed:
                with self._errors():
                    connection.execute(f"SET {limit} = '{LIMITS[limit]}'")

    def _run(self, sql: str, values: Values = ()) -> psycopg.Cursor[Row]:
        connection = self._live()
        with self._errors():
            return connection.execute(statement(sql), values)

    def _live(self) -> Connection:
        """The connection; made anew where it was lost, but not in the middle of a transaction."""
        if not self._is_open:
            raise psycopg.InterfaceError("the database is closed")
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if self._in_block:
            raise StorageError(f"{self.name}: the connection was lost")
        self._connection = self._connected()
        try:
            self._take_up()
        except BaseException:
            self._drop_connection()
            raise
        return self._connection

    def _connected(self) -> Connection:
        """A new connection. An attempt in vain is followed by a pause of the same length without any."""
        begun = monotonic()
        if self._pause is not None and begun < self._pause[0]:
            raise self._pause[1]
        try:
            return connect(self._address.parameters)
        except psycopg.Error as error:
            failure = StorageError(f"{self.name}: {sentence_at_connecting(error)}")
            # Whoever waits on the same thread has the other half of the time.
            self._pause = (2 * monotonic() - begun, failure)
            raise failure from error

    def _take_up(self) -> None:
        """Have again what the connection before had, which may seem alive to the server, locks and all."""
        if self._session is not None and self._locks:
            self._run(_END_THE_OLD, self._session)
        [self._session] = self.rows(_WHO)
        for number in self._locks:
            if not self.try_lock(number):
                raise TakenError(f"{self.name}: another bot has taken over while the connection was lost")

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if isinstance(error, SilenceError):
                self._drop_connection()
            if is_bug(error):
                raise
            kind = BusyError if isinstance(error, psycopg.errors.LockNotAvailable) else StorageError
            raise kind(f"{self.name}: {sentence(error)}") from error


def open_postgres(url: str) -> PostgresDatabase:
    """Connect to a PostgreSQL and bring our tables in its schema up to date.

    Raises:
        StorageError: it cannot be used; the message is one line that says why, without the password.
    """
    db = PostgresDatabase(address_of(url))
    try:
        bring_up_to_date(db)
    except BaseException:
        db.close()
        raise
    return db
