"""Leaving room: Telegram's limit is one for the whole bot, and web processes answer without asking anybody.

each web process says how many messages a second it sends -> the leader sends as many less
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from bot.delivery.pace import Pace
from bot.lasting import Lasting
from bot.shared.again import again_and_again
from storage.database import Database
from storage.processes import said_by_webs

_log = logging.getLogger(__name__)

LOOKS_EVERY = timedelta(seconds=1)


class LeavingRoom:
    """Of the leader, for the paces of its sender."""

    def __init__(self, db: Database, paces: Iterable[Pace]) -> None:
        self._db = db
        self._paces = tuple(paces)
        self._unread = Lasting(
            _log, "What web processes say cannot be read", over="What web processes say is read again"
        )

    def look(self) -> None:
        """See how much web processes say at present.

        Raises:
            StorageError: that cannot be read.
        """
        said = said_by_webs(self._db)
        for pace in self._paces:
            pace.leave_room(said)

    async def run(self) -> None:
        """Look again and again."""
        await again_and_again(self.look, LOOKS_EVERY, self._unread)
