"""Reading beside the event loop: what takes seconds is read in a thread, on a connection of its own.

Everybody else is answered and told meanwhile. What is read is as it was at one moment. Nobody waits for it at
the end of the program, which would take as long as a market of 60 days does.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, TypeVar

from storage.database import IN_MEMORY, Database

_T = TypeVar("_T")

_MOST_AT_ONCE = 4
"""Threads share one processor: more of them would only take more memory."""
_room = threading.BoundedSemaphore(_MOST_AT_ONCE)


async def read_beside(db: Database, read: Callable[[Database], _T]) -> _T:
    """What `read` finds in a database; it runs in another thread, and may touch nothing that changes.

    Of a database in memory there is no second connection: there everybody waits.

    Raises:
        StorageError: it cannot be read.
    """
    if db.name == IN_MEMORY:
        return read(db)
    return await _unattended(lambda: _read(db, read))


def _read(db: Database, read: Callable[[Database], _T]) -> _T:
    """Opened here: a connection belongs to one thread."""
    with _room, closing(db.another()) as other, other.snapshot():
        return read(other)


async def _unattended(work: Callable[[], _T]) -> _T:
    """As `asyncio.to_thread`, but for that the program does not end only when the thread does."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def tell(settle: Callable[[Any], None], what: object) -> None:
        if not done.done():  # else whoever waited was cancelled
            settle(what)

    def run() -> None:
        settle: Callable[[Any], None]
        try:
            settle, what = done.set_result, work()
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            settle, what = done.set_exception, error  # type: ignore[assignment]  # whichever it is
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, settle, what)

    threading.Thread(target=run, name="reading", daemon=True).start()
    return await done
