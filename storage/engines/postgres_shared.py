"""A PostgreSQL for whoever leads or wants to: the lock of the lead, and what ends it."""

import contextlib
import os
import socket

import psycopg

from storage.engines.interface import SharedDatabase, StorageError
from storage.engines.postgres import SOLE_USE, PostgresDatabase
from storage.engines.postgres_connection import Connection
from storage.schema import APPLICATION_ID

_END_HOLDER = """
    SELECT pg_terminate_backend(pid, 2000) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid = ? AND (classid, objid, objsubid) = (?, ?, 2)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class SharedPostgres(PostgresDatabase, SharedDatabase):
    """The lock is one of the session: it is there as long as the connection that writes, and no longer."""

    _is_pinned = False

    @property
    def backend(self) -> int:
        """The number of the server's process behind this connection."""
        [(pid,)] = self.rows("SELECT pg_backend_pid()")
        return int(pid)

    def try_sole_use(self) -> bool:
        """Take the lock, where it is free."""
        return self.try_lock(SOLE_USE)

    def give_up_sole_use(self) -> None:
        """Give the lock back; a connection that is made anew does not take it again."""
        self.unlock(SOLE_USE)

    def end_sole_use_of(self, backend: int) -> None:
        """End a connection that holds the lock. Whoever took the lock just now has another number."""
        self.rows(_END_HOLDER, (backend, APPLICATION_ID, SOLE_USE))

    def pin(self) -> None:
        """From now on there is this connection, or none."""
        self._live()
        self._is_pinned = True

    def cut(self) -> None:
        """Shut its socket: whoever waits for the server on it wakes up, and finds that it is gone."""
        if (connection := self._connection) is None:
            return
        # Of a copy, for whoever uses the connection may close its own at this moment.
        with (
            contextlib.suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(connection.fileno())) as copy,
        ):
            copy.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> Connection:
        if self._is_pinned:
            raise StorageError(f"{self.name}: the connection was lost")
        return super()._connected()
