"""What the rest of storage/ asks of an engine, and the one error that it has to expect of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Self

Row = tuple[Any, ...]
"""The columns of one row, in the order of the SELECT."""

Values = Sequence[Any] | Mapping[str, Any]
"""What stands for the `?`s or the `:name`s of a statement."""

Record = dict[str, Any]
"""The columns of one row by name."""


class StorageError(Exception):
    """The database cannot do its work, and no code of ours is to blame. One line that names the database."""


class BusyError(StorageError):
    """Somebody else held what is needed for longer than one waits."""


class TakenError(StorageError):
    """Somebody else has sole use of the database."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The statements that each engine has its own words for; `?` stands for a table's name.

    `tables` gives every table of ours in alphabetical order; `columns` of a table the name, whether it may
    not be null and whether it is of the key, in their order; `references` of a table the column, the table
    that it refers to and the column there, None for that table's key; `size` how many bytes all of it takes.
    `let_references_wait` lets them be checked at the end of a transaction; `now_ms` gives the present moment.
    `numbers` gives the tables that number their rows and the highest number that each ever gave;
    `number_after` goes on after `:number` in the `:column` of a `:table`, where that numbers its rows.
    """

    tables: str
    columns: str
    references: str
    size: str
    let_references_wait: str
    now_ms: str
    numbers: str
    number_after: tuple[str, ...]


class Database(ABC):
    """An open database. All SQL of the project goes through it, and all of it stands in this package.

    One connection, used from one thread. A statement outside a transaction is its own transaction. Statements
    are written once, for every engine: `?` and `:name` stand for values.
    """

    dialect: Dialect

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call it: the path of its file, `IN_MEMORY`, or its address without the password."""

    @property
    @abstractmethod
    def _is_in_transaction(self) -> bool:
        """Whether a transaction was begun and has not ended."""

    @property
    @abstractmethod
    def _can_undo(self) -> bool:
        """Whether there is still something to undo of it: a full disk or a lost connection undoes it all."""

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction that may read and then write: nobody else's comes in between."""

    @abstractmethod
    def _commit(self) -> None:
        """End a transaction, and keep what it wrote."""

    @abstractmethod
    def _forget_transaction(self) -> None:
        """It has ended in one way or the other."""

    @abstractmethod
    def another(self) -> Self:
        """A second connection to the same database, for another thread. Of one in memory there is none.

        Raises:
            StorageError: it cannot be opened.
        """

    @abstractmethod
    def sole_use(self) -> AbstractContextManager[None]:
        """Be the only bot on this database while the block runs.

        Raises:
            TakenError: another bot is.
            StorageError: nobody can tell.
        """

    @abstractmethod
    def unhurried(self) -> AbstractContextManager[None]:
        """Let statements take as long as they need: for what nobody waits for, never on the event loop."""

    @abstractmethod
    def roomy(self) -> AbstractContextManager[None]:
        """Keep more of the tables in memory while the block runs: for whatever writes very many rows."""

    @abstractmethod
    def wholesale(self) -> AbstractContextManager[None]:
        """Join very many rows at once while the block runs, within a transaction, not row by row."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Read all of a block as it stands at one moment; others go on and write meanwhile.

        Nothing can be written in it, and it is no part of a transaction.
        """

    @abstractmethod
    def keep_to_indexes(self) -> None:
        """For the rest of the transaction: find rows along indexes, whatever statistics say of the tables."""

    @abstractmethod
    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the number of rows that it wrote."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run one statement for every row, all or none; the number of rows that were written."""

    def insert_all(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows in the way in which the engine is fastest, all or none."""
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.execute_many(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608  # from the schema

    @abstractmethod
    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows that a statement gives."""

    @abstractmethod
    def records(self, sql: str, values: Values = ()) -> list[Record]:
        """All rows that a statement gives, by the names of their columns."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection. What was committed is on disk already."""

    def transaction(self) -> AbstractContextManager[None]:
        """All of the block, or nothing of it.

        A block within a block is undone alone and committed with the outer one.
        Never await inside: another task would join the transaction.

        Raises:
            StorageError: another process keeps the lock, or the disk refuses; nothing is stored.
        """
        return self._inner_transaction() if self._is_in_transaction else self._outer_transaction()

    @contextmanager
    def _outer_transaction(self) -> Iterator[None]:
        self._begin()
        try:
            yield
            self._commit()
        except BaseException:
            if self._can_undo:
                self.execute("ROLLBACK")
            raise
        finally:
            self._forget_transaction()

    @contextmanager
    def _inner_transaction(self) -> Iterator[None]:
        self.execute("SAVEPOINT inner_part")
        try:
            yield
            self.execute("RELEASE inner_part")
        except BaseException:
            if self._can_undo:
                self.execute("ROLLBACK TO inner_part")
                self.execute("RELEASE inner_part")
            raise

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """The only row that a statement gives, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def record(self, sql: str, values: Values = ()) -> Record | None:
        """The only row that a statement gives, by the names of its columns, or None."""
        records = self.records(sql, values)
        return records[0] if records else None


class SharedDatabase(Database):
    """A database that processes on several machines share, of which one alone has its sole use."""

    @property
    @abstractmethod
    def backend(self) -> int:
        """The number of the server's process behind this connection."""

    @abstractmethod
    def try_sole_use(self) -> bool:
        """Be the only one from now on, for as long as the connection lives, where nobody else is."""

    @abstractmethod
    def give_up_sole_use(self) -> None:
        """Be the only one no more, or do not try to be again after a lost connection."""

    @abstractmethod
    def end_sole_use_of(self, backend: int) -> None:
        """End the connection behind which that process is, if it is the one with sole use."""

    @abstractmethod
    def pin(self) -> None:
        """From now on a connection that is lost is not made anew: every statement fails.

        Raises:
            StorageError: it was lost, and somebody else has its lock.
        """

    @abstractmethod
    def cut(self) -> None:
        """Cut the connection, from whatever thread: a statement that waits for the server fails at once."""
