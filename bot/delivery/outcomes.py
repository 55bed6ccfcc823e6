"""Writing down what became of deliveries: all that ended in one turn of the event loop in one transaction.

    waiting -> written together; the one that is refused -> alone, later and later -> written | set aside

A commit waits for the disk. At thirty messages a second that is nothing; at a thousand it would be all that
the bot does. While one batch is being written the next one gathers by itself, so nothing waits on purpose.
An outcome that the database does not take, whatever is wrong with it, holds up no other.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.lasting import Lasting
from storage.database import Database, StorageError

_log = logging.getLogger(__name__)

Write = Callable[[], None]
"""Writes one outcome down, all or nothing of it."""

MOST_REFUSALS = 8
"""An outcome that was refused so often, while others were stored, is set aside: after about three minutes."""
_RETRY_SECONDS = 1.0
_LONGEST_DOUBLINGS = 6
_REFUSED_AT_ONCE = 3
"""Where so many are refused, one after the other, it is hardly they: each may have waited for a lock."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """An outcome. `refusals`: while others were stored; `stored_before`: so many were at the last one."""

    write: Write
    written: asyncio.Future[None]
    refusals: int = 0
    stored_before: int = 0


class _Refusal(NamedTuple):
    """Why nothing was stored, and which outcome it was that was refused; None: it was none of them."""

    error: StorageError
    of: _Waiting | None


class Outcomes:
    """Of one dispatcher. Lives in one event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[_Waiting] = []
        self._next_try: asyncio.Handle | None = None
        self._alone: dict[_Waiting, asyncio.Handle] = {}
        self._stored = 0
        self._trouble = Lasting(_log, "Outcomes cannot be stored yet", over="Outcomes can be stored again")

    async def store(self, write: Write) -> None:
        """Come back when it is on disk, however often that takes: an outcome that is forgotten is sent twice.

        Raises:
            StorageError: it alone was refused, again and again, and is set aside.
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
        for handle in filter(None, (self._next_try, *self._alone.values())):
            handle.cancel()

    def _write_all(self) -> None:
        """Write all that waits, but for those that turn out to be refused."""
        self._next_try = None
        refusal = None
        for _ in range(_REFUSED_AT_ONCE):
            refusal = self._try(self._waiting)
            if refusal is None or refusal.of is None:
                break
            self._waiting.remove(refusal.of)
            self._try_alone_later(refusal.of)
            if not self._waiting:
                break
        if refusal is None:
            self._waiting = []
        else:
            self._trouble.complain(refusal.error)
        if self._waiting:
            self._next_try = asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._write_all)
        self._tell_if_well()

    def _try_alone_later(self, refused: _Waiting) -> None:
        refused.stored_before = self._stored
        wait = _RETRY_SECONDS * (1 << min(refused.refusals, _LONGEST_DOUBLINGS))
        self._alone[refused] = asyncio.get_running_loop().call_later(wait, self._write_alone, refused)

    def _write_alone(self, refused: _Waiting) -> None:
        del self._alone[refused]
        refusal = self._try([refused])
        if refusal is not None and self._stored == refused.stored_before:
            # Nothing else was stored either: it may well be the database.
            self._trouble.complain(refusal.error)
            self._try_alone_later(refused)
        elif refusal is not None:
            refused.refusals += 1
            if refused.refusals < MOST_REFUSALS:
                self._try_alone_later(refused)
            elif not refused.written.done():
                refused.written.set_exception(refusal.error)
        self._tell_if_well()

    def _tell_if_well(self) -> None:
        if not self._waiting and not self._alone:
            self._trouble.is_well()

    def _try(self, batch: Sequence[_Waiting]) -> _Refusal | None:
        """Write a batch, all or nothing of it, and let those go on who wait for it; why it was refused."""
        tried: list[_Waiting] = []
        try:
            bugs = self._written(batch, tried)
        except StorageError as error:
            return _Refusal(error, tried[-1] if tried else None)
        self._stored += len(batch)
        for each, bug in zip(batch, bugs, strict=True):
            if each.written.done():  # nobody waits any more
                continue
            if bug is None:
                each.written.set_result(None)
            else:
                each.written.set_exception(bug)
        return None

    def _written(self, batch: Sequence[_Waiting], tried: list[_Waiting]) -> list[Exception | None]:
        """Write all of it, in one transaction; the bug that each met, if it met one.

        `tried` holds those that were begun, and none once all of them were taken.
        """
        try:
            with self._db.transaction():
                for each in batch:
                    tried.append(each)
                    each.write()
                tried.clear()
        except StorageError:
            raise
        except Exception:  # noqa: BLE001  found below, and raised to whom it belongs
            tried.clear()
            with self._db.transaction():
                bugs = [self._bug_in(each, tried) for each in batch]
                tried.clear()
            return bugs
        return [None] * len(batch)

    def _bug_in(self, each: _Waiting, tried: list[_Waiting]) -> Exception | None:
        tried.append(each)
        try:
            # In a transaction of its own, so that one that fails takes nothing else back.
            with self._db.transaction():
                each.write()
        except StorageError:
            raise
        except Exception as bug:  # noqa: BLE001
            return bug
        return None
