"""Heeding: what other processes changed is looked at anew, within half a second of their nudge."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.lasting import Lasting
from bot.shared.again import again_and_again
from storage.database import Database
from storage.nudges import NudgeSubject, count_nudges

_log = logging.getLogger(__name__)

LOOKS_EVERY = timedelta(seconds=0.5)


class Heeding:
    """Calls what belongs to a subject when it was nudged; the first look calls everything that ever was."""

    def __init__(self, db: Database, look_at: Mapping[NudgeSubject, Callable[[], None]]) -> None:
        self._db = db
        self._look_at = look_at
        self._seen: dict[NudgeSubject, int] = {}
        self._unread = Lasting(
            _log,
            "What other processes change cannot be read",
            over="What other processes change is read again",
        )

    def look(self) -> None:
        """See what was nudged since the last look.

        Raises:
            StorageError: that cannot be read.
        """
        counts = count_nudges(self._db)
        for subject, look in self._look_at.items():
            if counts.get(subject, 0) != self._seen.get(subject, 0):
                look()
        self._seen = counts

    async def run(self) -> None:
        """Look again and again."""
        await again_and_again(self.look, LOOKS_EVERY, self._unread)
