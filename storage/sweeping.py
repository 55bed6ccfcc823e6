"""Deleting from a table whose key says nothing of age, a stretch of the key at a time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from storage.database import Database


class Sweep(NamedTuple):
    """What goes of a table: the rows of which the condition `where` is true."""

    table: str
    key: Sequence[str]
    where: str

    def run(self, db: Database, values: Sequence[Any], limit: int) -> Iterator[int]:
        """Walk through all rows by their key; each step looks at `limit` rows and yields how many went.

        Raises:
            StorageError: the step is undone.
        """
        key = ", ".join(self.key)
        row = f"({', '.join('?' * len(self.key))})"
        ends = f"SELECT {key} FROM {self.table} WHERE ({key}) > {row} ORDER BY {key} LIMIT 1 OFFSET ?"  # noqa: S608  # constants
        delete = f"DELETE FROM {self.table} WHERE {self.where}"  # noqa: S608  # constants
        after: Sequence[Any] = db.row(f"SELECT {key} FROM {self.table} ORDER BY {key} LIMIT 1") or ()  # noqa: S608
        if not after:
            return
        yield db.execute(f"{delete} AND ({key}) = {row}", (*values, *after))
        while last := db.row(ends, (*after, limit - 1)):
            yield db.execute(f"{delete} AND ({key}) > {row} AND ({key}) <= {row}", (*values, *after, *last))
            after = last
        yield db.execute(f"{delete} AND ({key}) > {row}", (*values, *after))
