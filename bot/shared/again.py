"""Again and again: what is looked up in the database every so often, for as long as the process lives."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.lasting import Lasting
from storage.database import StorageError


async def again_and_again(look: Callable[[], None], every: timedelta, unread: Lasting) -> None:
    """Look after each pause. That the database cannot be read passes, and is said once while it lasts."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            look()
        except StorageError as error:
            unread.complain(error)
        else:
            unread.is_well()
