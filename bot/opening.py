"""Opening a database: another process that brings it up to date is waited for, however long that takes.

Of two processes that start together on a PostgreSQL one applies what is missing. That may take minutes where
much is stored, or where a copy is being taken of the tables that are to change.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from storage.database import BusyError, Database

_log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(seconds=3)

_Kind = TypeVar("_Kind", bound=Database)


async def opened(open_it: Callable[[], _Kind]) -> _Kind:
    """What `open_it` opens, once nobody keeps it locked.

    Raises:
        StorageError: it cannot be opened for any other reason.
    """
    is_told = False
    while True:
        try:
            db = open_it()
        except BusyError as error:
            if not is_told:
                _log.warning("%s, to bring it up to date perhaps: waiting until it is done", error)
            is_told = True
            await asyncio.sleep(AGAIN_AFTER.total_seconds())
        else:
            if is_told:
                _log.info("%s: it is free again", db.name)
            return db
