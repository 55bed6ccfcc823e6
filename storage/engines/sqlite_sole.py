"""One bot a file: held by an exclusive transaction on a file of its own beside the database.

It ends with the process in any case. (A lock on the database itself would keep out `check` and `say` too.)
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.engines.interface import StorageError, TakenError


@contextmanager
def sole_use_of(path: Path) -> Iterator[None]:
    """Be the only bot on a database file while the block runs.

    Raises:
        TakenError: another bot runs on it.
        StorageError: the file beside it cannot be written.
    """
    with closing(_connect(Path(f"{path}-bot"))) as held:
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StorageError(f"{path}-bot: the file cannot be used: {error}") from error
            raise TakenError(f"{path}: another bot is running on this database; stop it first") from error
        yield


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StorageError(f"{path}: the file cannot be opened: {error}") from error
