"""Empty SQLite databases with all our tables, copied from one that was made once: a hundredth of the work."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

import pytest

from storage.engines import sqlite

_migrate = sqlite._migrate
_one_at_a_time = Lock()


@contextmanager
def copied_databases() -> Iterator[None]:
    """While the block runs an empty database gets its tables from a copy.

    One that has tables already is migrated as ever, and so is one that another process opens.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite, "_migrate", _copy)
        yield


@contextmanager
def made_databases() -> Iterator[None]:
    """While the block runs every database is made by its migrations, as outside of tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite, "_migrate", _migrate)
        yield


def _copy(connection: sqlite3.Connection, name: str) -> None:
    with _one_at_a_time:
        if _is_empty(connection):
            _template().backup(connection)
        else:
            _migrate(connection, name)


@cache
def _template() -> sqlite3.Connection:
    connection = sqlite3.connect(sqlite.IN_MEMORY, isolation_level=None, check_same_thread=False)
    _migrate(connection, sqlite.IN_MEMORY)
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    [(count,)] = connection.execute("SELECT count(*) FROM sqlite_master")
    return bool(count == 0)
