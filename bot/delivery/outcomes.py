"""Writing down what became of deliveries: all that ended in one turn of the event loop in one transaction.

A commit waits for the disk. At thirty messages a second that is nothing; at a thousand it would be all that
the bot does. While one batch is being written the next one gathers by itself, so nothing waits on purpose.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from bot.lasting import Lasting
from storage.database import Database, StorageError

_log = logging.getLogger(__name__)

Write = Callable[[], None]
"""Writes one outcome down, all or nothing of it."""

_RETRY_SECONDS = 1.0


class _Waiting(NamedTuple):
    write: Write
    written: asyncio.Future[None]


class Outcomes:
    """Of one dispatcher. Lives in one event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[_Waiting] = []
        self._next_try: asyncio.Handle | None = None
        self._trouble = Lasting(_log, "Outcomes cannot be stored yet", over="Outcomes can be stored again")

    async def store(self, write: Write) -> None:
        """Come back when it is on disk, however often that takes: an outcome that is forgotten is sent twice.

        Raises:
            Exception: a bug in `write`; what is written with it is on disk all the same.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(write, loop.create_future())
        self._waiting.append(waiting)
        if self._next_try is None:
            self._next_try = loop.call_soon(self._write_all)
        await waiting.written

    def stop(self) -> None:
        """Try no more: what could not be stored stays as it was, and is sent again at the next start."""
        if self._next_try is not None:
            self._next_try.cancel()

    def _write_all(self) -> None:
        self._next_try = None
        try:
            bugs = self._written()
        except StorageError as error:
            self._trouble.complain(error)
            self._next_try = asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._write_all)
            return
        self._trouble.is_well()
        batch, self._waiting = self._waiting, []
        for (_, written), bug in zip(batch, bugs, strict=True):
            if written.done():  # nobody waits any more
                continue
            if bug is None:
                written.set_result(None)
            else:
                written.set_exception(bug)

    def _written(self) -> list[Exception | None]:
        """Write all that waits, in one transaction; the bug that each met, if it met one."""
        try:
            with self._db.transaction():
                for write, _ in self._waiting:
                    write()
        except StorageError:
            raise
        except Exception:  # noqa: BLE001  found below, and raised to whom it belongs
            with self._db.transaction():
                return [self._bug_in(write) for write, _ in self._waiting]
        return [None] * len(self._waiting)

    def _bug_in(self, write: Write) -> Exception | None:
        try:
            # In a transaction of its own, so that one that fails takes nothing else back.
            with self._db.transaction():
                write()
        except StorageError:
            raise
        except Exception as bug:  # noqa: BLE001
            return bug
        return None
