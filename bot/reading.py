"""Reading beside the event loop: what takes seconds is read in a thread, on a connection of its own.

Everybody else is answered and told meanwhile. What is read is as it was at one moment.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from storage.database import IN_MEMORY, Database

_T = TypeVar("_T")


async def read_beside(db: Database, read: Callable[[Database], _T]) -> _T:
    """What `read` finds in a database; it runs in another thread, and may touch nothing that changes.

    Of a database in memory there is no second connection: there everybody waits.

    Raises:
        StorageError: it cannot be read.
    """
    if db.name == IN_MEMORY:
        return read(db)
    return await asyncio.to_thread(_read, db, read)


def _read(db: Database, read: Callable[[Database], _T]) -> _T:
    """Opened here: a connection belongs to one thread."""
    with closing(db.another()) as other, other.snapshot():
        return read(other)
