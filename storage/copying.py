"""Everything of one database into an empty one, whichever engines they are, and proof that it is there.

    mark as unfinished -> empty -> copy table by table -> numbers given so far -> compare -> mark as finished

Cut off at any moment, the mark stays: nobody starts on half of the rows, and the next try begins anew.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from hashlib import blake2b

from storage.database import Database, Row, StorageError, TakenError
from storage.processes import read_processes
from storage.tables import columns_of, key_of, references, tables
from storage.unfinished import TABLE, mark_finished, mark_unfinished, unfinished_source

ROWS_A_STEP = 5_000

Tell = Callable[[str, int], None]
"""Told of every step: the table, and how many rows of it were copied or compared."""


@dataclass
class Sum:
    """The rows of a table in the order of their key: how many, and a checksum of all their values."""

    rows: int = 0
    last: Row = ()
    _digest: "blake2b" = field(default_factory=lambda: blake2b(digest_size=16))

    @property
    def checksum(self) -> str:
        """Of every value so far."""
        return self._digest.hexdigest()

    def add(self, rows: Sequence[Row]) -> None:
        """The next rows."""
        self.rows += len(rows)
        self.last = rows[-1]
        # Both engines give the same numbers and texts, so Python writes them alike.
        self._digest.update("".join(map(repr, rows)).encode("utf-8", "surrogatepass"))

    def same_as(self, other: "Sum") -> bool:
        """Whether these are the same rows."""
        return (self.rows, self.checksum) == (other.rows, other.checksum)


def move(source: Database, target: Database, tell: Tell = lambda _table, _rows: None) -> dict[str, int]:
    """Copy all rows and compare them; how many each table has. The source is only read.

    Raises:
        TakenError: a bot runs on one of them, or a program that only receives and answers.
        StorageError: the target holds data, one of them cannot do its work, or the copy is another one.
    """
    with source.sole_use(), target.sole_use():
        _check_alone(source)
        _check_alone(target)
        _check_empty(target)
        # Nobody writes into the source meanwhile, so what is compared at the end is what was copied.
        with source.unhurried(), target.unhurried(), source.transaction():
            return _move(source, target, tell)


def count(source: Database) -> dict[str, int]:
    """How many rows each table has, the mark left out, parents first."""
    return {table: _count(source, table) for table in in_order(source)}


def in_order(db: Database) -> list[str]:
    """Every table but the mark's, each after those that it refers to."""
    graph: dict[str, set[str]] = {table: set() for table in tables(db) if table != TABLE}
    for reference in references(db):
        if reference.table != reference.to_table:
            graph[reference.table].add(reference.to_table)
    return list(TopologicalSorter(graph).static_order())


def _check_alone(db: Database) -> None:
    """Programs that only receive have no sole use, but write as well."""
    if others := read_processes(db):
        raise TakenError(f"{db.name}: {others[0].name} is running on this database; stop it first")


def _check_empty(target: Database) -> None:
    if unfinished_source(target):
        return
    filled = [table for table in in_order(target) if target.row(f'SELECT 1 FROM "{table}" LIMIT 1')]  # noqa: S608
    if filled:
        raise StorageError(
            f"{target.name}: there is data in it already ({', '.join(filled[:3])}), and it stays"
        )


def _move(source: Database, target: Database, tell: Tell) -> dict[str, int]:
    order = in_order(source)
    mark_unfinished(target, source.name)
    for table in reversed(order):
        target.execute(f'DELETE FROM "{table}"')  # noqa: S608  # from the schema
    sums = {table: _copy(source, target, table, tell) for table in order}
    for table, number in _numbers(source, sums).items():
        _give_numbers_after(target, table, number)
    for table, copied in sums.items():
        _compare(target, table, columns_of(source, table), copied, tell)
    mark_finished(target)
    return {table: copied.rows for table, copied in sums.items()}


def _copy(source: Database, target: Database, table: str, tell: Tell) -> Sum:
    columns, copied = columns_of(source, table), Sum()
    for rows in map(_storable, _pages(source, table, columns)):
        target.insert_all(table, columns, rows)
        copied.add(rows)
        tell(table, len(rows))
    return copied


def _compare(target: Database, table: str, columns: Sequence[str], copied: Sum, tell: Tell) -> None:
    found = Sum()
    for rows in _pages(target, table, columns):
        found.add(rows)
        tell(table, len(rows))
    if not found.same_as(copied):
        raise StorageError(
            f"{target.name}: of {table} {copied.rows:,} rows were copied and {found.rows:,} are there, "
            "or they differ; the move has not ended"
        )


def _pages(db: Database, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    """All rows in the order of their key, some thousands at a time, each found by the key of the last one."""
    key = key_of(db, table)
    names, order = ", ".join(map(_quoted, columns)), ", ".join(map(_quoted, key))
    places = [columns.index(name) for name in key]
    select = f"SELECT {names} FROM {_quoted(table)}"  # noqa: S608  # from the schema
    tail = f"ORDER BY {order} LIMIT {ROWS_A_STEP}"
    rows = db.rows(f"{select} {tail}")
    while rows:
        yield rows
        if len(rows) < ROWS_A_STEP:
            return
        after = [rows[-1][place] for place in places]
        marks = ", ".join("?" * len(key))
        rows = db.rows(f"{select} WHERE ({order}) > ({marks}) {tail}", after)


def _storable(rows: list[Row]) -> list[Row]:
    """With the replacement character for the character 0, which PostgreSQL's texts cannot hold."""
    if not any("\0" in value for row in rows for value in row if isinstance(value, str)):
        return rows
    return [
        tuple(v.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(v, str) else v for v in row)
        for row in rows
    ]


def _numbers(source: Database, sums: dict[str, Sum]) -> dict[str, int]:
    """The highest number that each table with numbered rows ever gave, even to a row that is gone."""
    given: dict[str, int] = dict(source.rows(source.dialect.numbers))
    highest: dict[str, int] = {}
    for table, copied in sums.items():
        key = key_of(source, table)
        last = copied.last[columns_of(source, table).index(key[0])] if copied.last else 0
        if len(key) == 1 and isinstance(last, int):
            highest[table] = max(last, given.get(table, 0))
    return highest


def _give_numbers_after(target: Database, table: str, number: int) -> None:
    if number > 0:
        for statement in target.dialect.number_after:
            target.rows(statement, {"table": table, "column": key_of(target, table)[0], "number": number})


def _count(db: Database, table: str) -> int:
    [(rows,)] = db.rows(f"SELECT count(*) FROM {_quoted(table)}")  # noqa: S608  # from the schema
    return int(rows)


def _quoted(name: str) -> str:
    return f'"{name}"'
