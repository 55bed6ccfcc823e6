"""The fence: nothing leaves for Telegram from a process that may have lost the lead.

Before each request it is known that the lead was held a moment ago, over the very connection that holds the
lock; where that moment is too long ago the database is asked again. Whoever takes the lead waits for longer
than that moment before it sends, so no two processes ever send at once.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from storage.database import StorageError

CONFIRMED_FOR = timedelta(seconds=0.25)
"""So long an answer of the database counts."""
TAKEN_OVER_AFTER = 2 * CONFIRMED_FOR
"""So long a new leader waits before it does anything: until what its predecessor could know is too old."""


class Fence:
    """`is_leading` asks the database; `clock` gives seconds that only go up. Once closed it stays closed."""

    def __init__(self, is_leading: Callable[[], bool], clock: Callable[[], float] = monotonic) -> None:
        self._is_leading = is_leading
        self._clock = clock
        self._is_closed = False
        self.spoke_at = clock()
        """When the database last confirmed the lead, or rather when it was asked to."""

    def close(self) -> None:
        """From now on nothing passes. May be called from any thread."""
        self._is_closed = True

    def is_open(self) -> bool:
        """Whether this process leads at this moment, as surely as can be known."""
        if self._is_closed:
            return False
        return self._clock() - self.spoke_at < CONFIRMED_FOR.total_seconds() or self.confirm()

    def confirm(self) -> bool:
        """Ask the database whether this process still leads; else, or without an answer, the fence closes."""
        asked_at = self._clock()
        try:
            confirmed = self._is_leading()
        except StorageError:
            confirmed = False
        if not confirmed:
            self.close()
        # Somebody else may have closed it while the database was asked.
        if self._is_closed:
            return False
        self.spoke_at = asked_at
        return True
